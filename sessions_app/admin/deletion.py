"""What goes with deleted rows, as counts: the stock admin would load and list every row of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from sessions_app.admin.pagination import bounded_count, describe_count

if TYPE_CHECKING:
    from sessions_app.admin.base import StoreAdmin

Report = tuple[list[Any], dict[str, Any], set[str], list[str]]
"""As ``ModelAdmin.get_deleted_objects`` gives it: what goes, how many, missing permissions, what stands against it."""

AT_ONCE = 500
"""Rows deleted at once. Django refuses forms of more than 1,000 fields, and the page that asks again names each row."""
NAMED = 20


def report(model_admin: StoreAdmin, objects: Sequence[Any] | QuerySet[Any], request: HttpRequest) -> Report:
    """What deleting ``objects`` means."""
    count = bounded_count(objects, AT_ONCE) if isinstance(objects, QuerySet) else len(objects)
    if count > AT_ONCE:
        return [], {}, set(), [_("More than %(limit)d at once. Choose fewer of them.") % {"limit": AT_ONCE}]
    keys = [obj.pk for obj in objects]
    dependents = model_admin.dependents(keys)
    counts = {rows.model: bounded_count(rows) for rows in dependents}
    lacking = {_name(model) for model in counts if counts[model] and not _may_delete(model_admin, model, request)}
    if not model_admin.has_delete_permission(request):
        lacking.add(_name(model_admin.model))
    named = [model_admin.deletion_label(obj) for obj in objects[:NAMED]]
    rest = [_("and %(count)d more") % {"count": count - NAMED}] if count > NAMED else []
    described = {_plural(model): describe_count(number) for model, number in counts.items() if number}
    return [*named, *rest], {_plural(model_admin.model): count, **described}, lacking, model_admin.obstacles(keys)


def _may_delete(model_admin: StoreAdmin, model: type[Model], request: HttpRequest) -> bool:
    site: admin.AdminSite = model_admin.admin_site
    return not site.is_registered(model) or site._registry[model].has_delete_permission(request)


def _name(model: type[Model]) -> str:
    return str(model._meta.verbose_name)


def _plural(model: type[Model]) -> str:
    return str(model._meta.verbose_name_plural)
