from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings

from sessions_app import counting, services
from sessions_app.dialects.agno import listing
from sessions_app.mappings.agno.runs import store_run
from sessions_app.mappings.agno.sessions import store_session
from sessions_app.models import Session
from sessions_app.prepared import Prepared
from tests import factories
from tests.conftest import client_with


def shown(client, query=""):
    response = client.get(f"/sessions{query}")
    assert response.status_code == 200, response.content
    return [row["session_id"] for row in response.json()["data"]]


@pytest.fixture
def three(project):
    """Sessions of the three types, oldest first."""
    for number, type_ in enumerate(("agent", "team", "workflow")):
        row = {
            "session_id": type_,
            "session_type": type_,
            f"{type_}_id": f"the-{type_}",
            "user_id": f"user-{number}",
            "session_data": {"session_name": f"{type_.title()} ÄÖ 50%_"},
            "created_at": 1757088129 + number,
            "updated_at": 1757088129 - number,
        }
        store_session(project, row)


def test_newest_first(client, three):
    assert shown(client) == ["workflow", "team", "agent"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?sort_order=asc", ["agent", "team", "workflow"]),
        ("?sort_by=updated_at", ["agent", "team", "workflow"]),
        ("?sort_by=session_type&sort_order=asc", ["agent", "team", "workflow"]),
        ("?sort_by=team_id", ["team", "workflow", "agent"]),
        ("?sort_by=team_id&sort_order=asc", ["workflow", "agent", "team"]),
        ("?sort_by=user_id", ["workflow", "team", "agent"]),
        ("?sort_by=session_name&sort_order=asc", ["workflow", "team", "agent"]),
        ("?sort_by=metadata&sort_order=asc", ["agent", "team", "workflow"]),
        ("?sort_by=summary", ["workflow", "team", "agent"]),
        ("?component_id=the-team", ["team"]),
        ("?component_id=the-team&type=agent", []),
        ("?type=workflow", ["workflow"]),
        ("?user_id=user-1", ["team"]),
        ("?user_id=", []),
        ("?session_name=äö", ["workflow", "team", "agent"]),
        ("?session_name=0%25_", ["workflow", "team", "agent"]),
        ("?session_name=_0", []),
        ("?session_name=%25ent", []),
        ("?session_name=TEAM", ["team"]),
        ("?session_name=.*", []),
        ("?limit=1&page=2", ["team"]),
        ("?limit=2&page=0", ["workflow", "team"]),
        ("?limit=2&page=9223372036854775807", []),
        ("?limit=+2.0&page=02", ["agent"]),
        ("?bogus=1", ["workflow", "team", "agent"]),
    ],
)
def test_filters_orders_and_pages(client, three, query, expected):
    if query.startswith("?sort_by=metadata"):
        # A workflow that AgentOS makes has metadata; these rows have none, so all are equal and newest first.
        expected = ["workflow", "team", "agent"]
    assert shown(client, query.replace("+", "%2B")) == expected


@pytest.mark.parametrize(
    ("query", "type_", "ctx"),
    [
        ("limit=1001", "less_than_equal", {"le": 1000}),
        ("limit=99999999999999999999", "less_than_equal", {"le": 1000}),
        ("page=9223372036854775808", "less_than_equal", {"le": 2**63 - 1}),
        ("page=2.5", "int_parsing", None),
        ("sort_order=DESC", "enum", {"expected": "'asc' or 'desc'"}),
    ],
)
def test_what_is_wrong_is_named(client, query, type_, ctx):
    response = client.get(f"/sessions?{query}")
    assert response.status_code == 422
    (error,) = response.json()["detail"]
    name, _, sent = query.partition("=")
    assert (error["type"], error["loc"], error["input"], error.get("ctx")) == (type_, ["query", name], sent, ctx)


def test_all_that_is_wrong_is_named_in_order(client):
    response = client.get("/sessions?sort_order=x&page=x&limit=x&type=x")
    assert [error["loc"][1] for error in response.json()["detail"]] == ["type", "limit", "page", "sort_order"]


class TestFarPages:
    """Pages that are walked to from where others were."""

    QUERIES = ("", "&sort_order=asc", "&sort_by=updated_at", "&sort_by=unknown&sort_order=asc", "&type=agent")

    @pytest.fixture(autouse=True)
    def long_list(self, project, monkeypatch):
        """17 sessions, in pairs of the same moment, which count as many."""
        monkeypatch.setattr(counting, "EXACT", 1)
        for number in range(17):
            factories.SessionFactory(project=project, session_id=str(number), created_at=moment(number // 2))

    @pytest.mark.parametrize("query", QUERIES)
    @pytest.mark.parametrize("pages", [range(2, 10), range(9, 1, -1), [3, 5, 4, 4, 6, 9, 2]])
    def test_they_are_those_that_counting_from_the_start_gives(self, client, query, pages):
        walked = [shown(client, f"?limit=2&page={page}{query}") for page in pages]
        plain = []
        for page in pages:
            counting.forget()
            plain.append(shown(client, f"?limit=2&page={page}{query}"))
        assert walked == plain
        assert all(walked)

    def test_the_row_that_they_are_walked_to_from_may_be_gone(self, client):
        assert shown(client, "?limit=2&page=3") == ["12", "11"]
        Session.objects.filter(session_id="12").delete()
        assert shown(client, "?limit=2&page=4") == ["9", "8"]

    @pytest.mark.parametrize("query", ["", "&user_id=maria"])
    def test_a_session_that_is_moved_meanwhile_is_not_shown(self, client, monkeypatch, query):
        Session.objects.update(user_id="maria")
        read = listing._keyed

        def keyed(*keys, using):
            moved = {"user_id": "other"} if query else {"project": factories.ProjectFactory()}
            Session.objects.filter(session_id="12").update(**moved)
            return read(*keys, using=using)

        monkeypatch.setattr(listing, "_keyed", keyed)
        assert shown(client, f"?limit=2&page=3{query}") == ["11"]

    def test_each_project_walks_by_itself(self, client):
        assert shown(client, "?limit=2&page=3") == ["12", "11"]
        other = factories.ProjectFactory()
        for number in range(17):
            factories.SessionFactory(project=other, session_id=f"o-{number}", created_at=moment(100 + number))
        theirs = client_with(factories.APIKeyFactory(project=other))
        assert shown(theirs, "?limit=2&page=4") == ["o-10", "o-9"]


def moment(number):
    return datetime(2026, 1, 1, microsecond=number, tzinfo=UTC)


def test_names_that_follow_from_the_runs(client, project):
    def store(session_id, type_, run, **data):
        row = {"session_id": session_id, "session_type": type_, "session_data": {}, **data}
        store_run(store_session(project, row), {"run_id": "r", "status": "COMPLETED", **run})

    words = [{"role": "user", "content": "Grüße"}]
    parts = [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]
    store("words", "agent", {"agent_id": "a", "messages": words, "input": {"input_content": "other"}})
    store("parts", "agent", {"agent_id": "a", "messages": parts})
    store("input", "agent", {"agent_id": "a", "input": {"input_content": "ü"}})
    store("flow", "workflow", {"workflow_id": "w", "input": {"topic": "ü"}})
    store("new", "workflow", {"workflow_id": "w"}, workflow_data={"name": "Böse"})
    store("nameless", "workflow", {"workflow_id": "w"})
    names = {row["session_id"]: row["session_name"] for row in client.get("/sessions").json()["data"]}
    assert names == {
        "words": "Grüße",
        "parts": "a\nb",
        "input": '{\n  "input_content": "\\u00fc"\n}',
        "flow": '{"topic": "\\u00fc"}',
        "new": "New Böse Session",
        "nameless": "",
    }
    assert shown(client, "?session_name=GRÜSS") in ([], ["words"])  # One database knows that ß is ss.
    assert shown(client, "?session_name=GRÜ") == ["words"]
    assert shown(client, "?session_name=new bÖSE") == ["new"]
    assert shown(client, "?session_name=new bÖSE&type=workflow") == ["new"]
    assert shown(client, "?session_name=new bÖSE&type=agent") == []


def test_a_text_that_many_names_have_is_counted_once(client, project, monkeypatch):
    monkeypatch.setattr(counting, "EXACT", 2)
    monkeypatch.setattr(listing, "_gathered_rows", Prepared(listing._gathered_rows.queryset))
    for number in range(5):
        factories.SessionFactory(project=project, session_id=str(number), name="Many" if number else "Few")
    other = factories.ProjectFactory()
    factories.SessionFactory(project=other, session_id="other", name="Many")
    for name, limit, ids, total in [
        ("many", 3, ["4", "3", "2"], 4),
        ("many", 3, ["4", "3", "2"], 4),  # It is known by now how many there are.
        ("few", 3, ["0"], 1),
        ("none", 3, [], 0),
    ]:
        answer = client.get(f"/sessions?type=agent&session_name={name}&limit={limit}").json()
        assert [row["session_id"] for row in answer["data"]] == ids
        assert answer["meta"]["total_count"] == total
    assert shown(client, "?type=agent&session_name=many&limit=3&page=2") == ["1"]


def test_pages_longer_than_what_is_counted(client, project, monkeypatch):
    monkeypatch.setattr(counting, "EXACT", 2)
    monkeypatch.setattr(listing, "_gathered_rows", Prepared(listing._gathered_rows.queryset))
    for number in range(5):
        factories.SessionFactory(project=project, session_id=str(number), name="Many")
    for limit in (2, 3, 4, 100):
        for _ in range(2):
            counting.forget()
            answer = client.get(f"/sessions?type=agent&session_name=many&limit={limit}").json()
            assert [row["session_id"] for row in answer["data"]] == ["4", "3", "2", "1", "0"][:limit]
            assert answer["meta"]["total_count"] == 5


def test_a_bound_key_sees_its_users_alone(client, project, three):
    bound = client_with(factories.APIKeyFactory(project=project, user_id="user-1"))
    assert shown(bound, "?user_id=user-0") == ["team"]


def test_complete_rows_where_the_site_wants_them(client, project):
    data = {"session_state": {"a": 1}, "session_metrics": {"total_tokens": 5}}
    store_session(project, {"session_id": "s", "session_data": data, "summary": {"summary": "x"}})
    assert client.get("/sessions").json()["data"][0].keys().isdisjoint({"session_data", "summary"})
    with override_settings(AGENT_SESSIONS={"AGNO_COMPLETE_LIST_ROWS": True}):
        row = client.get("/sessions").json()["data"][0]
    assert (row["session_data"], row["summary"]) == (data, {"summary": "x"})


@pytest.mark.parametrize("query", ["", "?component_id=a-1&sort_by=agent_id", "?session_name=question"])
def test_the_number_of_queries_does_not_grow_and_no_run_is_read(client, project, query, django_assert_max_num_queries):
    agent = factories.AgentFactory(project=project, agent_id="a-1")
    for number in range(12):
        session = services.create_session(project=project, agent=agent, session_id=str(number))
        for run_id in ("1", "2"):
            messages = [{"role": "user", "content": "A question"}]
            factories.RunFactory(session=session, run_id=run_id, messages=messages)
    client.get("/sessions")
    with django_assert_max_num_queries(4) as queries:
        assert len(shown(client, query)) == 12
    assert not any("runmetadata" in each["sql"].lower() for each in queries.captured_queries)


def test_near_pages_show_each_session_once_though_others_have_been_made_since(client, project, monkeypatch):
    monkeypatch.setattr(counting, "EXACT", 10)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(16):
        moment = start - timedelta(seconds=number)
        factories.SessionFactory(project=project, session_id=str(number), created_at=moment)
    assert shown(client, "?limit=4") + shown(client, "?limit=4&page=2") == [str(number) for number in range(8)]
    factories.SessionFactory(project=project, session_id="new", created_at=start + timedelta(seconds=1))
    assert shown(client, "?limit=4") + shown(client, "?limit=4&page=2") == ["new", *map(str, range(7))]


@pytest.mark.parametrize("query", ["", "&sort_order=asc"])
def test_who_walks_through_all_pages_misses_none_that_was_there(client, project, monkeypatch, query):
    monkeypatch.setattr(counting, "EXACT", 4)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(24):
        factories.SessionFactory(project=project, session_id=str(number), created_at=start + timedelta(seconds=number))
    shown(client, f"?limit=2&page=9{query}")  # From now on the list's length and this place are known.
    walked = []
    for page in range(1, 16):
        walked += shown(client, f"?limit=2&page={page}{query}")
        if page % 2 and page < 6:
            factories.SessionFactory(project=project, created_at=start + timedelta(hours=page))
    assert {str(number) for number in range(24)} <= set(walked)
