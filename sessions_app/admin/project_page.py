"""What the page of a project tells beside its fields: totals with ways into the lists, and the newest keys."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import Count, Model, Q, Sum
from django.http import HttpRequest
from django.utils.translation import gettext as _

from sessions_app.admin.addresses import list_url
from sessions_app.admin.display import key_status
from sessions_app.admin.moments import moment
from sessions_app.admin.numbers import whole
from sessions_app.admin.pagination import COUNTED, bounded_count
from sessions_app.models import Agent, APIKey, Project, Session

LISTED_KEYS = 10
KEPT = ("pk", "message_count", "run_count", "error_count", "total_tokens")


def totals(site: AdminSite, request: HttpRequest, project: Project) -> list[dict[str, Any]]:
    """How much is in a project that the operator may see, each with the address of its list."""
    figures: list[dict[str, Any]] = []
    if site._registry[Session].has_view_or_change_permission(request):
        figures += _of_sessions(site, project)
    for model in (Agent, APIKey):
        if site._registry[model].has_view_or_change_permission(request):
            count = bounded_count(model._default_manager.filter(project=project))
            name, url = model._meta.verbose_name_plural, _list(site, model, project)
            figures.append(_figure(name, min(count, COUNTED), count > COUNTED, url))
    return figures


def _of_sessions(site: AdminSite, project: Project) -> list[dict[str, Any]]:
    """From the counts that sessions keep, so that no run or message is read; of ``COUNTED`` sessions at most."""
    found = (
        Session.objects.filter(project=project)
        .order_by()
        .values(*KEPT)[: COUNTED + 1]
        .aggregate(
            sessions=Count("pk"),
            failed=Count("pk", filter=Q(error_count__gt=0)),
            runs=Sum("run_count", default=0),
            messages=Sum("message_count", default=0),
            tokens=Sum("total_tokens", default=0),
        )
    )
    is_cut = found["sessions"] > COUNTED
    return [
        _figure(_("sessions"), min(found["sessions"], COUNTED), is_cut, _list(site, Session, project)),
        _figure(_("sessions with errors"), found["failed"], is_cut, _list(site, Session, project, errors="yes")),
        *(
            _figure(name, number, is_cut)
            for name, number in (
                (_("runs"), found["runs"]),
                (_("messages"), found["messages"]),
                (_("tokens"), found["tokens"]),
            )
        ),
    ]


def newest_keys(project: Project) -> list[dict[str, Any]]:
    """The newest keys of a project, one more than a page lists."""
    keys = APIKey.objects.filter(project=project).order_by("-created")[: LISTED_KEYS + 1]
    return [
        {
            "name": key.name,
            "prefix": key.prefix,
            "scope": key.get_scope_display(),
            "user_id": key.user_id,
            "status": key_status(key),
            "last_used": moment(key.last_used_at) if key.last_used_at else _("Never"),
        }
        for key in keys
    ]


def _figure(name: Any, number: int, is_cut: bool, url: str | None = None) -> dict[str, Any]:
    shown = whole(number)
    return {"name": name, "number": _("more than %(limit)s") % {"limit": shown} if is_cut else shown, "url": url}


def _list(site: AdminSite, model: type[Model], project: Project, **query: Any) -> str:
    return list_url(model, current_app=site.name, project=project.pk, **query)
