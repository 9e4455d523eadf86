from __future__ import annotations

import pytest
from django.utils import timezone

from sessions_app import costs, services
from sessions_app.admin.overview.figures import Figures
from tests import factories
from tests.admin.overview.conftest import november, overview

GPT = {"model_provider": "OpenAI", "model_id": "gpt-4o"}


def test_days_hold_what_was_made_in_them_and_zeros_where_nothing_was(happen):
    happen(november(3, 0), tokens=100)
    happen(november(3, 23), tokens=50, messages=3, is_error=True, status="ERROR")
    happen(november(5), tokens=7)
    happen(november(6, 0), tokens=1000)
    assert overview(3, 5).days == [
        Figures(sessions=2, messages=4, runs=2, errors=1, tokens=150),
        Figures(),
        Figures(sessions=1, messages=1, runs=1, tokens=7),
    ]


def test_totals_add_up_and_an_error_rate_needs_runs(happen):
    happen(november(3), tokens=100)
    happen(november(4), tokens=100, is_error=True)
    total = overview(3, 4).total
    assert total == Figures(sessions=2, messages=2, runs=2, errors=1, tokens=200)
    assert total.error_rate == 0.5
    assert Figures().error_rate is None


def test_the_range_before_has_as_many_days_and_ends_where_this_one_begins(happen):
    happen(november(1, 23), tokens=1)
    happen(november(2, 0), tokens=10)
    happen(november(3, 23), tokens=100)
    happen(november(4, 0), tokens=1000)
    found = overview(4, 5)
    assert found.before == Figures(sessions=2, messages=2, runs=2, tokens=110)
    assert found.total.tokens == 1000


def test_one_project_is_told_from_another(happen, project):
    other = factories.ProjectFactory()
    happen(november(3), tokens=1, user_id="mine")
    happen(november(3), tokens=10, project=other, user_id="theirs")
    assert overview(3, 3, project.pk).total == Figures(sessions=1, messages=1, runs=1, tokens=1)
    assert overview(3, 3, other.pk).total == Figures(sessions=1, messages=1, runs=1, tokens=10)
    assert overview(3, 3).total.tokens == overview(3, 3, projects=[project.pk, other.pk]).total.tokens == 11
    assert [row.name for row in overview(3, 3, project.pk).by_user] == ["mine"]
    assert [run.total_tokens for run in overview(3, 3, other.pk).costliest] == [10]


def test_agents_and_users_come_with_most_tokens_first(happen, project):
    small, big = (factories.AgentFactory(project=project, name=name) for name in ("Small", "Big"))
    happen(november(3), agent=small, user_id="ann", tokens=10)
    session = happen(november(3), agent=big, user_id="bob", tokens=100, is_error=True).session
    happen(november(4), session=session, tokens=100)
    agents = [(row.key, row.name, row.figures) for row in overview(3, 4).by_agent]
    ann, bob = Figures(sessions=1, runs=1, tokens=10), Figures(sessions=1, runs=2, errors=1, tokens=200)
    assert agents == [(big.pk, "Big", bob), (small.pk, "Small", ann)]
    assert [(row.name, row.figures) for row in overview(3, 4).by_user] == [("bob", bob), ("ann", ann)]


def test_users_without_runs_are_ranked_behind_those_with_runs(happen, project):
    for number in range(3):
        factories.SessionFactory(project=project, session_id=f"quiet-{number}", created_at=november(3), user_id="quiet")
    factories.SessionFactory(project=project, created_at=november(3), user_id=None)
    happen(november(3), user_id="busy")
    rows = [(row.name, row.figures) for row in overview(3, 3).by_user]
    assert rows == [("busy", Figures(sessions=1, runs=1)), ("quiet", Figures(sessions=3))]


def test_a_session_made_earlier_counts_its_runs_and_not_itself(happen, project):
    session = services.create_session(project=project, user_id="ann")
    happen(november(3), session=session, tokens=5)
    factories.RunFactory(session=session, created_at=november(8), usage={"total_tokens": 6})
    [row] = overview(8, 8).by_user
    assert row.figures == Figures(runs=1, tokens=6)


def test_rankings_end_after_ten(happen):
    for number in range(12):
        happen(november(3), user_id=f"user-{number:02}", tokens=number + 1, duration_ms=number + 1)
    found = overview(3, 3)
    assert [row.name for row in found.by_user] == [f"user-{number:02}" for number in range(11, 1, -1)]
    assert [run.duration_ms for run in found.slowest] == list(range(12, 2, -1))
    assert [run.total_tokens for run in found.costliest] == list(range(12, 2, -1))


def test_runs_without_a_duration_are_not_slow(happen):
    happen(november(3))
    assert overview(3, 3).slowest == []
    assert overview(3, 3).costliest == []


def test_costs_follow_the_models_and_add_up(happen):
    pytest.importorskip("genai_prices")
    cheap = happen(november(3), tokens=100_000, model_provider="OpenAI", model_id="gpt-4o-mini", user_id="ann")
    usage = {"input_tokens": 3000, "output_tokens": 500, "total_tokens": 3500, "cache_read_tokens": 1000}
    dear = happen(november(4), user_id="bob", **GPT, usage={**usage, "input_tokens": 30_000, "total_tokens": 30_500})
    unknown = happen(november(4), tokens=999_999, model_provider="Cellar", model_id="own-1", user_id="cid")
    found = overview(3, 4)
    expected = [float(costs.cost_of_run(run)) for run in (cheap, dear)]
    assert [day.cost for day in found.days] == pytest.approx(expected)
    assert found.total.cost == pytest.approx(sum(expected))
    assert {row.name: row.figures.cost for row in found.by_user} == {
        "ann": pytest.approx(expected[0]),
        "bob": pytest.approx(expected[1]),
        "cid": None,
    }
    assert found.costliest == [dear, cheap]
    assert found.unpriced == {("Cellar", "own-1"): 1}
    assert overview(5, 6).unpriced == {}
    assert costs.cost_of_run(unknown) is None


def test_cached_tokens_beside_the_input_cost_the_same_in_sql_as_in_python(happen):
    pytest.importorskip("genai_prices")
    usage = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15, "cache_read_tokens": 900}
    usage["cache_write_tokens"] = 70
    run = happen(november(3), model_provider="Anthropic", model_id="claude-sonnet-4-5", usage=usage)
    assert overview(3, 3).total.cost == pytest.approx(float(costs.cost_of_run(run)))
    assert overview(3, 3).total.cost > 0


def test_without_the_extra_nothing_has_a_cost_and_tokens_rank(happen, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "genai_prices", None)
    happen(november(3), tokens=10, **GPT)
    found = overview(3, 3)
    assert found.total.cost is None
    assert found.unpriced == {}
    assert [run.total_tokens for run in found.costliest] == [10]


def test_a_span_until_today_ends_today():
    from sessions_app.admin.overview.span import Span

    span = Span.until_today(7)
    assert (len(span.days), span.last) == (7, timezone.localdate())
