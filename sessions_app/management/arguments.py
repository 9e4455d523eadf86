"""What the commands read from their command line alike. Each raises CommandError with a sentence."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser
from django.db import connections

from sessions_app.documents import readers
from sessions_app.exceptions import InvalidValue
from sessions_app.models import Project

PROJECT_HELP = "Project id (a UUID). Without it: the oldest project, made when there is none yet."


def add_project(parser: CommandParser) -> None:
    parser.add_argument("--project", metavar="UUID", help=PROJECT_HELP)


def add_database(parser: CommandParser) -> None:
    parser.add_argument(
        "--database",
        metavar="ALIAS",
        default="default",
        choices=tuple(connections),
        help='Alias of the database in DATABASES. Default: "default".',
    )


def add_no_progress(parser: CommandParser) -> None:
    parser.add_argument("--no-progress", action="store_true", help="Show no progress bar, not even on a terminal.")


def hides_progress(options: dict[str, Any]) -> bool:
    """Whether a command was told to show no progress bar."""
    return bool(options["no_progress"] or options["verbosity"] == 0)


def find_project(value: str | None, using: str) -> Project:
    """The project of this id; the default one where ``value`` is None."""
    projects = Project.objects.using(using)
    if value is None:
        return projects.default()
    project = projects.filter(project_id=uuid(value, "--project")).first()
    if project is None:
        raise CommandError(f"There is no project {value}.")
    return project


def uuid(value: str, option: str) -> UUID:
    try:
        return UUID(value)
    except ValueError as error:
        raise CommandError(f"{option} must be a UUID, not {value!r}.") from error


def moment(value: str, option: str) -> datetime:
    """ISO 8601; without an offset it is UTC."""
    try:
        return readers.moment(value)
    except InvalidValue as error:
        message = f"{option} must be a moment such as 2030-01-31T12:00:00+00:00, not {value!r}."
        raise CommandError(message) from error


def number_of(count: int, noun: str) -> str:
    """``1 session``, ``2 sessions``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
