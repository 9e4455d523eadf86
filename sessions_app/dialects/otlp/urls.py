"""OTLP's table of endpoints, as far as it is about traces."""

from __future__ import annotations

from sessions_app.dialects.base import endpoint
from sessions_app.dialects.otlp.views import TraceViewSet

urlpatterns = endpoint("v1/traces", TraceViewSet.as_view({"post": "export"}), "otlp-traces")
