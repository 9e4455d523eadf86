"""Which project an adapter keeps its sessions in."""

from __future__ import annotations

from uuid import UUID

from sessions_app.models import Project


def find_project(named: Project | UUID | str | None, using: str) -> Project:
    """The named project, by itself or by its id, as a database knows it; without a name the default one.

    Raises ValueError for what is no project's id, and Project.DoesNotExist.
    """
    if isinstance(named, Project) and named._state.db == using:
        return named
    projects = Project.objects.using(using)
    if named is None:
        return projects.default()
    return projects.get(project_id=named.project_id if isinstance(named, Project) else UUID(str(named)))
