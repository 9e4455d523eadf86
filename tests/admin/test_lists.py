from __future__ import annotations

import pytest
from django.core.paginator import Paginator
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app import services
from sessions_app.admin import pagination
from sessions_app.models import Session
from tests import factories
from tests.admin.pages import MODELS, list_url


def fill(project, start, end):
    for number in range(start, end):
        agent = factories.AgentFactory(project=project)
        tag = factories.TagFactory(project=project)
        session = services.create_session(project=project, session_id=f"s{number}", agent=agent, tags=[tag.name])
        message = {"role": "user", "content": f"Question {number}"}
        factories.RunFactory(session=session, run_id=f"r{number}", agent=agent, messages=[message])
        factories.APIKeyFactory(project=project)


def queries_of(client, url):
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.get(url)
    assert response.status_code == 200
    return response, queries


@pytest.mark.parametrize("model", MODELS)
def test_a_list_asks_as_often_for_30_rows_as_for_one(admin_client, project, model):
    if model == "project":
        factories.ProjectFactory()
    fill(project, 0, 1)
    _, before = queries_of(admin_client, list_url(model))
    fill(project, 1, 30)
    if model == "project":
        factories.ProjectFactory.create_batch(28)
    response, after = queries_of(admin_client, list_url(model))
    assert len(response.context["cl"].result_list) == 30
    assert len(after) == len(before)
    assert len(after) <= 10


@pytest.mark.parametrize("model", MODELS)
def test_a_list_counts_no_more_than_it_must(admin_client, project, model):
    fill(project, 0, 1)
    _, queries = queries_of(admin_client, list_url(model))
    counts = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
    assert counts
    assert all("LIMIT 10001" in sql for sql in counts)
    assert not any("DISTINCT" in query["sql"] for query in queries)


def test_a_big_table_is_counted_and_paged_up_to_a_bound(admin_client, project, monkeypatch):
    monkeypatch.setattr(pagination, "COUNTED", 20)
    factories.SessionFactory.create_batch(25, project=project)
    response = admin_client.get(list_url("session"))
    assert response.context["cl"].result_count == 20
    assert b"Only the first 20 are counted" in response.content
    assert isinstance(response.context["cl"].paginator, Paginator)


def test_a_small_table_is_counted_as_it_is(admin_client, project):
    factories.SessionFactory.create_batch(3, project=project)
    response = admin_client.get(list_url("session"))
    assert response.context["cl"].result_count == 3
    assert b"Only the first" not in response.content


def test_an_only_projects_sessions_come_last_changed_first(admin_client, project):
    first, second = factories.SessionFactory.create_batch(2, project=project)
    services.update_session(session=first, name="changed")
    assert list(admin_client.get(list_url("session")).context["cl"].result_list) == [first, second]


def test_sessions_of_several_projects_come_last_changed_first(admin_client, project):
    first = factories.SessionFactory(project=project)
    second = factories.SessionFactory()
    services.update_session(session=first, name="changed")
    assert list(admin_client.get(list_url("session")).context["cl"].result_list) == [first, second]
    rows = admin_client.get(list_url("session", project=project.pk)).context["cl"].result_list
    assert list(rows) == [first]


def test_sessions_are_sorted_by_indexed_columns_only(admin_client, project):
    short, long = factories.SessionFactory.create_batch(2, project=project)
    services.append_messages(session=long, messages=[services.NewMessage({"role": "user", "content": "x"})])
    services.update_session(session=short, name="changed")
    by_messages, by_title = "-5", "1"
    assert list(admin_client.get(list_url("session", o=by_messages)).context["cl"].result_list) == [long, short]
    assert list(admin_client.get(list_url("session", o=by_title)).context["cl"].result_list) == [short, long]
    factories.ProjectFactory()
    assert admin_client.get(list_url("session", o="-6")).context["cl"].result_list[0] == short


def test_session_lists_leave_big_columns_in_the_database(admin_client, project):
    factories.SessionFactory(project=project)
    _, queries = queries_of(admin_client, list_url("session"))
    rows = next(query["sql"] for query in queries if "opening_cut" in query["sql"])
    assert not any(f"{column}" in rows for column in ("state", "metadata", "summary", "details"))


@pytest.mark.parametrize("text", ["Needle", "needle in", "s-need", "USER-needle", "said needle"])
def test_sessions_are_found_by_what_people_know_of_them(admin_client, project, text):
    found = services.create_session(project=project, session_id="S-Needle", user_id="user-needle", name="Needle in hay")
    services.append_messages(session=found, messages=[services.NewMessage({"role": "user", "content": "Said Needle"})])
    factories.SessionFactory(project=project)
    cl = admin_client.get(list_url("session", q=text)).context["cl"]
    assert list(cl.result_list) == [found]


@pytest.mark.parametrize("model", MODELS)
def test_every_list_can_be_searched(admin_client, project, model):
    fill(project, 0, 2)
    response = admin_client.get(list_url(model, q="zzz"))
    assert response.status_code == 200
    assert response.context["cl"].result_count == 0


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "query",
    [
        {"q": "a\x00b"},
        {"project": "x"},
        {"session": "1" * 40},
        {"session": "-1"},
        {"session__exact": "1" * 40},
        {"id": "1" * 40},
        {"agent": "99"},
        {"run": "\x00"},
        {"status": "nope"},
        {"status__exact": "\x00"},
        {"errors": "maybe"},
        {"role": "nobody"},
        {"format": "none"},
        {"p": "999"},
        {"o": "99.x.-1"},
        {"tags": "1"},
    ],
)
def test_a_wrong_query_is_no_server_error(admin_client, project, model, query):
    assert admin_client.get(list_url(model, **query), follow=True).status_code in {200, 400}


@pytest.mark.parametrize(
    ("model", "name"),
    [("session", "project"), ("session", "agent"), ("session", "tags"), ("message", "session"), ("message", "run")],
)
def test_a_number_without_end_finds_nothing(admin_client, project, model, name):
    fill(project, 0, 2)
    response = admin_client.get(list_url(model, **{name: "9" * 5000}))
    assert response.status_code == 200
    assert response.context["cl"].result_count == 0


def test_filters_choose_sessions(admin_client, project):
    good = factories.SessionFactory(project=project)
    factories.RunFactory(session=good)
    bad = services.create_session(project=project, agent=factories.AgentFactory(project=project), tags=["vip"])
    factories.RunFactory(session=bad, status="ERROR")

    def shown(**query):
        return set(admin_client.get(list_url("session", **query)).context["cl"].result_list)

    assert shown(status="ERROR") == shown(errors="yes") == shown(agent=bad.agent.pk) == {bad}
    assert shown(status="COMPLETED") == shown(errors="no") == {good}
    assert shown(tags=bad.tags.get().pk) == {bad}
    assert shown(agent=10**6) == set()


def test_messages_of_a_session_come_in_order_and_all_messages_newest_first(admin_client, project):
    messages = [{"role": role, "content": role} for role in ("user", "assistant")]
    session = factories.SessionFactory(project=project, messages=messages)

    def roles(**query):
        return [row.role for row in admin_client.get(list_url("message", **query)).context["cl"].result_list]

    assert roles(session=session.pk) == ["user", "assistant"]
    assert roles() == ["assistant", "user"]
    assert roles(role="user") == ["user"]
    assert roles(format="openai.responses") == []


def test_the_list_of_projects_to_filter_by_is_bounded(admin_client):
    projects = factories.ProjectFactory.create_batch(103)
    response = admin_client.get(list_url("session"))
    assert len(response.context["cl"].filter_specs[0].lookup_choices) == 100
    by_name = sorted(projects, key=lambda project: project.name)
    session = factories.SessionFactory(project=by_name[-1])
    response = admin_client.get(list_url("session", project=by_name[-1].pk))
    assert list(response.context["cl"].result_list) == [session]
    assert by_name[-1].name in response.content.decode()


def test_a_title_falls_back_on_the_opening_and_the_id(admin_client, project):
    opened = factories.SessionFactory(project=project)
    Session.objects.filter(pk=opened.pk).update(opening="It was a dark night. " * 100)
    factories.SessionFactory(project=project, session_id="nameless")
    page = admin_client.get(list_url("session")).content.decode()
    assert "It was a dark night." in page
    assert page.count("It was a dark night.") < 10
    assert page.count("nameless") >= 2
