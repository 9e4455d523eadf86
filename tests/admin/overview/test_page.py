"""What the page of the overview says, and where its numbers lead."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.admin.overview.conftest import november
from tests.admin.overview.pages import DAY, cells, read, text_of, url
from tests.admin.pages import page_url

GPT = {"model_provider": "OpenAI", "model_id": "gpt-4o"}


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


def test_numbers_in_addresses_are_never_grouped(admin_client, project, settings):
    settings.USE_THOUSAND_SEPARATOR = True
    other = factories.ProjectFactory(pk=1234567)
    content = read(admin_client, project=other.pk).content.decode()
    assert 'value="1234567" selected' in content
    assert "project=1234567" in content
    assert "1,234,567" not in content


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


def read_link(client, address):
    response = client.get(url() + address)
    assert response.status_code == 200
    return response
