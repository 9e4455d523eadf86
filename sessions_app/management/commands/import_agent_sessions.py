"""Sessions from files, or from another framework's own store, into a project."""

from __future__ import annotations

import re
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, nullcontext
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from tqdm import tqdm

from sessions_app import documents, jsontext, sources
from sessions_app.documents import Outcome
from sessions_app.exceptions import InvalidValue
from sessions_app.management import arguments
from sessions_app.management.lines import progress, read_lines
from sessions_app.management.portions import in_portions
from sessions_app.management.spans import import_spans
from sessions_app.models import Project, Session


def read_jsonl(line: bytes) -> Any:
    """The value of one line. Raises InvalidValue."""
    try:
        return jsontext.loads(line.decode())
    except UnicodeDecodeError as error:
        raise InvalidValue(f"Not UTF-8: {error.reason} at byte {error.start + 1} of the line") from error
    except RecursionError as error:
        raise InvalidValue("Nested too deeply") from error
    except ValueError as error:
        raise InvalidValue(f"Not JSON: {error}") from error


FORMATS: dict[str, Callable[[bytes], Any]] = {"jsonl": read_jsonl}
"""How one line of a file becomes a session's document."""
PORTION, PORTION_BYTES = 400, 2**21
"""Lines written in one transaction, and the bytes after which it is full with fewer."""
STORE_PORTION = 20
"""Sessions of another store written in one transaction."""
Placed = tuple[str, Any]
"""Where a document stands, for errors, and the document; an InvalidValue where nobody can read it."""
OTLP = "otlp"
"""Files of OpenTelemetry spans, many of which make a session."""


class Command(BaseCommand):
    help = (
        "Import sessions from files with one JSON document a line, as export_agent_sessions writes them, or (--from) "
        "from the database in which an agent framework kept them so far. "
        "A session that the project has already is never doubled. "
        "Without --skip-errors a file is kept whole or not at all; out of a database each session is kept for itself, "
        "so that an interrupted import goes on when it is started again."
    )

    project: Project
    options: dict[str, Any]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", metavar="FILE", help='A file, gzipped or not; "-" is standard input.')
        known = ", ".join(f"{scheme}://" for scheme in sources.schemes())
        parser.add_argument("--from", dest="source", metavar="URL", help=f"Address of another store. Known: {known}.")
        arguments.add_project(parser)
        parser.add_argument("--format", choices=[*sorted(FORMATS), OTLP], default="jsonl", help="Format of the files.")
        parser.add_argument(
            "--skip-errors", action="store_true", help="Leave out lines with errors and keep the rest of the file."
        )
        parser.add_argument(
            "--replace", action="store_true", help="Overwrite stored sessions that differ from the file's."
        )
        arguments.add_no_progress(parser)
        arguments.add_database(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["files"]) == bool(options["source"]):
            raise CommandError("Name either files or, with --from, another store.")
        if options["source"] and options["format"] == OTLP:
            raise CommandError("--format is for files. What --from names has its own.")
        self.options = options
        self.hide_progress = arguments.hides_progress(options)
        self.project = arguments.find_project(options["project"], options["database"])
        if options["format"] == OTLP:
            return self._import_spans()
        total: Counter[str] = Counter()
        try:
            for name in options["files"]:
                self._import_file(name, total)
            if options["source"]:
                self._import_store(options["source"], total)
        finally:
            if options["verbosity"]:
                self.stdout.write(self._summary(total))

    def _import_spans(self) -> None:
        """Import files of OpenTelemetry spans, each whole or with --skip-errors what can be kept of it."""
        stored = 0
        skip_errors = self.options["skip_errors"]
        for name in self.options["files"]:
            found = import_spans(self.project, name, skip_errors=skip_errors, hide_progress=self.hide_progress)
            for count, problem in found:
                stored += count
                if problem:
                    self._say(problem)
        if self.options["verbosity"]:
            self.stdout.write(
                f"{arguments.number_of(stored, 'span')} read. Those that were here already changed nothing."
            )

    def _import_file(self, name: str, total: Counter[str]) -> None:
        """Import one file, and add what became of its lines to ``total``, unless all of it is taken back."""
        is_whole = not self.options["skip_errors"]
        tally: Counter[str] = Counter() if is_whole else total
        try:
            with transaction.atomic(using=self.project._state.db) if is_whole else nullcontext():
                self._write(
                    self._documents(name),
                    tally,
                    f"Nothing of {name} was kept. --skip-errors keeps the lines without error.",
                )
        except (OSError, EOFError, zlib.error) as error:
            kept = "Nothing of it was kept." if is_whole else "The sessions before that place were kept."
            raise CommandError(f"{name} cannot be read: {error}. {kept}") from error
        if is_whole:
            total.update(tally)

    def _documents(self, name: str) -> Iterator[tuple[Placed, float]]:
        for number, line in read_lines(name, hide_progress=self.hide_progress):
            document = _read(FORMATS[self.options["format"]], line)
            yield (f"{name}:{number}", document), max(1 / PORTION, len(line) / PORTION_BYTES)

    def _import_store(self, url: str, tally: Counter[str]) -> None:
        """Import another framework's store, session by session."""
        stopped = "The sessions before it were kept. --skip-errors goes on behind it."
        with ExitStack() as stack:
            try:
                source = stack.enter_context(sources.open_source(url))
            except InvalidValue as error:
                raise CommandError(f"--from {without_password(url)}: {error.message}") from error
            except ImportError as error:
                raise CommandError(
                    f"--from {without_password(url)} needs a package that is not installed: {error}"
                ) from error
            bar = stack.enter_context(progress(total=len(source), hide=self.hide_progress, unit=" sessions"))
            self._write(_placed(source, bar), tally, stopped)

    def _write(self, placed: Iterable[tuple[Placed, float]], tally: Counter[str], consequence: str) -> None:
        """Store documents in portions. Without ``--skip-errors`` the first error ends it with ``consequence``."""
        for portion in in_portions(placed):
            results = documents.write_portion(
                self.project,
                [document for _, document in portion],
                replace=self.options["replace"],
                stops=not self.options["skip_errors"],
            )
            for (place, _), result in zip(portion, results, strict=False):
                if isinstance(result, InvalidValue):
                    self._skip(place, result, consequence)
                    tally["skipped"] += 1
                else:
                    self._count(place, *result, tally)

    def _skip(self, place: str, error: InvalidValue, consequence: str) -> None:
        self._say(f"{place}: {describe(error)}")
        if not self.options["skip_errors"]:
            raise CommandError(consequence) from error

    def _count(self, place: str, session: Session, outcome: Outcome, tally: Counter[str]) -> None:
        tally[outcome.value] += 1
        if outcome in {Outcome.CREATED, Outcome.REPLACED}:
            tally["messages"] += session.message_count
        if outcome is Outcome.DIFFERS:
            what = f'session "{session.session_id}" differs from the stored one, which was left as it is'
            self._say(f"{place}: {what}; --replace overwrites it.")

    def _say(self, text: str) -> None:
        with tqdm.external_write_mode(file=sys.stderr):
            self.stderr.write(text)

    def _summary(self, total: Counter[str]) -> str:
        imported = arguments.number_of(total["created"], "session")
        messages = arguments.number_of(total["messages"], "message")
        replaced = f"{total['replaced']} replaced, " if self.options["replace"] else ""
        rest = f"{total['unchanged']} unchanged, {total['differs']} differ, {total['skipped']} skipped."
        return f"{imported} imported ({messages}), {replaced}{rest}"


def _read(reader: Callable[[bytes], Any], line: bytes) -> Any:
    try:
        return reader(line)
    except InvalidValue as error:
        return error


def _placed(source: Iterable[tuple[str, Any]], bar: tqdm[Any]) -> Iterator[tuple[Placed, float]]:
    for session_id, document in source:
        bar.update()
        yield (f"session {session_id!a}", document), 1 / STORE_PORTION


def without_password(url: str) -> str:
    """A URL for logs: ``scheme://user:***@host``."""
    return re.sub(r"(://[^/@:]*):[^/@]*@", r"\1:***@", url)


def describe(error: InvalidValue) -> str:
    """``messages.3.role: Field required``."""
    way = ".".join(step if (step := str(part)).isprintable() else ascii(step) for part in error.location)
    return f"{way}: {error.message}" if way else error.message
