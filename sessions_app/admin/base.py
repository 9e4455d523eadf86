"""What all pages of the store have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import HttpRequest

from sessions_app.admin import deletion
from sessions_app.admin.changelist import BoundedChangeList, Order
from sessions_app.admin.display import json_column, link
from sessions_app.admin.forms import FilterableBox, IdentifierBox, JSONArea, JSONBox, ObjectBox, TextBox, TextListBox
from sessions_app.admin.pagination import BoundedPaginator
from sessions_app.fields import IdentifierField, JSONTextField
from sessions_app.text import storable

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin

NEWEST_FIRST = Order(("-pk",))


class StoreAdmin(ModelAdmin):
    """A model of the store. Lists do a bounded amount of work, forms refuse what cannot be kept."""

    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    formfield_overrides = {
        models.CharField: {"form_class": TextBox},
        IdentifierField: {"form_class": IdentifierBox},
        models.TextField: {"form_class": TextBox, "widget": AdminTextareaWidget(attrs={"rows": 3})},
        models.JSONField: {"form_class": FilterableBox, "widget": JSONArea},
        JSONTextField: {"form_class": JSONBox, "widget": JSONArea},
    }
    default_order = NEWEST_FIRST
    orders: Mapping[str, Order] = {}
    """The order under each ObjectFilter by name; the first that is on counts. An index must serve it."""
    list_only: Sequence[str] = ()
    """The columns that a list reads, where a row holds more than a list should."""
    json_boxes: Mapping[str, type[JSONBox]] = {"metadata": ObjectBox, "index_ids": TextListBox}

    class Media:
        css = {"all": ["sessions_app/admin.css"]}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[BoundedChangeList]:
        return BoundedChangeList

    def for_list(self, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """The rows of a list, with no more than it shows."""
        return queryset.only(*self.list_only) if self.list_only else queryset

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

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [
            (title, {**options, "fields": [self._read_only(name) for name in options["fields"]]})
            for title, options in fieldsets
        ]

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

    def _read_only(self, name: Any) -> Any:
        try:
            field = self.opts.get_field(name)
        except FieldDoesNotExist:
            return name
        return json_column(self.model, name) if isinstance(field, JSONTextField | models.JSONField) else name


class ServiceAdmin(StoreAdmin):
    """A model that only the services write: saving hands them what changed."""

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
