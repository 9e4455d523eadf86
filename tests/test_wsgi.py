"""The reference site as a WSGI server sees it."""

from __future__ import annotations

import io

import pytest
from django.core.signals import request_finished
from django.http import StreamingHttpResponse
from django.test import override_settings
from django.urls import path

from project import wsgi

pytestmark = pytest.mark.django_db


def stream(request):
    return StreamingHttpResponse(iter([b"a", b"b"]))


urlpatterns = [path("stream", stream)]


@pytest.fixture
def finished():
    """What is noted whenever a request is over."""
    noted = []

    def note(**kwargs):
        noted.append(kwargs)

    request_finished.connect(note)
    yield noted
    request_finished.disconnect(note)


def asked(path, method="GET"):
    started = []
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.input": io.BytesIO(),
        "wsgi.url_scheme": "http",
    }
    answer = wsgi.application(environ, lambda status, headers: started.append((status, dict(headers))))
    [(status, headers)] = started
    return answer, status, headers


def test_a_whole_answer_is_a_list_and_its_request_over(finished):
    answer, status, headers = asked("/health")
    assert status == "200 OK"
    assert isinstance(answer, list)
    assert headers["Content-Length"] == str(len(b"".join(answer)))
    assert len(finished) == 1


def test_an_error_as_well(finished):
    answer, status, _ = asked("/sessions")
    assert status == "401 Unauthorized"
    assert isinstance(answer, list)
    assert len(finished) == 1


@override_settings(ROOT_URLCONF=__name__)
def test_a_stream_goes_on_and_its_request_is_over_at_its_end(finished):
    answer, status, _ = asked("/stream")
    assert (status, finished) == ("200 OK", [])
    assert b"".join(answer) == b"ab"
    answer.close()
    assert len(finished) == 1
