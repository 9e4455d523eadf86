from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_app import services
from sessions_app.admin import windows
from sessions_app.models import Session
from tests import factories
from tests.admin.pages import list_url


def listed(client, **query):
    response = client.get(list_url("session", **query))
    assert response.status_code == 200, response.status_code
    return response.context["cl"]


def shown(client, **query):
    return [session.session_id for session in listed(client, **query).result_list]


def choices(client, parameter, **query):
    cl = listed(client, **query)
    spec = next(spec for spec in cl.filter_specs if spec.parameter_name == parameter)
    return [str(choice["display"]) for choice in spec.choices(cl)], spec


def make(project, session_id, **columns):
    session = factories.SessionFactory(project=project, session_id=session_id)
    Session.objects.filter(pk=session.pk).update(**columns)
    return session


def test_sessions_of_one_user(admin_client, project):
    make(project, "a", user_id="anna")
    make(project, "b", user_id="Anna")
    make(factories.ProjectFactory(), "c", user_id="anna")
    assert sorted(shown(admin_client, user="anna")) == ["a", "c"]
    assert shown(admin_client, user="anna", project=project.pk) == ["a"]
    assert shown(admin_client, user="nobody") == []
    assert choices(admin_client, "user", user="anna")[0] == ["All", "anna"]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({"messages": "0-0"}, ["empty"]),
        ({"messages": "1-4"}, ["short"]),
        ({"messages": "1000-"}, ["long"]),
        ({"tokens": "0-999"}, ["empty"]),
        ({"tokens": "10000-99999"}, ["short"]),
        ({"tokens": "1000000-"}, ["long"]),
        ({"tokens": "1000000-", "messages": "1-4"}, []),
        ({"type": "team"}, ["long"]),
    ],
)
def test_sessions_by_size_and_type(admin_client, project, query, ids):
    make(project, "empty", message_count=0, total_tokens=999)
    make(project, "short", message_count=4, total_tokens=10_000)
    make(project, "long", message_count=1000, total_tokens=2_000_000, type="team")
    assert shown(admin_client, **query) == ids


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({"created_at__gte": "2026-03-10"}, ["late", "noon"]),
        ({"created_at__lte": "2026-03-10"}, ["noon", "early"]),
        ({"created_at__gte": "2026-03-10", "created_at__lte": "2026-03-10"}, ["noon"]),
        ({"created_at__gte": "2026-03-10T00:00:00+00:00", "created_at__lt": "2026-03-11T00:00:00+00:00"}, ["noon"]),
        ({"created_at__lt": "2026-03-10"}, ["early"]),
        ({"created_at__gte": "2026-03-12", "created_at__lte": "2026-03-01"}, []),
        ({"created_at__lte": ""}, ["late", "noon", "early"]),
    ],
)
def test_sessions_of_a_span_of_days(admin_client, project, query, ids):
    for session_id, day, hour in (("early", 9, 23), ("noon", 10, 12), ("late", 11, 0)):
        moment = datetime(2026, 3, day, hour, tzinfo=UTC)
        make(project, session_id, created_at=moment, updated_at=moment)
    assert shown(admin_client, **query) == ids
    factories.ProjectFactory()
    assert shown(admin_client, **query) == ids


def test_a_spans_boxes_hold_both_its_days(admin_client, project):
    query = {"created_at__gte": "2026-03-10", "created_at__lt": "2026-03-12"}
    _, spec = choices(admin_client, "created", **query)
    assert [box.value for box in spec.boxes] == ["2026-03-10", "2026-03-11"]


def test_the_past_days_are_one_click_away(admin_client, project):
    make(project, "new")
    make(project, "old", created_at=timezone.now() - timedelta(days=8))
    cl = listed(admin_client)
    spec = next(spec for spec in cl.filter_specs if spec.parameter_name == "created")
    week = next(choice for choice in spec.choices(cl) if str(choice["display"]) == "Past 7 days")
    rows = admin_client.get(list_url("session") + week["query_string"]).context["cl"].result_list
    assert [row.session_id for row in rows] == ["new"]


@pytest.mark.parametrize(
    "value", ["x", "2026-02-31", "9999-12-31", "0001-01-01", "2026-03-10T99:00:00", "\x00", "1" * 99]
)
@pytest.mark.parametrize("name", ["created_at__gte", "created_at__lte", "created_at__lt"])
@pytest.mark.parametrize("count", [1, 2])
def test_a_date_that_is_none_is_no_server_error(admin_client, project, name, value, count):
    if count == 2:
        factories.ProjectFactory()
    factories.SessionFactory(project=project)
    assert admin_client.get(list_url("session", **{name: value, "errors": "no"})).status_code in {200, 302}


@pytest.mark.parametrize(
    "query",
    [
        {"user": "\x00"},
        {"user": "x" * 5000},
        {"agent_name": "\x00"},
        {"agent_name": "%_'\"\\"},
        {"tags_name": "nope"},
        {"agent": "1" * 40, "agent_name": "x"},
        {"messages": "5-4"},
        {"tokens": "-"},
        {"type": "nope"},
        {"created_at__gt": "x"},
        {"project": "\u0663", "agent_name": "x"},
        {"project": "9" * 5000, "agent_name": "x"},
    ],
)
def test_odd_values_are_no_server_error(admin_client, project, query):
    factories.SessionFactory(project=project)
    assert admin_client.get(list_url("session", **query)).status_code in {200, 302}


def test_the_newest_agents_are_links_and_others_are_found_by_name(admin_client, project):
    agents = [factories.AgentFactory(project=project, name=f"Helper {number:02}") for number in range(20)]
    session = make(project, "s", agent=agents[0])
    others = make(project, "t", agent=agents[11])
    names, spec = choices(admin_client, "agent", project=project.pk)
    assert len(names) == 13
    assert "Helper 00" in spec.boxes[0].suggestions
    assert shown(admin_client, agent_name="helper 00") == [session.session_id]
    assert shown(admin_client, agent_name=agents[11].agent_id) == [others.session_id]
    assert sorted(shown(admin_client, agent_name="Helper")) == ["s", "t"]
    assert shown(admin_client, agent_name="Stranger") == []
    assert "Helper 00" in choices(admin_client, "agent", agent_name="Helper 00")[0]


def test_few_agents_need_no_box(admin_client, project):
    factories.SessionFactory(project=project)
    assert choices(admin_client, "agent")[1].boxes == []


def test_agents_and_tags_of_the_chosen_project_only(admin_client, project):
    other = factories.ProjectFactory()
    factories.AgentFactory(project=project, name="Mine")
    factories.AgentFactory(project=other, name="Theirs")
    factories.TagFactory(project=project, name="my tag")
    factories.TagFactory(project=other, name="their tag")
    assert choices(admin_client, "agent", project=project.pk)[0] == ["All", "Mine"]
    assert choices(admin_client, "tags", project=project.pk)[0] == ["All", "my tag"]
    assert len(choices(admin_client, "agent")[0]) == 3


def test_sessions_by_the_name_of_a_tag(admin_client, project):
    services.create_session(project=project, session_id="a", tags=["vip", "late"])
    services.create_session(project=factories.ProjectFactory(), session_id="b", tags=["vip"])
    assert sorted(shown(admin_client, tags_name="vip")) == ["a", "b"]
    assert shown(admin_client, tags_name="lat") == ["a"]


def test_a_filters_form_keeps_the_other_filters(admin_client, project):
    factories.SessionFactory(project=project)
    page = admin_client.get(list_url("session", errors="no", q="session", user="user-1")).content.decode()
    user_form = page.split('aria-label="Filter by user"')[1].split("</form>")[0]
    assert '<input type="hidden" name="errors" value="no">' in user_form
    assert '<input type="hidden" name="q" value="session">' in user_form
    assert 'value="user-1"' in user_form
    assert user_form.count('name="user"') == 1


def test_what_people_type_is_escaped(admin_client, project):
    page = admin_client.get(list_url("session", user='"><script>x</script>')).content.decode()
    assert "<script>x" not in page


@pytest.fixture
def narrow(monkeypatch):
    monkeypatch.setattr(windows, "LOOKED_THROUGH", 2)


SCANNING = [{"errors": "no"}, {"type": "agent"}, {"messages": "0-0"}, {"tokens": "0-999"}]


@pytest.mark.parametrize("query", SCANNING)
def test_a_filter_without_an_index_looks_through_the_newest_sessions_and_says_so(admin_client, project, narrow, query):
    for number in range(4):
        moment = datetime(2026, 3, 1 + number, tzinfo=UTC)
        make(project, f"s{number}", created_at=moment, updated_at=moment)
    response = admin_client.get(list_url("session", **query))
    assert [row.session_id for row in response.context["cl"].result_list] == ["s3", "s2"]
    assert b"look through the newest 2 rows only" in response.content
    narrowed = admin_client.get(list_url("session", created_at__lte="2026-03-02", **query))
    assert [row.session_id for row in narrowed.context["cl"].result_list] == ["s1", "s0"]
    assert b"look through the newest" not in narrowed.content


def test_a_filter_with_an_index_looks_through_all_sessions(admin_client, project, narrow):
    agent = factories.AgentFactory(project=project)
    for number in range(4):
        make(project, f"s{number}", agent=agent, user_id="u", last_run_status="ERROR")
    for query in ({"status": "ERROR"}, {"agent": agent.pk}, {"user": "u"}, {"created_at__gte": "2020-01-01"}):
        response = admin_client.get(list_url("session", **query))
        assert len(response.context["cl"].result_list) == 4
        assert b"look through the newest" not in response.content


def test_two_filters_without_an_index_look_for_the_windows_edge_once(admin_client, project, narrow):
    make(project, "s")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        listed(admin_client, errors="no", type="agent")
    assert sum("OFFSET 2" in query["sql"] for query in queries) == 1


def test_messages_by_role_have_a_window_too(admin_client, project, narrow):
    factories.SessionFactory(project=project, messages=[{"role": "user", "content": "x"}] * 4)
    response = admin_client.get(list_url("message", role="user"))
    assert response.context["cl"].result_count == 2
    session = Session.objects.get()
    assert admin_client.get(list_url("message", role="user", session=session.pk)).context["cl"].result_count == 4
