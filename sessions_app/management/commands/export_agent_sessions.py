"""Sessions of a project into a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sessions_app import documents
from sessions_app.exceptions import SessionNotFound
from sessions_app.management import arguments
from sessions_app.management.lines import STANDARD, progress, whole_file
from sessions_app.models import Session
from sessions_app.querysets import SessionQuerySet


class Command(BaseCommand):
    help = (
        "Export sessions of one project, one JSON document a line, oldest first; import_agent_sessions reads them "
        "back. Several filters leave the sessions that meet all of them. A branch of a session can be imported only "
        "where its parent is, so export both."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--output",
            metavar="FILE",
            default=STANDARD,
            help='Where to write, gzipped where it ends in ".gz"; "-", the default, is standard output. '
            "An unfinished file ends in .part.",
        )
        arguments.add_project(parser)
        parser.add_argument("--agent", metavar="ID", help="Only sessions of this agent, team or workflow.")
        parser.add_argument("--user", metavar="ID", help="Only sessions of this user.")
        parser.add_argument("--type", choices=Session.Type.values, help="Only sessions of this type.")
        parser.add_argument(
            "--session", metavar="ID", action="append", help="Only this session; may be given several times."
        )
        parser.add_argument("--since", metavar="ISO", help="Only sessions changed at this moment or later (UTC).")
        parser.add_argument(
            "--until", metavar="ISO", help="Only sessions last changed at this moment or earlier (UTC)."
        )
        parser.add_argument("--tag", metavar="T", help="Only sessions with this tag.")
        arguments.add_no_progress(parser)
        arguments.add_database(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        sessions = _chosen(options)
        output = options["output"]
        hide_progress = arguments.hides_progress(options)
        try:
            if output == STANDARD:
                exported = _write(sessions, lambda text: self.stdout.write(text, ending=""), hide_progress)
                self.stdout.flush()
            else:
                with whole_file(output) as file:
                    exported = _write(sessions, file.write, hide_progress)
        except BrokenPipeError:
            # Who read us has seen enough. Nothing may be left to flush when Python ends, or it would complain.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error}") from error
        if options["verbosity"]:
            self.stderr.write(f"{arguments.number_of(exported, 'session')} exported.", lambda text: text)


def _chosen(options: dict[str, Any]) -> SessionQuerySet:
    project = arguments.find_project(options["project"], options["database"])
    sessions = Session.objects.using(options["database"]).filter(project=project)
    if options["agent"] is not None:
        sessions = sessions.for_agent(options["agent"])
    columns = {"user": "user_id", "type": "type", "tag": "tags__name"}
    sessions = sessions.filter(**{columns[name]: options[name] for name in columns if options[name] is not None})
    since, until = (
        arguments.moment(options[name], f"--{name}") if options[name] else None for name in ("since", "until")
    )
    return _with_ids(sessions.between("updated_at", since, until), options["session"])


def _with_ids(sessions: SessionQuerySet, session_ids: list[str] | None) -> SessionQuerySet:
    if session_ids is None:
        return sessions
    found = sessions.filter(session_id__in=session_ids)
    if missing := sorted(set(session_ids) - set(found.values_list("session_id", flat=True))):
        raise CommandError(f"No such session, or another filter leaves it out: {', '.join(missing)}")
    return found


def _write(sessions: SessionQuerySet, write: Callable[[str], Any], hide_progress: bool) -> int:
    exported = 0
    with progress(total=sessions.count(), hide=hide_progress, unit=" sessions") as bar:
        for text in documents.texts(sessions):
            bar.update()
            try:
                for piece in text:
                    write(piece)
            except SessionNotFound:  # Deleted since we found it.
                continue
            write("\n")
            exported += 1
    return exported
