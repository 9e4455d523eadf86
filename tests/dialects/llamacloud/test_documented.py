from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
from django.test import override_settings

from sessions_app import services
from sessions_app.models import Session
from tests import factories

URL = "/api/v1/chat/ses-abc123/summary"
MOMENT = "2026-04-22T12:34:41.342245"
DOCUMENTED = {
    "last_updated_at": MOMENT,
    "session_id": "ses-abc123",
    "generated_title": "What were the main findings in Q3?...",
    "index_ids": ["idx-abc123", "idx-def456"],
    "job_metadata": {
        "duration_ms": 0,
        "error": "error",
        "export_config_ids": ["string"],
        "is_error": True,
        "total_input_tokens": 0,
        "total_output_tokens": 0,
        "turns": 0,
    },
}
RUN = {
    "run_id": "run-1",
    "status": "ERROR",
    "duration_ms": 0,
    "error": "error",
    "export_config_ids": ["string"],
    "is_error": True,
    "turns": 0,
}
EMPTY = {
    "session_id": "ses-abc123",
    "shared_access": "read_only",
    "generated_title": None,
    "index_ids": None,
    "job_metadata": None,
}


def test_the_documented_example_written_by_services(client, project):
    session = services.create_session(
        project=project,
        session_id="ses-abc123",
        name="What were the main findings in Q3?...",
        index_ids=["idx-abc123", "idx-def456"],
    )
    services.record_run(session=session, **RUN)
    services.update_session(session=session, updated_at=datetime.fromisoformat(MOMENT).replace(tzinfo=UTC))
    assert client.get(URL).json() == {**DOCUMENTED, "shared_access": "read_only"}


def test_the_documented_example_written_by_our_api(client):
    body = {
        "session_id": "ses-abc123",
        "name": "What were the main findings in Q3?...",
        "index_ids": ["idx-abc123", "idx-def456"],
        "shared_access": "query",
    }
    assert client.post("/api/sessions", body).status_code == 201
    assert client.post("/api/sessions/ses-abc123/runs", RUN).status_code == 201
    assert client.patch("/api/sessions/ses-abc123", {"updated_at": MOMENT}).status_code == 200
    response = client.get(URL)
    assert (response.status_code, response.json()) == (200, {**DOCUMENTED, "shared_access": "query"})


def test_a_session_that_has_not_run(client):
    client.post("/api/sessions", {"session_id": "ses-abc123", "updated_at": "2026-04-22T12:34:41Z"})
    assert client.get(URL).json() == {**EMPTY, "last_updated_at": "2026-04-22T12:34:41.000000"}


def test_the_title_is_made_of_the_first_user_message(client):
    words = "What were the   main findings\nin Q3? And which region grew fastest in the third quarter?"
    messages = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": words}]
    client.post("/api/sessions/ses-abc123/messages?create=true", messages)
    title = "What were the main findings in Q3? And which region grew fas..."
    assert client.get(URL).json()["generated_title"] == title
    client.patch("/api/sessions/ses-abc123", {"name": "Findings"})
    assert client.get(URL).json()["generated_title"] == "Findings"


def test_tokens_are_those_of_the_newest_run(client):
    url = "/api/sessions/ses-abc123/runs"
    client.post(f"{url}?create=true", {"usage": {"input_tokens": 5, "output_tokens": 6}, "turns": 2})
    client.post(url, {"usage": {"input_tokens": 812, "output_tokens": 96}, "duration_ms": 1840.5})
    assert client.get(URL).json()["job_metadata"] == {
        "duration_ms": 1840.5,
        "error": None,
        "export_config_ids": None,
        "is_error": False,
        "total_input_tokens": 812,
        "total_output_tokens": 96,
        "turns": 1,
    }


def test_an_unknown_duration_is_left_out_and_not_null(client):
    client.post("/api/sessions/ses-abc123/runs?create=true", {})
    assert "duration_ms" not in client.get(URL).json()["job_metadata"]


@pytest.mark.parametrize("status", ["PENDING", "RUNNING"])
def test_a_run_that_goes_on_does_not_show(client, status):
    url = "/api/sessions/ses-abc123/runs"
    client.post(f"{url}?create=true", {"run_id": "r", "status": status, "turns": 7})
    assert client.get(URL).json()["job_metadata"] is None
    client.patch(f"{url}/r", {"status": "COMPLETED"})
    assert client.get(URL).json()["job_metadata"]["turns"] == 7


def test_the_site_chooses_the_default_of_shared_access(client, project):
    factories.SessionFactory(project=project, session_id="ses-abc123")
    with override_settings(AGENT_SESSIONS={"DEFAULT_SHARED_ACCESS": "query"}):
        assert client.get(URL).json()["shared_access"] == "query"


class TestProject:
    @pytest.fixture(autouse=True)
    def session(self, project):
        return factories.SessionFactory(project=project, session_id="ses-abc123")

    @pytest.mark.parametrize(
        "query", ["", "?project_id=", "?project_id=null&organization_id=null", "?organization_id="]
    )
    def test_null_is_the_keys_own(self, client, query):
        assert client.get(URL + query).status_code == 200

    def test_its_own_ids_are_fine(self, client, project):
        query = {"project_id": str(project.project_id), "organization_id": str(project.organization_id).upper()}
        assert client.get(URL, query).status_code == 200

    @pytest.mark.parametrize("name", ["project_id", "organization_id"])
    def test_another_one_is_404(self, client, name):
        response = client.get(URL, {name: str(uuid.uuid4())})
        assert (response.status_code, response.json()) == (404, {"detail": "Project not found"})

    def test_another_projects_ids_do_not_open_it(self, client):
        other = factories.SessionFactory(session_id="ses-other")
        url = "/api/v1/chat/ses-other/summary"
        assert client.get(url, {"project_id": str(other.project.project_id)}).status_code == 404

    @pytest.mark.parametrize("name", ["project_id", "organization_id"])
    @pytest.mark.parametrize("value", ["x", "123", "0" * 33, "None", "\x00", "%", "9" * 5000])
    def test_what_is_no_uuid_is_422(self, client, name, value):
        response = client.get(URL, {name: value})
        assert response.status_code == 422
        [error] = response.json()["detail"]
        assert (error["loc"], error["type"]) == (["query", name], "value_error")
        assert error["msg"] == "Must be a valid UUID."

    def test_all_that_is_wrong_is_said(self, client):
        response = client.get(URL, {"project_id": "x", "organization_id": "y"})
        assert [error["loc"][1] for error in response.json()["detail"]] == ["organization_id", "project_id"]


def test_an_unknown_session_is_404(client):
    response = client.get(URL)
    assert (response.status_code, response.json()) == (404, {"detail": "Session not found"})


@pytest.mark.parametrize("path_id", ["x" * 256, "a%00b", "%0A", "%7F"])
def test_a_bad_id_is_422(client, path_id):
    response = client.get(f"/api/v1/chat/{path_id}/summary")
    assert response.status_code == 422
    assert [error["loc"] for error in response.json()["detail"]] == [["path", "session_id"]]


def test_it_costs_one_query(client, project, django_assert_num_queries):
    session = factories.SessionFactory(project=project, session_id="ses-abc123")
    factories.RunFactory(session=session)
    client.get(URL)
    with django_assert_num_queries(1):
        client.get(URL)
    assert Session.objects.count() == 1
