from __future__ import annotations

import html
import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sessions_app import services
from tests import factories
from tests.admin.overview.conftest import november
from tests.admin.pages import list_url, page_url

GPT = {"model_provider": "OpenAI", "model_id": "gpt-4o"}


def url(**query):
    return reverse("admin:sessions_app_session_overview") + (f"?{urlencode(query)}" if query else "")


def read(client, **query):
    response = client.get(url(**query))
    assert response.status_code == 200
    return response


def text_of(response):
    """The words of a page, without marks and doubled blanks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def cells(response, name):
    """The numbers of one column of the table of days, oldest first, and their links."""
    place = response.context["page"].titles.index(name)
    return [cells[place] for _day, cells in reversed(list(response.context["page"].days))]


def test_it_shows_the_last_30_days_unless_told_otherwise(admin_client, happen):
    happen(timezone.now())
    page = read(admin_client)
    assert page.context["form"].preset == 30
    assert len(cells(page, "Sessions")) == 30
    assert cells(page, "Sessions")[-1].text == "1"
    assert 'aria-current="true">30 days' in page.content.decode()


@pytest.mark.parametrize("days", [7, 90])
def test_another_number_of_days_can_be_chosen(admin_client, db, days):
    assert len(cells(read(admin_client, days=days), "Sessions")) == days


def test_dates_can_be_chosen_and_an_open_end_is_today(admin_client, db):
    page = read(admin_client, first="2026-11-03", last="2026-11-04")
    assert len(cells(page, "Runs")) == 2
    assert "Nov. 3, 2026 to Nov. 4, 2026" in text_of(page)
    yesterday = timezone.localdate() - timedelta(1)
    assert len(cells(read(admin_client, first=yesterday), "Runs")) == 2
    assert len(cells(read(admin_client, last="2026-11-04"), "Runs")) == 30


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"days": "5"}, "Days: Select a valid choice."),
        ({"first": "yesterday"}, "From: Enter a valid date."),
        ({"first": "\x00"}, "From: Enter a valid date."),
        ({"last": "0001-01-01"}, "To: Choose a date from 1980 on."),
        ({"last": "9999-12-31"}, "To: Choose a date from 1980 on."),
        ({"first": "2026-11-05", "last": "2026-11-04"}, "The first day comes after the last."),
        ({"first": "2020-01-01", "last": "2026-11-04"}, "Choose 366 days at most."),
        ({"project": "99999"}, "Project: Select a valid choice."),
        ({"project": "x' or 1"}, "Project: Select a valid choice."),
        ({"agent": "99999"}, "Agent: Select a valid choice."),
        ({"agent": "9" * 40}, "Agent: Select a valid choice."),
        ({"agent": "x"}, "Agent: Select a valid choice."),
        ({"user": "a\x00b"}, "User: Null characters are not allowed."),
        ({"user": "x" * 256}, "User: Ensure this value has at most 255 characters"),
    ],
)
def test_bad_choices_are_told_and_the_default_is_shown(admin_client, db, query, problem):
    page = read(admin_client, **query)
    assert problem in text_of(page)
    assert "Shown are the last 30 days." in text_of(page)
    assert len(cells(page, "Runs")) == 30


@pytest.mark.parametrize(("first", "last"), [("1980-01-01", "1980-01-01"), ("2999-12-31", "2999-12-31")])
def test_the_first_and_the_last_days_of_all_can_be_chosen(admin_client, happen, first, last):
    happen(november(3))
    assert len(cells(read(admin_client, first=first, last=last), "Runs")) == 1


def test_one_project_can_be_chosen(admin_client, happen, project):
    other = factories.ProjectFactory(name="Other")
    happen(november(3), user_id="mine")
    happen(november(3), project=other, user_id="theirs")
    page = read(admin_client, first="2026-11-03", last="2026-11-03", project=other.pk)
    assert [cell.text for cell in cells(page, "Sessions")] == ["1"]
    assert f'<option value="{other.pk}" selected>Other</option>' in page.content.decode()
    assert "theirs" in text_of(page)
    assert "mine" not in text_of(page)


@pytest.mark.parametrize("with_project", [False, True])
@pytest.mark.parametrize(("name", "amount"), [("Sessions", 2), ("Messages", 3), ("Runs", 2), ("Error rate", 1)])
def test_each_number_leads_to_the_rows_that_it_counts(admin_client, happen, project, name, amount, with_project):
    happen(november(2, 23))
    happen(november(3, 0), messages=2)
    happen(november(3, 23), is_error=True, status="ERROR")
    happen(november(4, 0), is_error=True, status="ERROR")
    happen(november(3), project=factories.ProjectFactory()) if with_project else None
    query = {"project": project.pk} if with_project else {}
    [cell] = cells(read(admin_client, first="2026-11-03", last="2026-11-03", **query), name)
    found = admin_client.get(cell.url)
    assert found.status_code == 200
    assert found.context["cl"].result_count == amount


def test_agents_and_users_lead_to_their_sessions_and_runs(admin_client, happen, project):
    agent = factories.AgentFactory(project=project, name="Support")
    happen(november(3), agent=agent, user_id="ann", is_error=True)
    happen(november(3), user_id="bob & co?")
    page = read(admin_client, first="2026-11-03", last="2026-11-03").context["page"]
    [support] = page.agents
    assert admin_client.get(support["sessions"].url).context["cl"].result_count == 1
    assert [(row["name"], row["errors"].text) for row in page.users] == [("ann", "100%"), ("bob & co?", "0%")]
    for row in (support, *page.users):
        assert admin_client.get(row["runs"].url).context["cl"].result_count == 1
    assert [admin_client.get(row["errors"].url).context["cl"].result_count for row in page.users] == [1, 0]


def test_runs_lead_to_themselves_and_to_the_transcript(admin_client, happen):
    run = happen(november(3), duration_ms=61_000, tokens=5, user_id="ann")
    page = read(admin_client, first="2026-11-03", last="2026-11-03")
    content = page.content.decode()
    assert "1 min 1 s" in content
    assert f'href="{page_url(run)}"' in content
    assert f'href="{page.context["page"].slowest[0]["transcript"]}"' in content


def test_a_change_is_told_against_as_many_days_before(admin_client, happen):
    happen(november(2))
    for _ in range(3):
        happen(november(3), is_error=True)
    text = text_of(read(admin_client, first="2026-11-03", last="2026-11-03"))
    assert "+200% 1 in as many days before" in text
    assert "+100 points 0% in as many days before" in text


def test_costs_are_shown_and_models_without_a_price_are_named(admin_client, happen):
    pytest.importorskip("genai_prices")
    happen(november(3), tokens=1_000_000, **GPT)
    for _ in range(2):
        happen(november(3), tokens=5, model_provider="Cellar", model_id="own-1")
    happen(november(3), tokens=1)
    text = text_of(read(admin_client, first="2026-11-03", last="2026-11-03"))
    assert "Cost $2.50" in text
    assert "No price known for Cellar own-1 (2 runs), no model (1 run)." in text
    assert "Costliest runs" in text


def test_without_the_extra_the_page_says_how_to_get_costs(admin_client, happen, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "genai_prices", None)
    happen(november(3), tokens=1_000_000, **GPT)
    page = read(admin_client, first="2026-11-03", last="2026-11-03")
    assert "django-agent-sessions[prices]" in text_of(page)
    assert "Runs with most tokens" in text_of(page)
    assert "Cost" not in page.context["page"].titles
    assert "No price known" not in text_of(page)


def test_an_empty_store_says_so(admin_client, db):
    page = read(admin_client)
    assert "Nothing happened in these days." in text_of(page)
    assert "By agent" not in text_of(page)


def test_charts_are_named_and_their_bars_are_titled_links(admin_client, happen):
    happen(november(3))
    content = read(admin_client, first="2026-11-03", last="2026-11-03").content.decode()
    charts = re.findall(r"<svg class=\"agent-sessions-chart .*?</svg>", content, re.DOTALL)
    assert len(charts) >= 5
    for chart in charts:
        title, desc = re.search(r'<g role="img" aria-labelledby="(\S+) (\S+)">', chart).groups()
        assert f'<title id="{title}">' in chart
        assert f'<desc id="{desc}">' in chart
    assert "<title>Nov. 3, 2026: 1</title>" in charts[0]
    assert re.search(r'<a href="/admin/sessions_app/session/\?created_at', charts[0])


def test_the_page_has_no_inline_style_or_script(admin_client, happen):
    happen(november(3))
    content = read(admin_client, first="2026-11-03", last="2026-11-03").content.decode()
    main = content[content.index('id="content-main"') :]
    assert not re.search(r"\sstyle=|<style|\son\w+=|<script", main.split("</main>")[0])


def test_hostile_names_stay_text(admin_client, happen, project):
    evil = "<script>alert(1)</script>\"'&"
    agent = factories.AgentFactory(project=project, name=evil)
    happen(november(3), agent=agent, user_id=evil, tokens=3, model_provider=evil, model_id=evil, duration_ms=5)
    content = read(admin_client, first="2026-11-03", last="2026-11-03").content.decode()
    assert "<script>alert" not in content
    assert content.count("&lt;script&gt;alert(1)") >= 4


def queries_of(client, **query):
    client.get(url(**query))
    with CaptureQueriesContext(connection) as queries:
        read(client, **query)
    return len(queries)


def test_it_asks_as_often_for_much_as_for_little(admin_client, happen, project):
    happen(november(3), agent=factories.AgentFactory(project=project), tokens=1, duration_ms=1, **GPT)
    little = queries_of(admin_client, first="2026-11-03", last="2026-11-03")
    for number in range(30):
        agent = factories.AgentFactory(project=project)
        model = {"model_provider": f"p{number}", "model_id": f"m{number}"}
        happen(november(number % 20 + 1), agent=agent, user_id=f"u{number}", tokens=1, duration_ms=1, **model)
    factories.ProjectFactory.create_batch(3)
    much = queries_of(admin_client, first="2025-11-21", last="2026-11-20")
    assert much == little
    assert much <= 14
    narrowed = {"agent": agent.pk, "user": "u29", "project": project.pk}
    assert queries_of(admin_client, first="2025-11-21", last="2026-11-20", **narrowed) <= 15


@pytest.mark.parametrize(
    ("permissions", "status"),
    [((), 403), (("view_session",), 403), (("view_runmetadata",), 403), (("view_session", "view_runmetadata"), 200)],
)
def test_it_takes_permission_to_see_sessions_and_runs(db, permissions, status):
    user = User.objects.create_user("staff", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    assert client.get(url()).status_code == status


def test_strangers_are_sent_to_the_login(db):
    assert Client().get(url()).status_code == 302


def test_the_list_and_the_index_lead_to_it(viewer, project):
    services.create_session(project=project)
    for page in (list_url("session"), reverse("admin:app_list", args=["sessions_app"])):
        assert f'href="{url()}"' in viewer.get(page).content.decode()


def test_no_link_is_shown_to_those_who_may_not_follow_it(db):
    user = User.objects.create_user("staff", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_session"))
    client = Client()
    client.force_login(user)
    for page in (list_url("session"), reverse("admin:app_list", args=["sessions_app"])):
        response = client.get(page)
        assert response.status_code == 200
        assert url() not in response.content.decode()


def test_numbers_in_addresses_are_never_grouped(admin_client, project, settings):
    settings.USE_THOUSAND_SEPARATOR = True
    other = factories.ProjectFactory(pk=1234567)
    content = read(admin_client, project=other.pk).content.decode()
    assert 'value="1234567" selected' in content
    assert "project=1234567" in content
    assert "1,234,567" not in content


def test_who_may_not_see_messages_gets_no_links_to_them(staff, happen):
    happen(timezone.now())
    page = read(staff("view_session", "view_runmetadata"))
    assert "Messages" not in page.context["page"].titles
    assert list_url("message") not in page.content.decode()


@pytest.mark.parametrize("given", ["9" * 40, "9" * 5000, "x", "-1"])
def test_a_project_behind_the_listed_ones_can_be_chosen(admin_client, happen, monkeypatch, given):
    monkeypatch.setattr("sessions_app.admin.sessions.overview.LISTED_PROJECTS", 1)
    last = factories.ProjectFactory(name="Zulu")
    happen(november(3), project=last, user_id="theirs")
    happen(november(3), user_id="mine")
    query = {"first": "2026-11-03", "last": "2026-11-03"}
    page = read(admin_client, project=last.pk, **query)
    assert "theirs" in text_of(page)
    assert "mine" not in text_of(page)
    assert "Select a valid choice." in text_of(read(admin_client, project=given, **query))


DAY = {"first": "2026-11-03", "last": "2026-11-03"}


@pytest.mark.parametrize("kind", ["agents", "users"])
@pytest.mark.parametrize(
    ("name", "amount"), [("Sessions", "1"), ("Messages", "2"), ("Tokens", "7"), ("Runs", "1"), ("Error rate", "100%")]
)
def test_a_ranking_leads_to_the_figures_a_day_of_one(admin_client, happen, project, kind, name, amount):
    support = factories.AgentFactory(project=project, name="Support")
    failed = {"is_error": True, "status": "ERROR", "messages": 2, "tokens": 7}
    happen(november(3), agent=support, user_id="ann & co", **failed)
    happen(november(3), agent=factories.AgentFactory(project=project), user_id="bob", tokens=1)
    row = getattr(read(admin_client, **DAY).context["page"], kind)[0]
    page = read_link(admin_client, row["overview"])
    [cell] = cells(page, name)
    assert cell.text == amount
    assert admin_client.get(cell.url).context["cl"].result_count == (2 if name == "Messages" else 1)
    assert "bob" not in text_of(page)
    [narrowed] = page.context["page"].narrowed
    assert narrowed["name"] == ("Support" if kind == "agents" else "ann & co")
    assert cells(read_link(admin_client, narrowed["url"]), "Sessions")[0].text == "2"


def test_other_days_stay_those_of_the_agent_the_user_and_the_project(admin_client, happen, project):
    agent = factories.AgentFactory(project=project)
    happen(november(3), agent=agent, user_id="ann & co")
    page = read(admin_client, **DAY, agent=agent.pk, user="ann & co", project=project.pk)
    content = html.unescape(page.content.decode())
    assert f'href="?days=7&project={project.pk}&agent={agent.pk}&user=ann+%26+co"' in content
    assert f'<input type="hidden" name="agent" value="{agent.pk}">' in content
    assert '<input type="hidden" name="user" value="ann & co">' in content


def read_link(client, address):
    response = client.get(url() + address)
    assert response.status_code == 200
    return response
