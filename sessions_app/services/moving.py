"""Sessions that go to another user or project."""

from __future__ import annotations

from typing import Any, TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from sessions_app.exceptions import InvalidValue, SessionExists
from sessions_app.models import Agent, Project, RunMetadata, Session, Tag
from sessions_app.services import rollups
from sessions_app.services.agents import ensure_agent
from sessions_app.text import MAX_IDENTIFIER_LENGTH, check_text
from sessions_app.transactions import atomic_write


class Destination(TypedDict, total=False):
    """Where a session goes; what is not said stays."""

    user_id: str | None
    project: Project


@atomic_write
def move_session(*, session: Session, **to: Unpack[Destination]) -> Session:
    """Give a session to another user, another project, or both. Raises SessionExists, SessionNotFound, InvalidValue.

    Its runs go to the new user where they were the old one's. In another project its agents and tags are made anew
    where that lacks them, and it is no branch, nor has it any, across the border.
    """
    locked = rollups.lock(session)
    changed: dict[str, Any] = {}
    if "user_id" in to and to["user_id"] != locked.user_id:
        changed["user_id"] = _check_user(to["user_id"])
        if locked.user_id is not None:
            _runs(locked).filter(user_id=locked.user_id).update(user_id=to["user_id"])
    if "project" in to and to["project"].pk != locked.project_id:
        changed |= _enter(locked, to["project"])
    if changed:
        rollups.apply(locked, added={}, changed=changed)
    return Session.objects.using(session._state.db).for_reading().get(pk=session.pk)


def _enter(session: Session, project: Project) -> dict[str, Any]:
    """Put a session into a project; the columns that change besides."""
    if project._state.db != session._state.db:
        raise InvalidValue(_("The project lies in another database"), location=("project",))
    rows = Session.objects.using(session._state.db)
    try:
        with transaction.atomic(using=session._state.db):
            rows.filter(pk=session.pk).update(project=project)
    except IntegrityError as error:
        if rows.filter(project=project, session_id=session.session_id).exists():
            raise SessionExists(session.session_id) from error
        raise
    names = list(session.tags.values_list("name", flat=True))
    tags = Tag.objects.using(session._state.db)
    session.tags.set([tags.get_or_create(project=project, name=name)[0] for name in names])
    session.branches.exclude(project=project).update(parent=None, branched_at=None)
    agents = _move_agents(session, project)
    changed: dict[str, Any] = {"agent": agents.get(session.agent_id)}
    if session.parent is not None and session.parent.project_id != project.pk:
        changed |= {"parent": None, "branched_at": None}
    return changed


def _move_agents(session: Session, project: Project) -> dict[int | None, Agent]:
    """The target's agents by the keys of those that the session and its runs name; the runs have them already."""
    keys = {session.agent_id, *_runs(session).order_by().values_list("agent", flat=True).distinct()}
    moved: dict[int | None, Agent] = {}
    for agent in Agent.objects.using(session._state.db).filter(pk__in=keys - {None}).order_by("pk"):
        moved[agent.pk] = ensure_agent(
            project=project, agent_id=agent.agent_id, type=agent.type, name=agent.name, model=agent.model
        )
        _runs(session).filter(agent=agent).update(agent=moved[agent.pk])
    return moved


def _runs(session: Session) -> Any:
    return RunMetadata.objects.using(session._state.db).filter(session=session)


def _check_user(user_id: str | None) -> str | None:
    return None if user_id is None else check_text(user_id, "user_id", MAX_IDENTIFIER_LENGTH)
