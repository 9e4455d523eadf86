"""Which days, project, agent and user can be chosen."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
from django.utils import timezone

from tests import factories
from tests.admin.overview.conftest import november
from tests.admin.overview.pages import DAY, cells, read, text_of


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


def test_other_days_stay_those_of_the_agent_the_user_and_the_project(admin_client, happen, project):
    agent = factories.AgentFactory(project=project)
    happen(november(3), agent=agent, user_id="ann & co")
    page = read(admin_client, **DAY, agent=agent.pk, user="ann & co", project=project.pk)
    content = html.unescape(page.content.decode())
    assert f'href="?days=7&project={project.pk}&agent={agent.pk}&user=ann+%26+co"' in content
    assert f'<input type="hidden" name="agent" value="{agent.pk}">' in content
    assert '<input type="hidden" name="user" value="ann & co">' in content
