"""The way of a request to an action of a view."""

from __future__ import annotations

import gc
import weakref

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate

from sessions_app.dialects.base import DialectViewSet
from sessions_app.dialects.dispatch import WireRequest
from sessions_app.dialects.wire import LosslessJSONParser
from tests import factories

SENT = {"a": 1}


class ParserInTrouble(LosslessJSONParser):
    def parse(self, stream, media_type=None, parser_context=None):
        raise ParseError


class EchoViewSet(DialectViewSet):
    """Shows what an action is given."""

    def show(self, request, **named):
        return Response({"action": self.action, "key": self.key.name, "method": request.method, **named})

    def take(self, request, **named):
        return Response({"action": self.action, "sent": request.data, "again": self.request.data})

    def fail(self, request, **named):
        raise ZeroDivisionError


VIEW = EchoViewSet.as_view({"get": "show", "post": "take", "put": "fail"})


@pytest.fixture
def asked(key):
    def ask(method, data=None, view=VIEW, **named):
        request = getattr(APIRequestFactory(), method)("/", data, format="json", HTTP_X_API_KEY=key.secret)
        return view(request, **named)

    return ask


@pytest.fixture
def kept(monkeypatch):
    """Each request that was made, as long as somebody holds it."""
    made = weakref.WeakSet()
    make = WireRequest.__init__

    def noting(self, *args, **given):
        make(self, *args, **given)
        made.add(self)

    monkeypatch.setattr(WireRequest, "__init__", noting)
    return made


def test_an_action_is_found_by_its_method(asked, key):
    shown = asked("get", session_id="s-1").data
    assert shown == {"action": "show", "key": key.name, "method": "GET", "session_id": "s-1"}
    assert asked("post", SENT).data == {"action": "take", "sent": SENT, "again": SENT}


def test_head_is_the_action_of_get(asked):
    assert asked("head").data["action"] == "show"


@pytest.mark.parametrize("method", ["patch", "delete", "options"])
def test_what_has_no_action_is_405(asked, method):
    answer = asked(method)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, POST, PUT, HEAD")


def test_a_method_that_a_dialect_does_not_know_is_405_even_with_an_action(asked):
    class WithoutHead(EchoViewSet):
        http_method_names = ["get"]

    view = WithoutHead.as_view({"get": "show", "put": "fail"})
    assert asked("get", view=view).status_code == 200
    for method in ("head", "put"):
        answer = asked(method, view=view)
        assert (answer.status_code, answer["Allow"]) == (405, "GET")


def test_a_bug_goes_up_to_django(asked):
    with pytest.raises(ZeroDivisionError):
        asked("put", SENT)


def test_it_is_described_as_django_rest_framework_describes_views():
    assert VIEW.cls is EchoViewSet
    assert VIEW.actions == {"get": "show", "post": "take", "put": "fail"}
    assert VIEW.initkwargs == {}
    assert VIEW.csrf_exempt is True
    with pytest.raises(TypeError):
        EchoViewSet.as_view()
    with pytest.raises(TypeError):
        EchoViewSet.as_view({"get": "show"}, unknown=1)


def test_a_site_s_tests_may_open_a_view_by_force(project):
    key = factories.APIKeyFactory(project=project)
    request = APIRequestFactory().get("/")
    force_authenticate(request, token=key)
    assert VIEW(request).data["key"] == key.name


def test_no_action_is_called_before_the_key_is_known(db):
    assert VIEW(RequestFactory().put("/")).status_code == 401


def test_an_action_may_set_headers(asked):
    class HeadersViewSet(EchoViewSet):
        def show(self, request, **named):
            self.headers["X-Seen"] = "yes"
            return super().show(request, **named) if named else HttpResponse()

    view = HeadersViewSet.as_view({"get": "show"})
    assert asked("get", view=view)["X-Seen"] == "yes"
    assert asked("get", view=view, session_id="s-1")["X-Seen"] == "yes"
    assert "X-Seen" not in asked("get")


def test_an_action_that_answers_nothing_is_told_so(asked):
    class SilentViewSet(EchoViewSet):
        def show(self, request, **named):
            return None

    with pytest.raises(AssertionError, match="HttpResponse"):
        asked("get", view=SilentViewSet.as_view({"get": "show"}))


def test_a_view_knows_its_request_before_it_is_made(asked):
    class SparingViewSet(EchoViewSet):
        def get_parsers(self):
            return [*super().get_parsers()] if self.request.method == "POST" else []

    view = SparingViewSet.as_view({"get": "show", "post": "take"})
    assert asked("get", view=view).status_code == 200
    assert asked("post", SENT, view=view).data["sent"] == SENT


def test_it_is_a_request_of_django_rest_framework(key):
    django = RequestFactory().post("/?a=1", b'{"a": 2}', content_type="application/json")
    request = WireRequest(django)
    assert isinstance(request, Request)
    assert (request.method, request.META, request.query_params) == ("POST", django.META, django.GET)
    assert request.get_full_path() == "/?a=1"


def test_a_parser_is_told_of_the_request(asked):
    told = []

    class NotingParser(LosslessJSONParser):
        def parse(self, stream, media_type=None, parser_context=None):
            told.append((parser_context["request"].method, parser_context["encoding"], media_type))
            return super().parse(stream, media_type, parser_context)

    class NotingViewSet(EchoViewSet):
        parser_classes = [NotingParser]

    assert asked("post", SENT, view=NotingViewSet.as_view({"post": "take"})).data["again"] == SENT
    assert told == [("POST", "utf-8", "application/json")]


def test_a_request_whose_body_cannot_be_parsed_goes_as_well():
    django = RequestFactory().post("/", b"{", content_type="application/json")
    request = WireRequest(django, parsers=[ParserInTrouble()])
    with pytest.raises(ParseError):
        request.data  # noqa: B018
    assert "request" not in request.parser_context


@pytest.mark.parametrize(("method", "data"), [("get", None), ("post", SENT)])
def test_a_request_goes_when_it_is_answered(asked, kept, method, data):
    """Without Python's search for circles, which takes longer the more there are."""
    gc.collect()
    gc.disable()
    try:
        answer = asked(method, data)
        assert len(kept) == 1
        del answer
        assert len(kept) == 0
    finally:
        gc.enable()
