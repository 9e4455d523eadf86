from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db import router
from django.utils import timezone

from sessions_app import remembered, services
from sessions_app.models import APIKey, Session
from sessions_app.querysets import APIKeyManager, forget_keys
from tests import factories
from tests.conftest import client_with
from tests.dialects.table import ENDPOINTS, IDS, call

URL = "/api/sessions"
MISSING = {"detail": "Authentication required: send an API key"}
WRONG = {"detail": "Invalid API key"}


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


def revoked_by_service(key):
    services.revoke_keys(keys=APIKey.objects.filter(pk=key.pk))


def revoked_by_hand(key):
    key.revoked = True
    key.save()


def deleted(key):
    key.delete()


def deleted_with_its_project(key):
    key.project.delete()


@pytest.mark.parametrize("end", [revoked_by_service, revoked_by_hand, deleted, deleted_with_its_project])
def test_a_key_that_ends_in_this_process_is_401_at_once(client, key, end):
    assert client.get(URL).status_code == 200
    end(key)
    assert client.get(URL).json() == WRONG


def test_a_key_that_is_revoked_elsewhere_is_401_within_five_seconds(client, key, monkeypatch):
    assert client.get(URL).status_code == 200
    APIKey.objects.filter(pk=key.pk).update(
        revoked=True
    )  # As another process does it, of which this one hears nothing.
    later = time.monotonic() + 5
    monkeypatch.setattr(remembered, "monotonic", lambda: later)
    assert client.get(URL).json() == WRONG


def test_a_site_may_look_each_time(client, key, settings):
    settings.AGENT_SESSIONS = {"KEY_MEMORY_SECONDS": 0}
    assert client.get(URL).status_code == 200
    APIKey.objects.filter(pk=key.pk).update(revoked=True)
    assert client.get(URL).json() == WRONG


def test_a_remembered_key_still_expires(project, monkeypatch):
    soon = timezone.now() + timedelta(hours=1)
    client = client_with(factories.APIKeyFactory(project=project, expiry_date=soon))
    assert client.get(URL).status_code == 200
    monkeypatch.setattr(timezone, "now", lambda: soon + timedelta(seconds=1))
    assert client.get(URL).json() == WRONG


def test_a_key_is_looked_up_once_in_a_while(client, key, django_assert_num_queries):
    client.get(URL)
    with django_assert_num_queries(0):
        client.put(URL)  # 405, once the key has been looked at.
    forget_keys()
    with django_assert_num_queries(1):
        client.put(URL)


def test_a_key_of_one_database_opens_no_other(key, monkeypatch):
    """Where a router chooses, by who asks, in which database keys are looked up."""
    chosen = ["theirs"]
    monkeypatch.setattr(router, "db_for_read", lambda model, **hints: chosen[-1])
    monkeypatch.setattr(APIKeyManager, "_look_up", lambda self, secret: key if self.db == "theirs" else None)
    assert APIKey.objects.from_secret(key.secret) == key
    chosen.append("ours")
    assert APIKey.objects.from_secret(key.secret) is None


def test_a_wrong_key_costs_one_query_at_most(anonymous, key, django_assert_num_queries):
    with django_assert_num_queries(1):
        anonymous.get(URL, HTTP_X_API_KEY=f"{key.prefix}.wrong")
    with django_assert_num_queries(0):
        anonymous.get(URL, HTTP_X_API_KEY="no-dot-at-all")


def test_its_last_use_is_kept_to_the_minute(client, key):
    client.get(URL)
    first = APIKey.objects.get(pk=key.pk).last_used_at
    assert timezone.now() - first < timedelta(seconds=10)
    client.get(URL)
    assert APIKey.objects.get(pk=key.pk).last_used_at == first
    APIKey.objects.filter(pk=key.pk).update(last_used_at=first - timedelta(seconds=61))
    forget_keys()
    client.get(URL)
    assert APIKey.objects.get(pk=key.pk).last_used_at > first


def test_a_failed_request_is_a_use_too(client, key):
    client.get(f"{URL}/unknown")
    assert APIKey.objects.get(pk=key.pk).last_used_at is not None


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


class TestAKeyBoundToAUser:
    @pytest.fixture
    def client(self, project):
        return client_with(factories.APIKeyFactory(project=project, user_id="maria"))

    @pytest.fixture
    def sessions(self, project):
        for user_id in ("maria", "otto", None, "", "Maria", "maria "):
            factories.SessionFactory(project=project, session_id=f"of {user_id}", user_id=user_id)

    def test_it_lists_this_users_sessions_only(self, client, sessions):
        assert [row["session_id"] for row in client.get(URL).json()["results"]] == ["of maria"]

    @pytest.mark.parametrize("user_id", ["otto", "Maria", "maria ", ""])
    def test_no_filter_leads_to_other_users(self, client, sessions, user_id):
        response = client.get(URL, {"user_id": user_id})
        assert response.json()["results"] == []

    def test_it_lists_the_agents_that_this_user_met(self, client, sessions):
        agents = client.get("/api/agents").json()["results"]
        assert [agent["agent_id"] for agent in agents] == [Session.objects.get(user_id="maria").agent.agent_id]

    def test_an_agent_is_listed_once_for_many_sessions(self, client, project):
        agent = factories.AgentFactory(project=project)
        factories.SessionFactory.create_batch(3, project=project, agent=agent, user_id="maria")
        assert len(client.get("/api/agents").json()["results"]) == 1

    def test_a_new_session_is_this_users(self, client):
        assert client.post(URL, {"session_id": "new"}).json()["user_id"] == "maria"
        assert client.post(URL, {"user_id": "maria"}).json()["user_id"] == "maria"

    @pytest.mark.parametrize("user_id", ["otto", None, "", "Maria"])
    def test_it_makes_no_session_of_another_user(self, client, user_id):
        response = client.post(URL, {"session_id": "new", "user_id": user_id})
        assert response.status_code == 403
        assert not Session.objects.exists()

    @pytest.mark.parametrize("user_id", ["otto", None])
    def test_it_gives_no_session_away(self, client, sessions, user_id):
        assert client.patch(f"{URL}/of maria", {"user_id": user_id}).status_code == 403

    def test_it_makes_a_session_on_first_mention_for_this_user(self, client):
        response = client.post(f"{URL}/new/messages?create=true", {"role": "user", "content": "hi"})
        assert response.status_code == 201
        assert Session.objects.get().user_id == "maria"
        assert client.post(f"{URL}/x/messages?create=true&user_id=otto", {"role": "user"}).status_code == 403

    def test_a_run_is_this_users(self, client, sessions):
        url = f"{URL}/of maria/runs"
        assert client.post(url, {"run_id": "r"}).json()["user_id"] == "maria"
        assert client.post(url, {"user_id": "otto"}).status_code == 403
        assert client.patch(f"{url}/r", {"user_id": "otto"}).status_code == 403

    def test_changing_a_run_leaves_its_user(self, client, sessions):
        session = Session.objects.get(session_id="of maria")
        factories.RunFactory(session=session, run_id="r", user_id=None)
        response = client.patch(f"{URL}/of maria/runs/r", {"content": "done"})
        assert (response.json()["user_id"], response.json()["content"]) == (None, "done")

    def test_it_deletes_this_users_sessions_only(self, client, sessions):
        response = client.delete(URL, {"session_ids": [session.session_id for session in Session.objects.all()]})
        assert response.json() == {"deleted": 1}
        assert Session.objects.count() == 5

    def test_it_changes_no_agents(self, client, sessions, project):
        agent_id = Session.objects.get(user_id="maria").agent.agent_id
        assert client.post("/api/agents", {"agent_id": "new"}).status_code == 403
        assert client.patch(f"/api/agents/{agent_id}", {"name": "x"}).status_code == 403
        assert client.delete(f"/api/agents/{agent_id}").status_code == 403

    def test_it_branches_from_no_other_users_session(self, client, sessions):
        response = client.post(URL, {"parent_session_id": "of otto"})
        assert response.status_code == 422
        assert response.json()["detail"][0]["loc"] == ["body", "parent_session_id"]

    def test_a_session_id_of_another_user_is_taken(self, client, sessions):
        assert client.post(URL, {"session_id": "of otto"}).status_code == 409

    def test_another_users_session_on_first_mention_makes_nothing(self, client, sessions, project):
        before = set(project.agents.values_list("agent_id", flat=True))
        url = f"{URL}/of otto/messages?create=true&agent_id=brand-new"
        assert client.post(url, {"role": "user", "content": "hi"}).status_code == 404
        assert client.post(url.replace("messages", "runs"), {}).status_code == 404
        assert set(project.agents.values_list("agent_id", flat=True)) == before


def test_an_empty_user_id_binds_nothing(project):
    factories.SessionFactory(project=project)
    client = client_with(factories.APIKeyFactory(project=project, user_id=""))
    assert len(client.get(URL).json()["results"]) == 1
