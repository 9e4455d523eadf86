"""Our OpenAPI document: our own paths alone, whatever else the host serves and says of drf-spectacular."""

from __future__ import annotations

from typing import Any

from sessions_app import __version__

Endpoints = list[tuple[str, str, str, Any]]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


def only_ours(endpoints: Endpoints) -> Endpoints:
    """The dialects' endpoints."""
    from sessions_app.dialects.base import DialectViewSet

    ours = [endpoint for endpoint in endpoints if issubclass(getattr(endpoint[3], "cls", object), DialectViewSet)]
    # Paths in the order of the urls, so that a document differs from the last one only where the API does.
    paths = list(dict.fromkeys(path for path, *_ in endpoints))
    return sorted(ours, key=lambda endpoint: (paths.index(endpoint[0]), METHODS.index(endpoint[2])))


def any_of(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """``anyOf`` for components of several shapes: an answer that fits one may well fit another, which has less."""
    for schema in result.get("components", {}).get("schemas", {}).values():
        if "oneOf" in schema:
            schema["anyOf"] = schema.pop("oneOf")
    return result


SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Agent sessions",
    "DESCRIPTION": (
        "One store for the sessions of AI agents. The *Agents*, *Sessions*, *Messages* and *Runs* groups are our own "
        "API; the other groups answer on the paths and in the shapes of vendors' APIs, so that their clients work "
        "with this server unchanged."
    ),
    "VERSION": __version__,
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATIONS": False,
    "SCHEMA_PATH_PREFIX": "",
    "PREPROCESSING_HOOKS": ["sessions_app.schema.only_ours"],
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "sessions_app.schema.any_of"],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {"ComponentType": ["agent", "team", "workflow"]},
}
