"""Labels on sessions."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sessions_app.admin.base import StoreAdmin
from sessions_app.admin.changelist import Order
from sessions_app.admin.display import list_link
from sessions_app.admin.filters import ProjectFilter
from sessions_app.models import Session, Tag


@admin.register(Tag)
class TagAdmin(StoreAdmin):
    """Tags. One stays in its project, as its sessions do."""

    list_display = ("name", "project", "sessions_link")
    list_select_related = ("project",)
    list_filter = (ProjectFilter,)
    orders = {"project": Order(("name", "pk"), columns=("name",))}
    search_fields = ("name",)
    search_help_text = _("Searches names.")
    autocomplete_fields = ("project",)

    def get_readonly_fields(self, request: HttpRequest, obj: Tag | None = None) -> tuple[str, ...]:
        return ("project", "sessions_link") if obj else ()

    def get_fields(self, request: HttpRequest, obj: Tag | None = None) -> tuple[str, ...]:
        return ("project", "name", "sessions_link") if obj else ("project", "name")

    @admin.display(description=_("sessions"))
    def sessions_link(self, tag: Tag) -> SafeString:
        return list_link(Session, pgettext_lazy("of agents", "Sessions"), tags=tag.pk)
