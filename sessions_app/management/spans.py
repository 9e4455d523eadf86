"""OpenTelemetry spans from files, as the Collector's file exporter writes them, or one request as an SDK sends it."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from django.core.management.base import CommandError
from django.db import transaction

from sessions_app import conf, jsontext
from sessions_app.exceptions import InvalidValue
from sessions_app.management.lines import STANDARD, read_lines
from sessions_app.models import Project
from sessions_app.telemetry.store import store_spans

_GZIP_MAGIC = b"\x1f\x8b"
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
    """Whether the first line is JSON by itself."""
    for _, line in read_lines(name, hide_progress=True):
        try:
            return isinstance(jsontext.loads(line), dict)
        except (ValueError, RecursionError):
            return False
    return True


def _whole(name: str) -> bytes:
    limit = conf.get("MAX_BODY_BYTES")
    with Path(name).open("rb") as raw:
        is_packed = raw.read(2) == _GZIP_MAGIC
        raw.seek(0)
        body: bytes = (gzip.GzipFile(fileobj=raw) if is_packed else raw).read(limit + 1)
    if len(body) > limit:
        raise CommandError(f"{name} holds one request that is larger than {limit} bytes, and no lines.")
    return body
