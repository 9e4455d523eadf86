"""``/schema`` and ``/docs``: open to everybody, made from our own settings, and without any network."""

from __future__ import annotations

import threading
from typing import Any

from django.templatetags.static import static
from django.urls import path
from drf_spectacular.settings import patched_settings
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_app.schema import SPECTACULAR_SETTINGS

# drf-spectacular's settings are one object for the whole process.
_settings_in_use = threading.Lock()


class SchemaView(SpectacularAPIView):
    """The OpenAPI document, as YAML or (``?format=json``) JSON."""

    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = []
    versioning_class = None
    schema = None  # It describes the API and is no part of it, whichever schema class the site has.
    http_method_names = ["get", "head"]
    serve_public = True

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with _settings_in_use, patched_settings(SPECTACULAR_SETTINGS):
            response: Response = self._get_schema_response(request)  # type: ignore[no-untyped-call]
        return response


class DocsView(SpectacularSwaggerSplitView):
    """Swagger UI with its files from this server."""

    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = []
    versioning_class = None
    schema = None
    http_method_names = ["get", "head"]
    url_name = "agent-sessions-schema"
    template_name = "sessions_app/docs.html"
    title = SPECTACULAR_SETTINGS["TITLE"]

    @staticmethod
    def _swagger_ui_resource(filename: str) -> str:
        return static(f"drf_spectacular_sidecar/swagger-ui-dist/{filename}")

    @staticmethod
    def _swagger_ui_favicon() -> str:
        return static("drf_spectacular_sidecar/swagger-ui-dist/favicon-32x32.png")


urlpatterns = [
    path("schema", SchemaView.as_view(), name="agent-sessions-schema"),
    path("schema/", SchemaView.as_view(), name="agent-sessions-schema-slash"),
    path("docs", DocsView.as_view(), name="agent-sessions-docs"),
    path("docs/", DocsView.as_view(), name="agent-sessions-docs-slash"),
]
