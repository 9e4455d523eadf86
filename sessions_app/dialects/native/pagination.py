"""Cursor pages: ``{"next": url, "previous": url, "results": [...]}``."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from sessions_app import conf, keyset
from sessions_app.dialects.fields import StrictSerializer, shared
from sessions_app.dialects.problems import invalid
from sessions_app.exceptions import InvalidValue

Row = TypeVar("Row", bound=Model)
DEFAULT_PAGE_SIZE = 50


class PageParameters(StrictSerializer):
    """The query parameters of every list."""

    page_size = serializers.IntegerField(
        required=False, min_value=1, help_text=f"Rows of a page; {DEFAULT_PAGE_SIZE} unless given, at most 1000."
    )
    cursor = serializers.CharField(required=False, help_text="From `next` or `previous` of another page.")

    def validate_page_size(self, value: int) -> int:
        limit = conf.get("MAX_PAGE_SIZE")
        if value > limit:
            raise serializers.ValidationError(f"Ensure this value is less than or equal to {limit}.", code="max_value")
        return value


def paginate(
    request: Request,
    rows: QuerySet[Row],
    *,
    order: str,
    parameters: dict[str, Any],
    serializer: type[serializers.BaseSerializer[Any]],
) -> Response:
    """The page of ``rows`` that the query asks for. Raises InvalidRequest for a cursor of another list."""
    size = parameters.get("page_size", min(DEFAULT_PAGE_SIZE, conf.get("MAX_PAGE_SIZE")))
    try:
        page = keyset.page(rows, order=order, size=size, token=parameters.get("cursor"))
    except InvalidValue as error:
        raise invalid(("query", "cursor"), error.message, error.code) from error
    url = request.build_absolute_uri()
    links = {
        name: replace_query_param(url, "cursor", token) if token else None
        for name, token in (("next", page.next), ("previous", page.previous))
    }
    show = shared(serializer).to_representation  # type: ignore[arg-type]
    return Response({**links, "results": [show(row) for row in page.items]})
