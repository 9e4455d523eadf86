"""Sessions from files into a project."""

from __future__ import annotations

import sys
import zlib
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from tqdm import tqdm

from sessions_app import documents, jsontext
from sessions_app.documents import Outcome
from sessions_app.exceptions import InvalidValue
from sessions_app.management import arguments
from sessions_app.management.lines import read_lines
from sessions_app.models import Project


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


class Command(BaseCommand):
    help = (
        "Import sessions from files with one JSON document a line, as export_agent_sessions writes them. "
        "A session that the project has already is never doubled. "
        "Without --skip-errors a file is kept whole or not at all."
    )

    project: Project
    options: dict[str, Any]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help='A file, gzipped or not; "-" is standard input.')
        arguments.add_project(parser)
        parser.add_argument("--format", choices=sorted(FORMATS), default="jsonl", help="Format of the files.")
        parser.add_argument(
            "--skip-errors", action="store_true", help="Leave out lines with errors and keep the rest of the file."
        )
        parser.add_argument(
            "--replace", action="store_true", help="Overwrite stored sessions that differ from the file's."
        )
        arguments.add_no_progress(parser)
        arguments.add_database(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        self.options = options
        self.project = arguments.find_project(options["project"], options["database"])
        total: Counter[str] = Counter()
        try:
            for name in options["files"]:
                self._import_file(name, total)
        finally:
            if options["verbosity"]:
                self.stdout.write(self._summary(total))

    def _import_file(self, name: str, total: Counter[str]) -> None:
        """Import one file, and add what became of its lines to ``total``, unless all of it is taken back."""
        is_whole = not self.options["skip_errors"]
        tally: Counter[str] = Counter() if is_whole else total
        hide_progress = self.options["no_progress"] or self.options["verbosity"] == 0
        try:
            with transaction.atomic(using=self.project._state.db) if is_whole else nullcontext():
                for number, line in read_lines(name, hide_progress=hide_progress):
                    self._import_line(name, number, line, tally)
        except (OSError, EOFError, zlib.error) as error:
            kept = "Nothing of it was kept." if is_whole else "The sessions before that place were kept."
            raise CommandError(f"{name} cannot be read: {error}. {kept}") from error
        if is_whole:
            total.update(tally)

    def _import_line(self, name: str, number: int, line: bytes, tally: Counter[str]) -> None:
        place = f"{name}:{number}"
        try:
            document = FORMATS[self.options["format"]](line)
            session, outcome = documents.write(self.project, document, replace=self.options["replace"])
        except InvalidValue as error:
            self._say(f"{place}: {describe(error)}")
            if not self.options["skip_errors"]:
                raise CommandError(
                    f"Nothing of {name} was kept. --skip-errors keeps the lines without error."
                ) from error
            tally["skipped"] += 1
            return
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


def describe(error: InvalidValue) -> str:
    """``messages.3.role: Field required``."""
    way = ".".join(step if (step := str(part)).isprintable() else ascii(step) for part in error.location)
    return f"{way}: {error.message}" if way else error.message
