"""Files of sessions, made while they are sent: nothing holds more than a few rows at once."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from sessions_app import documents, exports
from sessions_app.documents.export import stored_runs
from sessions_app.exceptions import SessionNotFound
from sessions_app.models import Message, RunMetadata, Session
from sessions_app.models.usage import TOKEN_FIELDS

RUN_COLUMNS = (
    *("run_id", "parent_run_id", "status", "is_error", "error", "model_provider", "model_id", "turns", "duration_ms"),
    *TOKEN_FIELDS,
)
HEADINGS = ("project", "session_id", "user_id", "agent_id", *RUN_COLUMNS, "created_at", "updated_at")
BLOCK = 2**16
_FORMULA = re.compile(r"^\s*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def download(chunks: Iterable[bytes], name: str, content_type: str) -> StreamingHttpResponse:
    """A file to keep, sent as it is made."""
    response = StreamingHttpResponse(_in_blocks(chunks), content_type=content_type)
    response["Content-Disposition"] = str(content_disposition_header(True, name))
    return response


def jsonl(keys: list[Any]) -> Iterator[bytes]:
    """The interchange documents of sessions, one a line, as ``import_agent_sessions`` reads them."""
    for session in stored(keys):
        try:
            yield from (piece.encode() for piece in documents.pieces(session))
        except SessionNotFound:  # Deleted since it was chosen.
            continue
        yield b"\n"


def markdown(session: Session) -> Iterator[bytes]:
    """A session as a Markdown document."""
    for line in exports.markdown_lines(session, documents.in_chunks(Message.objects.conversation(session), "position")):
        yield f"{line}\n".encode("utf-8", "replace")


def markdown_archive(keys: list[Any]) -> Iterator[bytes]:
    """Sessions as Markdown documents in a zip archive."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for session in stored(keys):
            with archive.open(file_name(session, "md", is_unique=True), "w") as file:
                for line in markdown(session):
                    file.write(line)
                    yield sink.take()
    yield sink.take()


def runs_csv(keys: list[Any]) -> Iterator[bytes]:
    """The runs of sessions as a table, with the mark by which spreadsheets know UTF-8."""
    yield "\ufeff".encode()
    yield _csv_line(HEADINGS)
    for session in stored(keys):
        for run in stored_runs(session):
            yield _csv_line(_run_values(session, run))


def stored(keys: list[Any]) -> Iterator[Session]:
    """The sessions with these primary keys that are still there, in that order."""
    rows = Session.objects.select_related("agent", "project")
    for key in keys:
        yield from rows.filter(pk=key).order_by()


def file_name(session: Session, ending: str, *, is_unique: bool = False) -> str:
    """A name that every file system takes; with the primary key where session ids may look alike."""
    name = re.sub(r"[^\w-]+", "-", session.session_id, flags=re.ASCII).strip("-")[:80] or "session"
    return f"{name}-{session.pk}.{ending}" if is_unique else f"{name}.{ending}"


def _in_blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces that are worth sending, none of them empty."""
    block = bytearray()
    for chunk in chunks:
        block += chunk
        if len(block) >= BLOCK:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)


def _run_values(session: Session, run: RunMetadata) -> list[Any]:
    agent = run.agent.agent_id if run.agent else ""
    values = [getattr(run, column) for column in RUN_COLUMNS]
    moments = (run.created_at.isoformat(), run.updated_at.isoformat())
    return [session.project.name, session.session_id, run.user_id or session.user_id, agent, *values, *moments]


def _csv_line(values: Iterable[Any]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow([_harmless(value) for value in values])
    return line.getvalue().encode("utf-8", "replace")


def _harmless(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula, marked as text."""
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


class _Sink(io.RawIOBase):
    """Takes what an archive writes until somebody sends it on."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held += data
        return len(data)

    def take(self) -> bytes:
        held, self._held = bytes(self._held), bytearray()
        return held
