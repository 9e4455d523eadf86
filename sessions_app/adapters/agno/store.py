"""Where sessions lie: a project in one of Django's databases."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections

from sessions_app import conf
from sessions_app.adapters.projects import find_project
from sessions_app.models import Project
from sessions_app.remembered import Remembered

ELSEWHERE = ("db_url", "db_file", "db_engine", "db_schema", "session_table", "runs_table")
"""What would make agno's own databases keep sessions in another place than ours are in."""
MEMORY_SECONDS = 5


class Store:
    """The project that a database class reads and writes. Nothing is asked of the database before its first use."""

    def open(self, project: Project | UUID | str | None, using: str | None) -> None:
        """Say where sessions lie. Raises ValueError for what is no project's id, and no database."""
        is_known = isinstance(project, Project)
        self.using = using or (project._state.db if is_known and project._state.db else DEFAULT_DB_ALIAS)  # type: ignore[union-attr]
        if self.using not in connections:
            raise ValueError(f"{self.using!r} is not among Django's DATABASES")
        self._named = project or None
        self._wanted = project.project_id if isinstance(project, Project) else project and UUID(str(project))
        self._known = Remembered[Project](size=1)

    @property
    def project(self) -> Project:
        """The project that was named; without a name the oldest one, made where there is none yet.

        Looked up anew after a few seconds, and each time in a transaction: taken back, that may take it along.
        """
        if connections[self.using].in_atomic_block:
            return find_project(self._named, self.using)
        found = self._known.get(self._wanted)
        if found is None:
            found = find_project(self._named, self.using)
            self._known.keep(self._wanted, found, MEMORY_SECONDS)
        return found

    @property
    def key(self) -> object:
        """What two stores share that keep the same sessions."""
        return self.using, self._wanted

    @property
    def place(self) -> dict[str, Any]:
        """The arguments that lead here again."""
        return {"project": str(self._wanted) if self._wanted else None, "using": self.using}

    @property
    def public_id(self) -> str:
        """What agno knows this database by, in every process: the project, else the public id of Django's database."""
        names = {alias: name for name, alias in conf.get("DB_IDS").items()}
        return str(self._wanted) if self._wanted else str(names.get(self.using, self.using))


def check_elsewhere(owner: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments of agno's own databases that mean nothing here. Raises TypeError for those that would."""
    for name in ELSEWHERE:
        value = arguments.pop(name, None)
        if value is not None and value not in ("agno_sessions", "agno_runs"):
            raise TypeError(
                f"{owner} keeps sessions in Django's own tables, so {name}={value!r} cannot say where. "
                "Choose a database of DATABASES with using=..., and keep sessions apart with project=..."
            )
    return arguments
