"""The reference site's URLs: the admin, where its root leads, every dialect, and JSON for all that nothing answers."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from sessions_app.dialects.agno.views import UnknownRouteViewSet

METHODS = ("get", "post", "put", "patch", "delete")

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("", include("sessions_app.urls")),
    # People in the admin get a page; clients get JSON, and only with a key the news that nothing is there.
    re_path(r"^(?!admin/|static/)", UnknownRouteViewSet.as_view(dict.fromkeys(METHODS, "not_found"))),
]
