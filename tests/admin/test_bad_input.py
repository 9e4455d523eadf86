from __future__ import annotations

import pytest

from sessions_app import services
from sessions_app.models import Session
from tests import factories
from tests.admin.pages import add_url, errors_of, list_url, page_url, send_form

pytestmark = pytest.mark.django_db

NO_JSON = ["{", "NaN", "[Infinity]", "1e999", "9" * 5000, "[" * 300 + "]" * 300, "[" * 200_000, "'a'", "\x00"]
NOT_FILTERABLE = [*NO_JSON, '{"a": "\\u0000"}', '{"\\u0000": 1}', '{"a": "\\ud800"}', '{"a":' * 31 + "1" + "}" * 31]


@pytest.fixture
def rows(project):
    session = factories.SessionFactory(project=project, messages=[{"role": "user", "content": "x"}])
    run = factories.RunFactory(session=session)
    return {"session": session, "runmetadata": run, "message": session.messages.get(), "agent": session.agent}


@pytest.mark.one_database
@pytest.mark.parametrize("value", NO_JSON)
@pytest.mark.parametrize(
    ("model", "box"),
    [
        ("session", "state"),
        ("session", "summary"),
        ("runmetadata", "content"),
        ("runmetadata", "details"),
        ("message", "payload"),
    ],
)
def test_what_is_no_json_is_a_forms_error(admin_client, rows, model, box, value):
    assert box in errors_of(send_form(admin_client, page_url(rows[model]), **{box: value}))


@pytest.mark.one_database
@pytest.mark.parametrize("value", [*NOT_FILTERABLE, "[1]", '"text"'])
@pytest.mark.parametrize("model", ["session", "agent"])
def test_metadata_that_some_database_refuses_is_a_forms_error(admin_client, rows, model, value):
    assert "metadata" in errors_of(send_form(admin_client, page_url(rows[model]), metadata=value))


@pytest.mark.one_database
@pytest.mark.parametrize("value", ["{}", '"x"', "[1]", '["\\u0000"]'])
def test_index_ids_are_a_list_of_texts(admin_client, rows, value):
    assert "index_ids" in errors_of(send_form(admin_client, page_url(rows["session"]), index_ids=value))


@pytest.mark.parametrize(
    ("model", "box"),
    [
        ("session", "name"),
        ("session", "user_id"),
        ("runmetadata", "error"),
        ("runmetadata", "model_id"),
        ("runmetadata", "parent_run_id"),
        ("agent", "name"),
    ],
)
def test_a_null_character_is_a_forms_error(admin_client, rows, model, box):
    assert box in errors_of(send_form(admin_client, page_url(rows[model]), **{box: "a\x00b"}))


@pytest.mark.parametrize("value", ["a\x00b", "a\x07b", "x" * 256])
@pytest.mark.parametrize(
    ("model", "box"), [("session", "session_id"), ("agent", "agent_id"), ("runmetadata", "run_id")]
)
def test_what_cannot_name_something_is_a_forms_error(admin_client, rows, model, box, value):
    assert box in errors_of(send_form(admin_client, add_url(model), **{box: value}))


def test_deep_state_within_the_bound_is_kept(admin_client, rows):
    assert send_form(admin_client, page_url(rows["session"]), state="[" * 256 + "]" * 256).status_code == 302


def test_emoji_and_right_to_left_are_kept(admin_client, rows):
    send_form(admin_client, page_url(rows["session"]), name="👩‍👩‍👧 שלום", metadata='{"k": "👍"}')
    rows["session"].refresh_from_db()
    assert (rows["session"].name, rows["session"].metadata) == ("👩‍👩‍👧 שלום", {"k": "👍"})


@pytest.mark.parametrize("field", ["project", "agent"])
def test_autocompletion_bears_null_characters(admin_client, project, field):
    query = {"app_label": "sessions_app", "model_name": "session", "field_name": field, "term": "a\x00"}
    assert admin_client.get("/admin/autocomplete/", query).status_code == 200


def test_a_page_that_is_not_there_is_no_error(admin_client, rows):
    for row in rows.values():
        for pk in ("999999", "x", "9" * 40, "\x00"):
            assert admin_client.get(page_url(row, pk=pk)).status_code == 302


def test_a_deleted_session_cannot_be_saved(admin_client, rows, monkeypatch):
    session = rows["session"]
    url = page_url(session)

    def vanish(*args, **kwargs):
        raise services.sessions.rollups.SessionNotFound(session.session_id)

    monkeypatch.setattr("sessions_app.services.rollups.lock", vanish)
    assert "deleted this session" in str(errors_of(send_form(admin_client, url, name="x")))


@pytest.mark.parametrize("action", ["delete_selected", "export_jsonl", "branch"])
@pytest.mark.parametrize("selected", ["x", "", "\x00", "9" * 40, "-1", "1.5"])
def test_an_action_on_what_is_no_row_does_nothing(admin_client, rows, action, selected):
    data = {"action": action, "_selected_action": [selected], "post": "yes"}
    for model in ("session", "agent") if action == "delete_selected" else ("session",):
        assert admin_client.post(list_url(model), data).status_code == 302
    assert Session.objects.exists()


def test_an_action_on_rows_and_on_what_is_none_is_done_to_the_rows(admin_client, rows):
    data = {"action": "export_jsonl", "_selected_action": ["x", str(rows["session"].pk)]}
    response = admin_client.post(list_url("session"), data)
    assert len(b"".join(response.streaming_content).splitlines()) == 1


@pytest.mark.parametrize(
    ("model", "lookup"),
    [
        ("message", "original__contains"),
        ("message", "original__isnull"),
        ("runmetadata", "original__contains"),
        ("session", "state__contains"),
        ("session", "pk__in"),
        ("session", "user_id"),
        ("project", "api_keys__hashed_key__startswith"),
    ],
)
def test_a_list_takes_no_lookup_that_no_filter_offers(viewer, rows, model, lookup):
    assert viewer.get(list_url(model, **{lookup: "1"})).status_code == 400
