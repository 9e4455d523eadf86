"""Sessions: found by what was said in them, labelled, corrected, deleted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.db.models.functions import Left, Lower
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from sessions_app import services
from sessions_app.admin.base import ServiceAdmin
from sessions_app.admin.changelist import Order
from sessions_app.admin.display import EMPTY, json_block, link, list_link, short, status_label
from sessions_app.admin.filters import AgentFilter, ErrorsFilter, ProjectFilter, StatusFilter, TagFilter
from sessions_app.admin.forms import ModelForm, TextBox, check_same_project, checked
from sessions_app.exceptions import SessionNotFound
from sessions_app.models import Message, RunMetadata, Session, Tag
from sessions_app.models.usage import TOKEN_FIELDS
from sessions_app.querysets import SessionQuerySet
from sessions_app.services import rollups
from sessions_app.text import check_identifier, storable

CUT = 120
"""Characters of the first message that stand in for a title."""


class TagsBox(TextBox):
    """Names of tags, one a line. Names, not choices: they can only become tags of the session's own project."""

    def clean(self, value: Any) -> list[str]:
        names = [name for name in super().clean(value).split("\n") if name.strip()]
        longest = Tag._meta.get_field("name").max_length or 0
        for name in names:
            checked(check_identifier, name, "")
            if len(name) > longest:
                raise ValidationError(_("A tag has at most %(limit)d characters."), params={"limit": longest})
        return names


class SessionForm(ModelForm):
    tag_names = TagsBox(
        label=_("Tags"),
        required=False,
        widget=AdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("One per line. A new name makes a new tag."),
    )


class SessionAddForm(SessionForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["session_id"].required = False
        self.fields["session_id"].help_text = _("Unique in its project. Empty: a new UUID.")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if project := given.get("project"):
            check_same_project(given.get("agent"), project)
        return given


class SessionChangeForm(SessionForm):
    """Saves only what its reader saw: the revision goes out with the form and must come back unchanged."""

    expected_revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["expected_revision"] = self.instance.revision
        self.initial["tag_names"] = "\n".join(self.instance.tags.values_list("name", flat=True))

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        try:
            # Until this request ends, so that nobody comes between this look and the saving.
            revision = rollups.lock(self.instance).revision
        except SessionNotFound as error:
            raise ValidationError(_("Somebody else deleted this session meanwhile."), code="deleted") from error
        if given.get("expected_revision") != revision:
            message = _("Somebody else changed this session meanwhile. Nothing was saved; reload the page to see it.")
            raise ValidationError(message, code="revision")
        return given


@admin.register(Session)
class SessionAdmin(ServiceAdmin):
    """Sessions. Their counts and sums follow from runs and messages, which have lists of their own."""

    list_display = (
        "list_title",
        "session_id",
        "agent_name",
        "user_id",
        "type",
        "status",
        "message_count",
        "total_tokens",
        "updated_at",
    )
    list_select_related = ("agent",)
    list_only = (
        "name",
        "generated_title",
        "session_id",
        "user_id",
        "type",
        "last_run_status",
        "message_count",
        "total_tokens",
        "updated_at",
        "agent__name",
        "agent__agent_id",
    )
    list_filter = (ProjectFilter, AgentFilter, TagFilter, StatusFilter, ErrorsFilter, "type", "created_at")
    orders = {
        "agent": Order(("-created_at", "-pk")),
        "project": Order(("-updated_at", "-pk"), columns=("message_count", "total_tokens", "updated_at")),
    }
    search_fields = ("session_id", "user_id", "name", "generated_title")
    search_help_text = _("Searches names, titles, session ids, user ids and the text of messages.")
    autocomplete_fields = ("project", "agent")
    add_fieldsets = (
        (None, {"fields": ("project", "session_id", "type", "agent", "user_id", "name", "tag_names")}),
        (_("Data"), {"fields": ("state", "metadata", "summary", "index_ids", "shared_access")}),
    )
    fieldsets = (
        (None, {"fields": ("session_id", "name", "user_id", "tag_names", "expected_revision")}),
        (
            _("Conversation"),
            {"fields": ("messages_link", "runs_link", "status", "error_count", "first_message", "last_finished")},
        ),
        (_("Data"), {"fields": ("state", "metadata", "summary", "index_ids", "shared_access")}),
        (_("Tokens"), {"fields": TOKEN_FIELDS, "classes": ("collapse",)}),
        (
            _("Origin"),
            {
                "fields": (
                    "project",
                    "type",
                    "agent",
                    "parent",
                    "branched_at",
                    "created_at",
                    "updated_at",
                    "details_json",
                ),
                "classes": ("collapse",),
            },
        ),
    )
    change_readonly_fields = (
        *("session_id", "messages_link", "runs_link", "status", "error_count", "first_message", "last_finished"),
        *TOKEN_FIELDS,
        *("project", "type", "agent", "parent", "branched_at", "created_at", "updated_at", "details_json"),
    )

    def get_form(self, request: HttpRequest, obj: Session | None = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["form"] = SessionChangeForm if obj else SessionAddForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Session | None = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        fieldsets = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            return fieldsets
        return [(None, {"fields": ["session_id", "name", "user_id", "tags"]}), *fieldsets[1:]]

    def get_readonly_fields(self, request: HttpRequest, obj: Session | None = None) -> tuple[str, ...]:
        return self.change_readonly_fields if obj else ()

    def for_list(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().for_list(queryset).annotate(opening_cut=Left("opening", CUT))
        return rows

    def get_search_results(
        self,
        request: HttpRequest,
        queryset: SessionQuerySet,  # type: ignore[override]
        search_term: str,
    ) -> tuple[SessionQuerySet, bool]:
        text = storable(search_term)
        if not text:
            return queryset, False
        # MariaDB compares identifiers with their case, also in icontains.
        rows = queryset.alias(lower_user=Lower("user_id"))
        return rows.matching(text) | rows.filter(lower_user__contains=text.lower()), False

    @admin.display(description=_("title"))
    def list_title(self, session: Any) -> str:
        return short(session.title or session.opening_cut or session.session_id)

    @admin.display(description=_("agent"))
    def agent_name(self, session: Session) -> str:
        return str(session.agent or EMPTY)

    @admin.display(description=_("last run"))
    def status(self, session: Session) -> SafeString | str:
        return status_label(session.last_run_status)

    @admin.display(description=_("messages"))
    def messages_link(self, session: Session) -> SafeString:
        return list_link(Message, session.message_count, session=session.pk)

    @admin.display(description=_("runs"))
    def runs_link(self, session: Session) -> SafeString:
        return list_link(RunMetadata, session.run_count, session=session.pk)

    @admin.display(description=_("first message"))
    def first_message(self, session: Session) -> str:
        return short(session.opening or "")

    @admin.display(description=_("last finished run"))
    def last_finished(self, session: Session) -> SafeString | str:
        return link(session.last_finished_run)

    @admin.display(description=_("details"))
    def details_json(self, session: Session) -> SafeString | str:
        return json_block(session.details)

    def create(self, given: dict[str, Any]) -> int:
        return services.create_session(tags=given.pop("tag_names", ()), **given).pk

    def update(self, obj: Session, changed: dict[str, Any]) -> None:
        tags = {"tags": changed.pop("tag_names")} if "tag_names" in changed else {}
        services.update_session(session=obj, expected_revision=obj.revision, **changed, **tags)

    def dependents(self, keys: list[Any]) -> list[QuerySet[Any]]:
        return [RunMetadata.objects.filter(session__in=keys), Message.objects.filter(session__in=keys)]

    def delete_model(self, request: HttpRequest, obj: Session) -> None:
        services.delete_sessions(sessions=Session.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        keys = [session.pk for session in queryset]
        services.delete_sessions(sessions=Session.objects.filter(pk__in=keys))
