"""What every view of every dialect pins, so that no setting of the host leaks into a wire."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import islice
from typing import Any, ClassVar, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils import translation
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.throttling import BaseThrottle
from rest_framework.views import set_rollback

from sessions_app import conf
from sessions_app.authentication import APIKeyAuthentication
from sessions_app.dialects.dispatch import WireViewSet
from sessions_app.dialects.fields import shared
from sessions_app.dialects.openapi import DialectSchema
from sessions_app.dialects.problems import FieldError, InvalidRequest, Problem, flatten, problem_of
from sessions_app.dialects.wire import LengthRequired, LosslessJSONParser, LosslessJSONRenderer, OneRenderer
from sessions_app.exceptions import InvalidValue
from sessions_app.models import APIKey
from sessions_app.permissions import HasAPIKey, MayWrite
from sessions_app.text import check_identifier
from sessions_app.throttling import APIKeyThrottle

LANGUAGE = "en"
"""A wire speaks one language, whatever browser or host prefer."""
MAX_ERRORS = 100
"""Things wrong with one request that its answer lists."""


class DialectViewSet(WireViewSet):
    """Base of all views. A dialect overrides ``error_response`` to put problems into its own shape."""

    authentication_classes = [APIKeyAuthentication]
    permission_classes = [HasAPIKey, MayWrite]
    throttle_classes = [APIKeyThrottle]
    parser_classes = [LosslessJSONParser]
    renderer_classes = [LosslessJSONRenderer]
    content_negotiation_class = OneRenderer
    versioning_class = None
    schema = DialectSchema()
    http_method_names = ["get", "post", "put", "patch", "delete", "head"]

    is_for_the_rest: ClassVar[bool] = False
    """Whether it answers what nothing else of the site does, as only Django's own way can tell."""
    path_ids: ClassVar[frozenset[str]] = frozenset({"session_id", "agent_id", "run_id"})
    """Path parameters that are free text, and are checked before any look-up."""

    @property
    def key(self) -> APIKey:
        return cast(APIKey, self.request.auth)

    def get_renderers(self) -> list[BaseRenderer]:
        return _one_of_each(tuple(self.renderer_classes))

    def get_parsers(self) -> list[BaseParser]:
        return _one_of_each(tuple(self.parser_classes))

    def get_authenticators(self) -> list[BaseAuthentication]:
        return _one_of_each(tuple(self.authentication_classes))

    def get_permissions(self) -> Sequence[BasePermission]:
        return _one_of_each(tuple(self.permission_classes))

    def get_throttles(self) -> list[BaseThrottle]:
        return super().get_throttles() if conf.get("THROTTLE_RATE") else []

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if translation.get_language() == LANGUAGE:
            return super().dispatch(request, *args, **kwargs)
        with translation.override(LANGUAGE):
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """As Django REST framework's, without a negotiation: there is one format, and no version."""
        request.accepted_renderer = renderer = self.get_renderers()[0]
        request.accepted_media_type = renderer.media_type
        request._request.get_host()  # Raises for one that the site does not answer to.
        self.perform_authentication(request)
        self.check_permissions(request)
        self.check_throttles(request)
        if request.META.get("HTTP_TRANSFER_ENCODING") and not request.META.get("CONTENT_LENGTH"):
            raise LengthRequired  # Rather than to take the body for an empty one, as Django does.
        errors = list(self.path_errors(kwargs))
        if errors:
            raise InvalidRequest(errors)

    def path_errors(self, kwargs: dict[str, Any]) -> list[FieldError]:
        errors = []
        for name, value in kwargs.items():
            if name not in self.path_ids:
                continue
            try:
                check_identifier(value, name)
            except InvalidValue as error:
                errors.append(FieldError(("path", name), error.message, error.code))
        return errors

    def query(self, serializer_class: type[BaseSerializer[Any]]) -> dict[str, Any]:
        """The checked query parameters. Raises InvalidRequest with all that is wrong."""
        parameters: dict[str, Any] = _validated(serializer_class, self.request.query_params, "query")
        return parameters

    def body(self, serializer_class: type[BaseSerializer[Any]]) -> Any:
        """The checked body. Raises InvalidRequest with all that is wrong."""
        return _validated(serializer_class, self.request.data, "body")

    def handle_exception(self, exc: Exception) -> Response:
        problem = problem_of(exc)
        if problem is None:
            raise exc
        set_rollback()
        response = self.error_response(problem, exc)
        response.exception = True
        if response.status_code == 405:
            response.headers.setdefault("Allow", ", ".join(self.allowed_methods))
        return response

    def error_response(self, problem: Problem, error: Exception) -> Response:
        return Response(problem.body, status=problem.status, headers=problem.headers)


@cache
def _one_of_each(classes: tuple[type[Any], ...]) -> list[Any]:
    """Instances for all requests: ours keep nothing of what they are given."""
    return [each() for each in classes]


def endpoint(route: str, view: Any, name: str) -> list[URLPattern]:
    """``route`` with and without a final slash, each answered directly: a redirect turns a POST into a GET.

    Schemas list the one without.
    """
    unlisted = view.cls.as_view(view.actions, **view.initkwargs, schema=None)
    return [path(route, view, name=name), path(f"{route}/", unlisted, name=f"{name}-slash")]


def _validated(serializer_class: type[BaseSerializer[Any]], data: Any, where: str) -> Any:
    try:
        return shared(serializer_class).run_validation(data)  # type: ignore[arg-type]
    except ValidationError as error:
        raise InvalidRequest(list(islice(flatten(error.detail, (where,)), MAX_ERRORS))) from error
