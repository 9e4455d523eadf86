"""Every dialect under one root. A site that wants one alone includes that dialect's own ``urls``."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("sessions_app.documentation")),
    path("", include("sessions_app.dialects.llamacloud.urls")),
    path("", include("sessions_app.dialects.agno.urls")),
    path("", include("sessions_app.dialects.native.urls")),
    path("", include("sessions_app.dialects.lyzr.urls")),
    path("", include("sessions_app.dialects.otlp.urls")),
]
