"""Which keys open, and what those may do that only read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sessions_app import services
from sessions_app.models import Session
from tests import factories
from tests.conftest import client_with
from tests.dialects.refusals import WRONG
from tests.dialects.table import ENDPOINTS, IDS, call

URL = "/api/sessions"
MISSING = {"detail": "Authentication required: send an API key"}


def sentence_of(response):
    """What a refusal says: OTLP keeps it in ``message`` (google.rpc.Status), every other wire in ``detail``."""
    return response.json()["message" if response.wsgi_request.path.strip("/") == "v1/traces" else "detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_X_API_KEY": "{}"},
        {"HTTP_X_API_KEY": "  {} "},
        {"HTTP_AUTHORIZATION": "Bearer {}"},
        {"HTTP_AUTHORIZATION": "bearer {}"},
        {"HTTP_AUTHORIZATION": "BEARER {}"},
        {"HTTP_AUTHORIZATION": "Bearer   {}"},
        {"HTTP_AUTHORIZATION": "Api-Key {}"},
        {"HTTP_AUTHORIZATION": "API-KEY {}"},
        {"HTTP_AUTHORIZATION": "{}"},
        {"HTTP_X_API_KEY": "", "HTTP_AUTHORIZATION": "Bearer {}"},
        {"HTTP_X_API_KEY": "{}", "HTTP_AUTHORIZATION": "Bearer of something else"},
    ],
)
def test_it_takes_the_key_from_either_header(anonymous, key, headers):
    headers = {name: value.format(key.secret) for name, value in headers.items()}
    assert anonymous.get(URL, **headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HTTP_X_API_KEY": ""},
        {"HTTP_AUTHORIZATION": ""},
        {"HTTP_AUTHORIZATION": "   "},
        {"HTTP_X_API_KEY": " ", "HTTP_AUTHORIZATION": " "},
    ],
)
def test_no_key_is_401(anonymous, db, headers):
    response = anonymous.get(URL, **headers)
    assert (response.status_code, response.json()) == (401, MISSING)
    assert response["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "secret",
    [
        "Bearer",
        "Bearer ",
        "Basic {}",
        "Bearer Bearer {}",
        "Bearer\t{}",
        "Bearer {} {}",
        "Token {}",
        "{}x",
        "{}\x00",
        "\x00{}",
        "x{}",
        "{}.",
        ".{}",
        ".",
        "..",
        "a.b",
        "\u00e9\u00ff.\u00e9",
        "a\x00b.c",
        "' OR 1=1 --.x",
        "%.x",
        "null.null",
        "x" * 1_000_000,
        "x." + "y" * 1_000_000,
        "12345678." + "y" * 32,
    ],
    ids=lambda secret: ascii(secret[:20]),
)
@pytest.mark.parametrize("header", ["HTTP_X_API_KEY", "HTTP_AUTHORIZATION"])
def test_a_wrong_key_is_401(anonymous, key, header, secret):
    response = anonymous.get(URL, **{header: secret.format(key.secret, key.secret)})
    assert (response.status_code, response.json()) == (401, WRONG)
    assert response["WWW-Authenticate"] == "Bearer"


def test_the_prefix_of_one_key_does_not_open_with_the_secret_of_another(anonymous, project):
    one, other = factories.APIKeyFactory(project=project), factories.APIKeyFactory(project=project)
    secret = f"{one.prefix}.{other.secret.partition('.')[2]}"
    assert anonymous.get(URL, HTTP_X_API_KEY=secret).status_code == 401


def test_a_key_is_compared_with_its_case(anonymous, key):
    assert anonymous.get(URL, HTTP_X_API_KEY=key.secret.swapcase()).status_code == 401


def test_an_expired_key_is_401(project):
    client = client_with(factories.APIKeyFactory(project=project, expiry_date=timezone.now() - timedelta(seconds=1)))
    assert client.get(URL).json() == WRONG


def test_a_key_that_expires_later_opens(project):
    client = client_with(factories.APIKeyFactory(project=project, expiry_date=timezone.now() + timedelta(hours=1)))
    assert client.get(URL).status_code == 200


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=str)
def test_every_endpoint_needs_a_key(anonymous, db, endpoint):
    response = call(anonymous, endpoint)
    assert response.status_code == 401
    assert isinstance(sentence_of(response), str)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("url", sorted({endpoint.url() for endpoint in ENDPOINTS}))
def test_a_reading_key_may_not_write(project, url, method):
    client = client_with(factories.APIKeyFactory(project=project, scope="read"))
    services.create_session(project=project, session_id=IDS["session_id"])
    response = getattr(client, method)(url, data={"session_ids": [IDS["session_id"]]})
    assert response.status_code == 403
    assert sentence_of(response) == "This API key may only read"
    assert Session.objects.count() == 1


@pytest.mark.parametrize("endpoint", [each for each in ENDPOINTS if each.method == "get"], ids=str)
def test_a_reading_key_reads(project, store, endpoint):
    client = client_with(factories.APIKeyFactory(project=project, scope="read"))
    assert call(client, endpoint).status_code == 200
