"""What is done to many sessions at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import F
from django.utils import timezone

from sessions_app.exceptions import SessionNotFound
from sessions_app.models import Session, Tag
from sessions_app.querysets import SessionQuerySet
from sessions_app.services import rollups
from sessions_app.services.sessions import CHUNK, check_tags
from sessions_app.transactions import atomic_write


def retitle_sessions(*, sessions: SessionQuerySet) -> int:
    """Compute generated titles and openings anew from the rows, each session in a transaction of its own.

    Gives how many changed. A name that somebody gave stays, and goes before the title.
    """
    keys = list(sessions.order_by("pk").values_list("pk", flat=True))
    rows = Session.objects.using(sessions.db)
    return sum(_retitle(rows.filter(pk=key)) for key in keys)


@atomic_write
def _retitle(rows: SessionQuerySet) -> bool:
    found = rows.only("pk", "session_id").first()
    if found is None:
        return False
    try:
        session = rollups.lock(found)
    except SessionNotFound:
        return False
    words = rollups.reopening(session)
    is_changed = any(getattr(session, column) != text for column, text in words.items())
    if is_changed:
        rollups.apply(session, added={}, changed=words)
    return is_changed


@atomic_write
def tag_sessions(*, sessions: SessionQuerySet, add: Iterable[str] = (), remove: Iterable[str] = ()) -> int:
    """Put tags on sessions, made in each one's project where they are new, and take others off.

    Gives how many sessions changed. A name that is in both is put on. Raises InvalidValue.
    """
    added, removed = check_tags(add), check_tags(remove)
    removed = [name for name in removed if name not in added]
    keys = list(sessions.order_by("pk").values_list("pk", flat=True))
    chunks = (keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK))
    return sum(_tag(sessions.db, chunk, added, removed) for chunk in chunks)


def _tag(using: str, keys: list[int], added: list[str], removed: list[str]) -> int:
    projects = rollups.lock_all(using, keys)
    labels = Session.tags.through.objects.using(using)
    named = labels.filter(session__in=projects, tag__name__in=[*added, *removed])
    there = {(session, name): key for key, session, name in named.values_list("pk", "session_id", "tag__name")}
    tags = _make_tags(using, set(projects.values()), added)
    missing = [(session, name) for session in projects for name in added if (session, name) not in there]
    labels.bulk_create(
        [Session.tags.through(session_id=session, tag_id=tags[projects[session], name]) for session, name in missing],
        batch_size=CHUNK,
        ignore_conflicts=True,
    )
    gone = {pair: key for pair, key in there.items() if pair[1] in removed}
    labels.filter(session__in=keys, tag__name__in=removed).delete()
    changed = {session for session, _name in (*missing, *gone)}
    rows = Session.objects.using(using).filter(pk__in=changed)
    rows.update(revision=F("revision") + 1, updated_at=timezone.now())
    return len(changed)


def _make_tags(using: str, projects: Collection[int], names: list[str]) -> dict[tuple[int, str], int]:
    tags = Tag.objects.using(using)
    found = tags.filter(project__in=projects, name__in=names)
    known = set(found.values_list("project_id", "name"))
    wanted = [(project, name) for project in projects for name in names if (project, name) not in known]
    tags.bulk_create([Tag(project_id=project, name=name) for project, name in wanted], ignore_conflicts=True)
    return {(project, name): key for key, project, name in found.all().values_list("pk", "project_id", "name")}
