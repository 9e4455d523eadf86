from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_app import services
from sessions_app.admin.sessions import listing
from sessions_app.models import Session
from tests import factories
from tests.admin.pages import list_url, page_url


def shown(client, **query):
    return [session.session_id for session in client.get(list_url("session", **query)).context["cl"].result_list]


def fill(project, start, end):
    for number in range(start, end):
        session = services.create_session(
            project=project,
            session_id=f"s{number}",
            user_id=f"user-{number % 3}",
            agent=factories.AgentFactory(project=project),
            tags=[f"tag {number % 5}", "all"],
        )
        messages = [{"role": "user", "content": f"Question {number}"}]
        factories.RunFactory(session=session, run_id="r", status="ERROR", messages=messages)


QUERIES = [{}, {"errors": "yes"}, {"q": "question"}, {"q": "question", "errors": "yes", "status": "ERROR"}, {"o": "-5"}]


@pytest.mark.parametrize("projects", [1, 2])
def test_a_list_of_100_rows_asks_as_often_as_one_of_10(admin_client, project, projects, monkeypatch):
    monkeypatch.setattr("sessions_app.admin.base.StoreAdmin.list_per_page", 100)
    factories.ProjectFactory.create_batch(projects - 1)

    def ask(query, count):
        admin_client.get(list_url("session", **query))
        with CaptureQueriesContext(connection) as queries:
            assert len(shown(admin_client, **query)) == count
        return [query["sql"] for query in queries]

    fill(project, 0, 10)
    of_10 = [ask(query, 10) for query in QUERIES]
    fill(project, 10, 100)
    for query, before in zip(QUERIES, of_10, strict=True):
        after = ask(query, 100)
        # PostgreSQL is asked what a search may find, and for the keys of that.
        assert len(after) == len(before) <= (17 if "q" in query and connection.vendor == "postgresql" else 15), query
        assert all("LIMIT 10001" in sql for sql in after if "COUNT(" in sql), query


def test_a_row_says_how_its_session_went(admin_client, project):
    agent = factories.AgentFactory(project=project, name="Concierge")
    session = services.create_session(project=project, session_id="s-1", user_id="anna", agent=agent, tags=["vip"])
    message = {"role": "user", "content": "Where is <b>my</b> order?"}
    factories.RunFactory(session=session, status="ERROR", messages=[message], usage={"total_tokens": 1234567})
    Session.objects.update(updated_at=timezone.now() - timedelta(hours=3, minutes=5))
    page = admin_client.get(list_url("session")).content.decode()
    row = page.split('id="result_list"')[1].split("</table>")[0]
    for text in ("Where is &lt;b&gt;my&lt;/b&gt; order?", "s-1", "Concierge", "Agent", "?user=anna", "vip"):
        assert text in row
    assert 'agent-sessions-error">Error<' in row
    assert "1 error<" in row
    assert "1,234,567" in row
    assert "3\xa0hours\xa0ago</time>" in row
    assert f'<time datetime="{(timezone.now() - timedelta(hours=3, minutes=5)):%Y-%m-%dT%H}' in row


def test_what_has_just_changed_says_so(admin_client, project):
    factories.SessionFactory(project=project)
    assert "just now</time>" in admin_client.get(list_url("session")).content.decode()


def test_the_project_is_a_column_once_there_are_two(admin_client, project):
    factories.SessionFactory(project=project)
    assert "column-project_name" not in admin_client.get(list_url("session")).content.decode()
    factories.ProjectFactory()
    page = admin_client.get(list_url("session")).content.decode()
    assert "column-project_name" in page
    assert page.count(project.name) >= 2


def test_titles_lead_where_their_reader_may_go(staff, project):
    session = factories.SessionFactory(project=project)
    reader, clerk = staff("view_session", "view_message", "view_runmetadata"), staff("view_session")
    assert f'href="{page_url(session, "transcript")}"' in reader.get(list_url("session")).content.decode()
    page = clerk.get(list_url("session")).content.decode()
    assert page_url(session, "transcript") not in page
    assert f'href="{page_url(session)}"' in page
    assert clerk.get(page_url(session)).status_code == 200


def test_a_session_can_be_chosen_for_a_form_in_a_window(admin_client, project):
    session = factories.SessionFactory(project=project)
    page = admin_client.get(list_url("session", _popup=1)).content.decode()
    assert f'data-popup-opener="{session.pk}"' in page
    assert "data-popup-opener" not in admin_client.get(list_url("session")).content.decode()


@pytest.fixture
def spoken(project):
    agent = factories.AgentFactory(project=project, agent_id="travel-bot", name="Travel planner")
    found = services.create_session(project=project, session_id="S-1", user_id="anna@example.com", agent=agent)
    words = ["I need a refund for order 4711", 'They said "no way" and 100% of it']
    messages = [services.NewMessage({"role": "user", "content": text}) for text in words]
    services.append_messages(session=found, messages=messages)
    factories.SessionFactory(project=project, session_id="other", user_id="berta")
    return found


@pytest.mark.parametrize(
    "text",
    [
        *("S-1", "s-1", "anna@example.com", "ANNA", "travel-bot", "planner", "refund", "REFUND 4711", "4711 refund"),
        *('"refund for order"', "'refund for order'", "anna refund travel", 'way" and', "100%", "  refund  "),
        "need a refund for order 4711",
    ],
)
def test_sessions_are_found_by_words_in_any_order_and_by_quotes(admin_client, spoken, text):
    assert shown(admin_client, q=text) == ["S-1"]


@pytest.mark.parametrize(
    "text",
    [
        *('"order refund"', "refund berta", "100%5", "_", "\\", '"', "''", '"\\"', "' OR 1=1 --", "a" * 60_000),
        *("\x00", "\ud800", "a " * 2000, '"a" "b" "c" "d" "e" "f" "g"'),
    ],
)
def test_no_search_is_an_error(admin_client, spoken, text):
    assert admin_client.get(list_url("session", q=text.encode("utf-8", "replace"))).status_code == 200


def test_only_those_who_may_read_messages_search_them(staff, spoken):
    reader, clerk = staff("view_session", "view_message"), staff("view_session")
    for text in ('"no way"', "100%", "refund they"):
        assert (shown(reader, q=text), shown(clerk, q=text)) == (["S-1"], [])
    assert shown(clerk, q="refund anna") == ["S-1"], "by its title"


def test_a_whole_user_id_finds_this_user_alone(admin_client, spoken, project):
    factories.SessionFactory(project=project, session_id="quoting", messages=[{"role": "user", "content": "berta"}])
    assert shown(admin_client, q="berta") == ["other"]
    assert sorted(shown(admin_client, q="bert")) == ["other", "quoting"]


def test_words_are_searched_in_the_newest_sessions_and_ids_in_all(admin_client, project, monkeypatch):
    monkeypatch.setattr(listing, "SEARCHED", 2)
    for number in range(4):
        session = factories.SessionFactory(project=project, session_id=f"s{number}", user_id=f"u{number}")
        services.append_messages(session=session, messages=[services.NewMessage({"role": "user", "content": "needle"})])
    page = admin_client.get(list_url("session", q="needle"))
    assert [row.session_id for row in page.context["cl"].result_list] == ["s3", "s2"]
    assert "in the newest 2 sessions" in page.content.decode()
    assert shown(admin_client, q="s0") == shown(admin_client, q="u0") == ["s0"]
    assert shown(admin_client, q="needle", user="u1") == ["s1"]


def test_messages_are_searched_for_those_alone_who_may_see_them(staff, spoken):
    clerk, reader = staff("view_session"), staff("view_session", "view_message")
    assert shown(reader, q="4711") == ["S-1"]
    assert shown(clerk, q="no way") == []
    assert shown(clerk, q="ANNA") == ["S-1"]
    assert "text of messages" in reader.get(list_url("session")).content.decode()
    assert "text of messages" not in clerk.get(list_url("session")).content.decode()


def test_a_cut_count_is_not_shown_as_if_it_were_all(admin_client, project, monkeypatch):
    factories.SessionFactory.create_batch(3, project=project)
    assert "3 results" in admin_client.get(list_url("session")).content.decode()
    monkeypatch.setattr("sessions_app.admin.pagination.COUNTED", 2)
    page = admin_client.get(list_url("session")).content.decode()
    assert "2 results" not in page
    assert "Only the first 2 are counted and shown." in page
