"""What is known of a session beside what was said in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Left
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from sessions_app.admin import moments, numbers
from sessions_app.admin.addresses import session_url
from sessions_app.admin.display import link, list_link
from sessions_app.admin.transcript.links import Links
from sessions_app.admin.transcript.text import Body, one_line, value_body
from sessions_app.admin.transcript.timeline import Timeline, timeline_of
from sessions_app.costs import cost_of_session
from sessions_app.models import Message, RunMetadata, Session
from sessions_app.models.usage import TOKEN_FIELDS

OTHERS = 10
CUT = 120


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of facts; ``copied`` is what its button copies."""

    name: str
    value: SafeString | str
    copied: str = ""


@dataclass(frozen=True, slots=True)
class Related:
    """Another session."""

    url: str
    title: str
    time: SafeString


@dataclass(frozen=True, slots=True)
class SideBar:
    """All that stands beside the messages."""

    facts: list[Fact]
    tokens: list[Fact]
    data: list[tuple[str, Body]]
    tags: list[str]
    timeline: Timeline
    parent: Related | None
    branches: list[Related]
    others: list[Related]
    has_more_others: bool


def sidebar_of(session: Session, links: Links) -> SideBar:
    """The side bar of a session."""
    others = _related(_others(session), OTHERS + 1)
    return SideBar(
        facts=_facts(session),
        tokens=_tokens(session),
        data=_data(session),
        tags=[one_line(tag.name, 100) for tag in session.tags.all()],
        timeline=timeline_of(session.pk, links),
        parent=_relate(session.parent, "") if session.parent else None,
        branches=_related(session.branches.order_by("-created_at"), OTHERS),
        others=others[:OTHERS],
        has_more_others=len(others) > OTHERS,
    )


def _facts(session: Session) -> list[Fact]:
    facts = [
        Fact(_("Session id"), one_line(session.session_id, 255), session.session_id),
        Fact(_("Agent"), link(session.agent) if session.agent else ""),
        Fact(_("User"), one_line(session.user_id or "", 255), session.user_id or ""),
        Fact(_("Type"), session.get_type_display()),
        Fact(_("Project"), link(session.project)),
        Fact(_("Created"), moments.moment(session.created_at)),
        Fact(_("Updated"), moments.moment(session.updated_at)),
        Fact(_("Messages"), list_link(Message, numbers.whole(session.message_count), session=session.pk)),
        Fact(_("Runs"), list_link(RunMetadata, numbers.whole(session.run_count), session=session.pk)),
        Fact(_("Errors"), numbers.whole(session.error_count) if session.error_count else ""),
        Fact(_("Cost"), numbers.dollars(cost) if (cost := cost_of_session(session)) is not None else ""),
    ]
    return [fact for fact in facts if fact.value]


def _tokens(session: Session) -> list[Fact]:
    names = {name: str(Session._meta.get_field(name).verbose_name) for name in TOKEN_FIELDS}  # type: ignore[union-attr]
    counts = session.usage
    return [Fact(capfirst(names[name]), numbers.whole(counts[name])) for name in TOKEN_FIELDS if counts[name]]


def _data(session: Session) -> list[tuple[str, Body]]:
    values = {_("Summary"): session.summary, _("State"): session.state, _("Metadata"): session.metadata}
    return [(name, value_body(value)) for name, value in values.items() if value not in (None, "", {}, [])]


def _others(session: Session) -> QuerySet[Any]:
    if not session.user_id:
        return Session.objects.none()
    same = Session.objects.filter(project=session.project_id, user_id=session.user_id)
    return same.exclude(pk=session.pk).order_by("-created_at", "-pk")


def _related(rows: QuerySet[Any], count: int) -> list[Related]:
    columns = rows.only("name", "generated_title", "session_id", "updated_at").annotate(
        opening_cut=Left("opening", CUT)
    )
    return [_relate(session, session.opening_cut or "") for session in columns[:count]]


def _relate(session: Session, opening: str) -> Related:
    title = one_line(session.title or opening or session.session_id)
    return Related(session_url(session.pk), title, moments.moment(session.updated_at))
