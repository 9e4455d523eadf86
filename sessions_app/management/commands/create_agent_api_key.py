"""A new API key, and its project where that is new."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from sessions_app.exceptions import InvalidValue
from sessions_app.management import arguments
from sessions_app.models import APIKey, Project
from sessions_app.text import MAX_IDENTIFIER_LENGTH, check_identifier

MAX_NAME_LENGTH = APIKey._meta.get_field("name").max_length or 0


class Command(BaseCommand):
    help = (
        "Create an API key. The key alone goes to standard output, once: only its hash is kept. "
        "Everything else goes to standard error, so KEY=$(... create_agent_api_key NAME) works."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help=f"What the key is for; at most {MAX_NAME_LENGTH} characters.")
        parser.add_argument(
            "--project", metavar="UUID", help=f"{arguments.PROJECT_HELP} A project that is new is made, with this id."
        )
        parser.add_argument(
            "--organization", metavar="UUID", help="Organization of a new project; an existing one must have it."
        )
        parser.add_argument(
            "--scope",
            choices=APIKey.Scope.values,
            default=APIKey.Scope.WRITE.value,
            help="What the key may do. Default: write, which includes reading.",
        )
        parser.add_argument("--user-id", metavar="ID", help="Let the key see and write the sessions of this user only.")
        parser.add_argument("--expires", metavar="ISO", help="When the key ends, such as 2030-01-31 (UTC).")

    def handle(self, *args: Any, **options: Any) -> None:
        name = _checked(options["name"].strip(), "NAME", MAX_NAME_LENGTH)
        user_id = None if options["user_id"] is None else _checked(options["user_id"], "--user-id")
        expires = _expiry(options["expires"])
        with transaction.atomic():
            project = _project(_uuid(options, "project"), _uuid(options, "organization"))
            key = APIKey(name=name, project=project, scope=options["scope"], user_id=user_id, expiry_date=expires)
            secret = APIKey.objects.assign_key(key)
            key.save()
        self.stdout.write(secret)
        self.stderr.write(explanation(key, project), lambda text: text)


def explanation(key: APIKey, project: Project) -> str:
    lines = [
        f"Project:      {project.project_id} ({project.name})",
        f"Organization: {project.organization_id}",
        f"Scope:        {key.scope}",
        *([f"User:         {key.user_id}"] if key.is_bound else []),
        *([f"Expires:      {key.expiry_date.isoformat()}"] if key.expiry_date else []),
        "Keep the key now: it is shown this once.",
    ]
    return "\n".join(lines)


def _checked(value: str, argument: str, limit: int = MAX_IDENTIFIER_LENGTH) -> str:
    try:
        return check_identifier(value, argument, limit)
    except InvalidValue as error:
        raise CommandError(f"{argument}: {error.message}.") from error


def _uuid(options: dict[str, Any], name: str) -> UUID | None:
    return None if options[name] is None else arguments.uuid(options[name], f"--{name}")


def _expiry(value: str | None) -> datetime | None:
    if value is None:
        return None
    moment = arguments.moment(value, "--expires")
    if moment <= timezone.now():
        raise CommandError(f"--expires must lie in the future, not at {value}.")
    return moment


def _project(project_id: UUID | None, organization_id: UUID | None) -> Project:
    """The project of this id (the default one, where it is None), made where there is none."""
    given = {} if organization_id is None else {"organization_id": organization_id}
    if project_id is None:
        project = Project.objects.default(**given)
    else:
        made = {"name": f"Project {str(project_id)[:8]}", **given}
        project, _ = Project.objects.get_or_create(project_id=project_id, defaults=made)
    if organization_id is not None and project.organization_id != organization_id:
        raise CommandError(f"Project {project.project_id} belongs to another organization, {project.organization_id}.")
    return project
