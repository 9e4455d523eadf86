"""OpenTelemetry spans from files, as the Collector's file exporter writes them, or one request as an SDK sends it."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

from django.core.management.base import CommandError
from django.db import transaction

from sessions_app import conf, jsontext
from sessions_app.exceptions import InvalidValue
from sessions_app.management.lines import STANDARD, read_lines, unpacked
from sessions_app.models import Project
from sessions_app.telemetry.store import store_spans

_LACKING = 'The format otlp needs the packages of "django-agent-sessions[otlp]".'


def import_spans(project: Project, name: str, *, skip_errors: bool, hide_progress: bool) -> Iterator[tuple[int, str]]:
    """Store a file's spans: for each request in it, how many spans it had, and what is wrong with it or "".

    Without ``skip_errors`` the first thing wrong ends the import with CommandError, and nothing of the file is kept.
    """
    if skip_errors:
        yield from _store(project, name, hide_progress)
        return
    with transaction.atomic(using=project._state.db):
        for count, problem in _store(project, name, hide_progress):
            if problem:
                raise CommandError(f"{problem}. Nothing of {name} was kept. --skip-errors keeps what is without error.")
            yield count, problem


def _store(project: Project, name: str, hide_progress: bool) -> Iterator[tuple[int, str]]:
    try:
        from sessions_app.telemetry import otlp
    except ImportError as error:
        raise CommandError(_LACKING) from error
    try:
        for place, body, media_type in _requests(name, hide_progress):
            try:
                spans = otlp.decode(body, media_type)
            except InvalidValue as error:
                yield 0, f"{place}: {error.message}"
                continue
            rejected, why = store_spans(project=project, spans=spans)
            yield len(spans) - rejected, f"{place}: {rejected} of {len(spans)} spans: {why}" if rejected else ""
    except (OSError, EOFError, zlib.error) as error:
        raise CommandError(f"{name} cannot be read: {error}.") from error


def _requests(name: str, hide_progress: bool) -> Iterator[tuple[str, bytes, str]]:
    """Each request: where it lies, its bytes and their media type."""
    from sessions_app.telemetry.otlp import JSON, PROTOBUF

    if name != STANDARD and not _is_of_lines(name):
        body = _whole(name)
        yield name, body, JSON if body.lstrip()[:1] == b"{" else PROTOBUF
        return
    for number, line in read_lines(name, hide_progress=hide_progress):
        yield f"{name}:{number}", line, JSON


def _is_of_lines(name: str) -> bool:
    """Whether the first line, if there is one, is JSON by itself."""
    first = next(read_lines(name, hide_progress=True), None)
    try:
        return first is None or isinstance(jsontext.loads(first[1]), dict)
    except (ValueError, RecursionError):
        return False


def _whole(name: str) -> bytes:
    limit = conf.get("MAX_BODY_BYTES")
    with Path(name).open("rb") as raw, unpacked(raw) as content:
        body: bytes = content.read(limit + 1)
    if len(body) > limit:
        raise CommandError(f"{name} holds one request that is larger than {limit} bytes, and no lines.")
    return body
