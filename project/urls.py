"""The reference site's URLs: the admin, and every dialect under the root."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import include, path
from django.views.defaults import page_not_found

from sessions_app.dialects.agno.views import UnknownRouteViewSet

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("sessions_app.urls")),
]

_METHODS = ("get", "post", "put", "patch", "delete")
_unknown_route = UnknownRouteViewSet.as_view(dict.fromkeys(_METHODS, "not_found"))


def handler404(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """People in the admin get a page; clients get JSON, and only with a key the news that nothing is there."""
    if request.path_info.startswith("/admin/"):
        return page_not_found(request, exception)
    return _unknown_route(request)
