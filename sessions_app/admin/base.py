"""What all pages of the store have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import ADDITION, CHANGE, DELETION
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from sessions_app.admin import deletion, history, theme
from sessions_app.admin.changelist import BoundedChangeList, Order
from sessions_app.admin.display import json_column, link
from sessions_app.admin.forms import (
    AutocompleteBox,
    FilterableBox,
    IdentifierBox,
    JSONArea,
    JSONBox,
    ObjectBox,
    TextBox,
    TextListBox,
    error_text,
)
from sessions_app.admin.pagination import BoundedPaginator
from sessions_app.admin.widgets import MomentBox
from sessions_app.exceptions import AgentSessionsError
from sessions_app.fields import IdentifierField, JSONTextField
from sessions_app.text import storable

NEWEST_FIRST = Order(("-pk",))


class StoreAdmin(theme.ModelAdmin):
    """A model of the store. Lists do a bounded amount of work, forms refuse what cannot be kept."""

    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    formfield_overrides = {
        models.CharField: {"form_class": TextBox, "widget": theme.TextInput},
        IdentifierField: {"form_class": IdentifierBox, "widget": theme.TextInput},
        models.TextField: {"form_class": TextBox, "widget": theme.TextArea(attrs={"rows": 3})},
        models.JSONField: {"form_class": FilterableBox, "widget": JSONArea},
        JSONTextField: {"form_class": JSONBox, "widget": JSONArea},
        models.DateTimeField: {"form_class": forms.SplitDateTimeField, "widget": MomentBox},
    }
    default_order = NEWEST_FIRST
    orders: Mapping[str, Order] = {}
    """The order under each ObjectFilter by name; the first that is on counts. An index must serve it."""
    list_only: Sequence[str] = ()
    """The columns that a list reads, where a row holds more than a list should."""
    json_boxes: Mapping[str, type[JSONBox]] = {"metadata": ObjectBox, "index_ids": TextListBox}

    boxes_as_read: Mapping[str, str | None] = {"seen": None}
    """What somebody who may not change a row sees in the place of a box that is no column; None: nothing."""

    object_history_template = "admin/sessions_app/history.html"

    class Media:
        css = {"all": ["sessions_app/admin.css", "sessions_app/list.css", *theme.STYLES]}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[BoundedChangeList]:
        return BoundedChangeList

    def for_list(self, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """The rows of a list, with no more than it shows."""
        return queryset.only(*self.list_only) if self.list_only else queryset

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """What a filter offers. Other columns could be felt out letter by letter, hashes and hidden words too."""
        return super().lookup_allowed(lookup, value, request) and (
            not self._is_column(first := lookup.split(LOOKUP_SEP)[0]) or first in self._filtered(request)
        )

    def response_action(
        self, request: HttpRequest, queryset: models.QuerySet[Any], *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        """Without what no row can be known by, on which the stock admin fails."""
        post = request.POST.copy()
        post.setlist(ACTION_CHECKBOX_NAME, [key for key in post.getlist(ACTION_CHECKBOX_NAME) if self._is_key(key)])
        request.POST = post  # type: ignore[assignment]
        return super().response_action(request, queryset, *args, **kwargs)

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        return super().get_search_results(request, queryset, storable(search_term))

    def formfield_for_dbfield(self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        if box := self.json_boxes.get(db_field.name):
            kwargs["form_class"] = box
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field, TextBox) and db_field.null:
            field.empty_value = None
        return field

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", AutocompleteBox(db_field, self.admin_site, using=kwargs.get("using")))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [(title, {**options, "fields": self._as_read(options["fields"])}) for title, options in fieldsets]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        return deletion.report(self, objs, request)

    def dependents(self, keys: list[Any]) -> list[models.QuerySet[Any]]:
        """The rows that go with the rows of these primary keys."""
        return []

    def obstacles(self, keys: list[Any]) -> list[str]:
        """Why these rows must stay, in sentences."""
        return []

    def deletion_label(self, obj: Any) -> str:
        """A row as the page of its deletion names it."""
        return link(obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        for obj in queryset:
            self.delete_model(request, obj)

    def _is_key(self, text: str) -> bool:
        try:
            self.opts.pk.clean(text, None)
        except ValidationError:
            return False
        return True

    def _is_column(self, name: str) -> bool:
        return name == "pk" or any(
            name in {field.name, getattr(field, "attname", "")} for field in self.opts.get_fields()
        )

    def _filtered(self, request: HttpRequest) -> set[str]:
        """The columns that the filters of the list ask for."""
        filters: Any = self.get_list_filter(request)
        names = [
            name
            for spec in filters
            for name in ([spec] if isinstance(spec, str) else [spec.parameter_name, *getattr(spec, "lookup_names", ())])
        ]
        return {name.split(LOOKUP_SEP)[0] for name in names}

    def _as_read(self, names: Any) -> list[Any]:
        shown = [self.boxes_as_read.get(name, name) for name in names]
        return [self._read_only(name) for name in shown if name is not None]

    def _read_only(self, name: Any) -> Any:
        try:
            field = self.opts.get_field(name)
        except FieldDoesNotExist:
            return name
        return json_column(self.model, name) if isinstance(field, JSONTextField | models.JSONField) else name


class ServiceAdmin(StoreAdmin):
    """A model that only the services write: saving hands them what changed, and the history tells of it."""

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except AgentSessionsError as error:  # Somebody else was faster than the form's own checks.
            message = _("Nothing was saved: %(reason)s") % {"reason": error_text(error)}
            self.message_user(request, message, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        return [{"added": {}}] if add else history.describe(form)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        history.record(request, [obj], ADDITION, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        history.record(request, [obj], CHANGE, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:  # type: ignore[override]
        history.record(request, queryset, DELETION)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        changed = {name: form.cleaned_data[name] for name in form.changed_data if name in form.cleaned_data}
        if not change:
            obj.pk = self.create(changed)
            obj.refresh_from_db()
        elif changed:
            self.update(obj, changed)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing is left to save."""

    def create(self, given: dict[str, Any]) -> Any:
        """Make a row of what a form says; its primary key."""
        raise NotImplementedError

    def update(self, obj: Any, changed: dict[str, Any]) -> None:
        """Change a row as a form says."""
        raise NotImplementedError
