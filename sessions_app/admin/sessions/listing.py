"""The list of sessions: found by what was said in them, and by how they went."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IS_POPUP_VAR
from django.db.models import Model, QuerySet
from django.db.models.functions import Left
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import smart_split, unescape_string_literal
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from sessions_app.admin import theme
from sessions_app.admin.addresses import change_url, session_url
from sessions_app.admin.base import ServiceAdmin
from sessions_app.admin.boxes import AgentFilter, TagFilter
from sessions_app.admin.changelist import Order
from sessions_app.admin.display import EMPTY, list_link, short, status_label
from sessions_app.admin.filters import ProjectFilter
from sessions_app.admin.moments import moment
from sessions_app.admin.numbers import whole
from sessions_app.admin.sessions import filters
from sessions_app.admin.windows import SEARCHED, Window
from sessions_app.models import Message, Project, RunMetadata, Session
from sessions_app.querysets import SessionQuerySet
from sessions_app.text import storable

CUT = 120
"""Characters of the first message that stand in for a title."""
LONGEST_SEARCH = 200
MOST_WORDS = 6
"""Longer searches are a piece of text that somebody copied."""
ALSO_SEARCHED = ("user_id", "agent__agent_id", "agent__name")
SEARCHES = _(
    "Searches titles, agents, users, ids and the text of messages, in the newest %(count)s sessions that the "
    "filters leave. A whole session id or user id is found at any age."
)
SEARCHES_NO_MESSAGES = _(
    "Searches titles, agents, users and ids, in the newest %(count)s sessions that the filters leave. A whole session "
    "id or user id is found at any age."
)
MOMENTS = ("updated_at", "created_at")
NEWEST = Order(("-created_at", "-pk"))


class SessionList(ServiceAdmin):
    """The columns, filters, orders and search of the list."""

    list_display = ("list_title", "agent_name", "user", "status", "message_total", "token_total", "updated")
    list_select_related = ("agent", "project")
    list_only = (
        *("name", "generated_title", "session_id", "user_id", "type", "last_run_status", "error_count"),
        *("message_count", "total_tokens", "updated_at", "agent__name", "agent__agent_id", "project__name"),
    )
    list_filter = (
        ProjectFilter,
        AgentFilter,
        filters.UserFilter,
        filters.CreatedFilter,
        filters.StatusFilter,
        filters.ErrorsFilter,
        TagFilter,
        filters.TypeFilter,
        filters.MessagesFilter,
        filters.TokensFilter,
    )
    default_order = Order(("-updated_at", "-pk"), columns=("updated_at",))
    orders = {
        "agent": NEWEST,
        "project user": NEWEST,
        "project created": NEWEST,
        "user": NEWEST,
        "project": Order(("-updated_at", "-pk"), columns=("message_count", "total_tokens", "updated_at")),
    }
    search_fields = ("session_id", "user_id", "name", "generated_title")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        title = pgettext_lazy("of agents", "Sessions")
        return super().changelist_view(request, {"title": title, "tool": theme.TOOL, **(extra_context or {})})

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        text = SEARCHES if self._may_see(Message, request) else SEARCHES_NO_MESSAGES
        changelist.search_help_text = text % {"count": whole(SEARCHED)}
        return changelist

    def get_list_display(self, request: HttpRequest) -> Any:
        columns = list(super().get_list_display(request))
        if IS_POPUP_VAR in request.GET:
            columns[0] = "popup_title"
        elif not (self._may_see(RunMetadata, request) and self._may_see(Message, request)):
            columns[0] = "row_title"
        if len(Project.objects.order_by().values_list("pk")[:2]) > 1:
            columns.insert(1, "project_name")
        return columns

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:
        """In the window that chooses a session for a form, titles choose; in the list they lead to the session."""
        return ["popup_title"] if IS_POPUP_VAR in request.GET else None

    def for_list(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().for_list(queryset).annotate(opening_cut=Left("opening", CUT))
        return rows.prefetch_related("tags")

    def get_search_results(
        self,
        request: HttpRequest,
        queryset: SessionQuerySet,  # type: ignore[override]
        search_term: str,
    ) -> tuple[SessionQuerySet, bool]:
        text = storable(search_term).strip()[:LONGEST_SEARCH]
        words = _words(text)
        if not words:
            return queryset, False
        if len(words) == 1:
            for column in ("session_id", "user_id"):
                exact: Any = filters.of_projects(queryset).filter(**{column: words[0]})
                if exact.order_by().exists():
                    return exact, False
        first = str(queryset.query.order_by[0]).removeprefix("-")
        rows: SessionQuerySet = Window(first if first in MOMENTS else MOMENTS[0], SEARCHED).narrow(queryset)
        in_messages = self._may_see(Message, request)
        for word in words:
            rows = rows.matching(word, *ALSO_SEARCHED, in_messages=in_messages)
        return rows, False

    def _may_see(self, model: type[Model], request: HttpRequest) -> bool:
        return self.admin_site.get_model_admin(model).has_view_permission(request)

    @admin.display(description=_("session"))
    def list_title(self, session: Any) -> SafeString:
        return _linked_title(session, session_url(session.pk))

    @admin.display(description=_("session"))
    def row_title(self, session: Any) -> SafeString:
        """The same for who may not read what was said: it leads to the session's fields."""
        return _linked_title(session, change_url(Session, session.pk))

    @admin.display(description=_("session"))
    def popup_title(self, session: Any) -> str:
        return _title(session)

    @admin.display(description=_("project"))
    def project_name(self, session: Session) -> str:
        return short(session.project.name)

    @admin.display(description=_("agent"))
    def agent_name(self, session: Session) -> SafeString:
        agent = short(str(session.agent or ""))
        return format_html('{}<span class="agent-sessions-id">{}</span>', agent, session.get_type_display())

    @admin.display(description=_("user"))
    def user(self, session: Session) -> SafeString | str:
        return list_link(Session, session.user_id, user=session.user_id) if session.user_id else EMPTY

    @admin.display(description=_("last run"))
    def status(self, session: Session) -> SafeString | str:
        shown = status_label(session.last_run_status)
        if not session.error_count:
            return shown
        errors = ngettext("%(count)s error", "%(count)s errors", session.error_count)
        text = errors % {"count": whole(session.error_count)}
        return format_html('{}<span class="agent-sessions-errors">{}</span>', shown, text)

    @admin.display(description=_("messages"), ordering="message_count")
    def message_total(self, session: Session) -> str:
        return whole(session.message_count)

    @admin.display(description=_("tokens"), ordering="total_tokens")
    def token_total(self, session: Session) -> str:
        return whole(session.total_tokens)

    @admin.display(description=_("updated"), ordering="updated_at")
    def updated(self, session: Session) -> SafeString:
        return moment(session.updated_at)


def _linked_title(session: Any, url: str) -> SafeString:
    tags = ((tag.name,) for tag in session.tags.all())
    return format_html(
        '<a href="{}">{}</a><span class="agent-sessions-id">{}</span>{}',
        url,
        _title(session),
        session.session_id,
        format_html_join(" ", '<span class="agent-sessions-tag">{}</span>', tags),
    )


def _title(session: Any) -> str:
    return short(session.title or session.opening_cut or session.session_id)


def _words(text: str) -> list[str]:
    """What must all be found: words, and what stands in quotes as a whole."""
    bits = [unescape_string_literal(bit) if _is_quoted(bit) else bit for bit in smart_split(text)]
    words = [bit for bit in bits if bit.strip()]
    return words if len(words) <= MOST_WORDS else [text]


def _is_quoted(bit: str) -> bool:
    return len(bit) > 1 and bit[0] == bit[-1] and bit[0] in "\"'"
