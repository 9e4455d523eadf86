"""Every dialect under one root. A site that wants one alone includes that dialect's own ``urls``."""

from __future__ import annotations

from typing import Any

from django.urls import include

_WIRES: tuple[Any, ...] = (
    include("sessions_app.dialects.agno.urls"),
    include("sessions_app.dialects.llamacloud.urls"),
    include("sessions_app.dialects.native.urls"),
    include("sessions_app.dialects.lyzr.urls"),
    include("sessions_app.dialects.otlp.urls"),
    include("sessions_app.documentation"),
)

# One list, since each list that a path is looked for in vain in costs more than its patterns do.
urlpatterns = [pattern for module, *_ in _WIRES for pattern in module.urlpatterns]
