"""The filters of the list of sessions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests import factories
from tests.dialects.native.finding import URL, found, make


def test_without_a_filter_it_is_all(client, project):
    for session_id in ("a", "b"):
        make(project, session_id)
    assert found(client) == {"a", "b"}


def test_agent_and_type(client, project):
    for type_ in ("agent", "team"):
        agent = factories.AgentFactory(project=project, agent_id="x", type=type_)
        make(project, f"x {type_}", type=type_, agent=agent)
    make(project, "other", agent=factories.AgentFactory(project=project, agent_id="X"))
    make(project, "none")
    assert found(client, agent_id="x") == {"x agent", "x team"}
    assert found(client, agent_id="x", type="team") == {"x team"}
    assert found(client, type="agent") == {"x agent", "other", "none"}
    assert found(client, type="workflow") == found(client, agent_id="unknown") == set()


def test_user(client, project):
    for user_id in ("maria", "Maria", "maria ", "m\u00e4ria", None):
        make(project, repr(user_id), user_id=user_id)
    for user_id in ("maria", "Maria", "maria ", "m\u00e4ria"):
        assert found(client, user_id=user_id) == {repr(user_id)}


def test_status_of_the_last_run_and_errors(client, project):
    for session_id, statuses in {
        "a": ["ERROR", "COMPLETED"],
        "b": ["COMPLETED", "ERROR"],
        "c": ["RUNNING"],
        "d": [],
    }.items():
        session = make(project, session_id)
        for status in statuses:
            factories.RunFactory(session=session, status=status)
    assert found(client, status="COMPLETED") == {"a"}
    assert found(client, status="ERROR") == {"b"}
    assert found(client, status="PAUSED") == set()
    for yes in ("true", "1", "True"):
        assert found(client, has_errors=yes) == {"a", "b"}
    for no in ("false", "0"):
        assert found(client, has_errors=no) == {"c", "d"}
    assert found(client, has_errors="") == {"a", "b", "c", "d"}


@pytest.fixture
def texts(project):
    make(project, "by-name", name="Where is my PARCEL?")
    factories.SessionFactory(
        project=project,
        session_id="by-text",
        messages=[{"role": "user", "content": "x"}, {"role": "tool", "content": "parcel 17"}],
    )
    session = make(project, "by-run")
    factories.RunFactory(
        session=session, messages=[{"role": "user", "content": [{"type": "text", "text": "a Parcel"}]}]
    )
    make(project, "the-parcel-itself")
    make(project, "odd", name="100% of a_b \\ 'quoted' \"twice\" \u00fcber \u30bb\u30c3")
    make(project, "none", metadata={"parcel": 1})


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("parcel", {"by-name", "by-text", "by-run", "the-parcel-itself"}),
        ("PARCEL", {"by-name", "by-text", "by-run", "the-parcel-itself"}),
        ("parcel 17", {"by-text"}),
        (" parcel", {"by-run"} | {"by-name"}),
        ("0% o", {"odd"}),
        ("%", {"odd"}),
        ("_", {"odd"}),
        ("a_b", {"odd"}),
        ("aXb", set()),
        ("\\", {"odd"}),
        ("'", {"odd"}),
        ('"twice"', {"odd"}),
        ("\u00fcber", {"odd"}),
        ("\u30bb", {"odd"}),
        ("unheard of", set()),
    ],
)
def test_q_looks_in_name_id_and_messages(client, texts, text, ids):
    assert found(client, q=text) == ids


def test_q_does_not_look_into_other_projects(client, project):
    factories.SessionFactory(messages=[{"role": "user", "content": "parcel"}])
    make(project, "a")
    assert found(client, q="parcel") == set()


def test_tag(client, project):
    make(project, "a", tags=["vip", "x"])
    make(project, "b", tags=["VIP"])
    make(project, "c")
    assert found(client, tag="vip") == {"a"}
    assert found(client, tag="VIP") == {"b"}
    assert found(client, tag="unknown") == set()


class TestRanges:
    @pytest.fixture(autouse=True)
    def sessions(self, project):
        for day in (1, 2, 3):
            moment = datetime(2025, 1, day, 12, tzinfo=UTC)
            make(project, str(day), created_at=moment, updated_at=moment.replace(month=2))

    @pytest.mark.parametrize(
        ("query", "ids"),
        [
            ({"created_after": "2025-01-02T12:00:00Z"}, {"2", "3"}),
            ({"created_after": "2025-01-02T12:00:00.000001Z"}, {"3"}),
            ({"created_before": "2025-01-02T12:00:00Z"}, {"1", "2"}),
            ({"created_before": "2025-01-02"}, {"1"}),
            ({"created_after": "2025-01-02T13:00:00+01:00", "created_before": "2025-01-02T12:00:00"}, {"2"}),
            ({"created_after": "1735819200"}, {"2", "3"}),
            ({"created_after": "1735819200.5"}, {"3"}),
            ({"updated_after": "2025-02-02T12:00:00Z"}, {"2", "3"}),
            ({"updated_before": "2025-02-02T12:00:00Z"}, {"1", "2"}),
            ({"updated_before": "2025-01-31"}, set()),
            ({"created_after": "2025-01-02", "updated_before": "2025-02-02T12:00:00Z"}, {"2"}),
            ({"created_after": "0002-01-01", "created_before": "9998-12-31"}, {"1", "2", "3"}),
            ({"created_after": ""}, {"1", "2", "3"}),
        ],
    )
    def test_both_ends_belong_to_it(self, client, query, ids):
        assert found(client, **query) == ids

    @pytest.mark.parametrize(
        "moment",
        [
            "yesterday",
            "0001-01-01",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59",
            "9999-12-31T23:59:59-14:00",
            "2025-13-01",
            "2025-02-30",
            "2025-01-01T25:00",
            "1e20",
            "-1e20",
            "1e400",
            "NaN",
            "inf",
            "-inf",
            "9" * 5000,
            "\x00",
            "null",
        ],
    )
    @pytest.mark.parametrize("name", ["created_after", "created_before", "updated_after", "updated_before"])
    def test_what_is_no_moment_is_422(self, client, name, moment):
        response = client.get(URL, {name: moment})
        assert response.status_code == 422
        assert [(error["loc"], error["type"]) for error in response.json()["detail"]] == [
            (["query", name], "datetime_type")
        ]
