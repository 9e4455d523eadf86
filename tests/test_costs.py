from __future__ import annotations

import socket
import sys
from decimal import Decimal

import pytest
from django.utils import timezone

from sessions_app import costs
from tests import factories

pytest.importorskip("genai_prices")

GPT = {"model_provider": "OpenAI", "model_id": "gpt-4o"}
CLAUDE = {"model_provider": "Anthropic", "model_id": "claude-sonnet-4-5"}


def usage(input=0, output=0, **more):
    return {"input_tokens": input, "output_tokens": output, "total_tokens": input + output, **more}


@pytest.fixture
def session(project):
    return factories.SessionFactory(project=project)


def test_a_run_costs_what_its_tokens_cost(session):
    run = factories.RunFactory(session=session, **GPT, usage=usage(1_000_000, 100_000))
    assert costs.cost_of_run(run) == Decimal("2.5") + Decimal(1)


def test_cached_tokens_cost_less_and_cache_writes_more(session):
    cached = usage(1_000_000, cache_read_tokens=400_000, cache_write_tokens=100_000)
    run = factories.RunFactory(session=session, **CLAUDE, usage=cached)
    assert costs.cost_of_run(run) == Decimal("1.5") + Decimal("0.12") + Decimal("0.375")


def test_cached_tokens_may_lie_beside_the_input(session):
    run = factories.RunFactory(session=session, **CLAUDE, usage=usage(1000, cache_read_tokens=1_000_000))
    assert costs.cost_of_run(run) == Decimal("0.003") + Decimal("0.3")


@pytest.mark.parametrize(
    "model",
    [
        {},
        {"model_provider": "OpenAI"},
        {"model_provider": "OpenAI", "model_id": "own-1"},
        {"model_provider": "Cellar", "model_id": "gpt-4o"},
    ],
)
def test_an_unknown_model_has_no_cost(session, model):
    assert costs.cost_of_run(factories.RunFactory(session=session, **model, usage=usage(10, 10))) is None


def test_a_model_is_known_without_its_provider(session):
    run = factories.RunFactory(session=session, model_id="gpt-4o", usage=usage(1_000_000))
    assert costs.cost_of_run(run) == Decimal("2.5")


def test_a_run_that_told_no_tokens_has_no_cost(session):
    assert costs.cost_of_run(factories.RunFactory(session=session, **GPT)) is None


def test_a_session_costs_what_its_known_runs_cost(session, django_assert_num_queries):
    runs = [factories.RunFactory(session=session, **model, usage=usage(1000, 70)) for model in (GPT, GPT, CLAUDE)]
    factories.RunFactory(session=session, model_provider="Cellar", model_id="own-1", usage=usage(10))
    factories.RunFactory(**GPT, usage=usage(99))
    with django_assert_num_queries(1):
        assert costs.cost_of_session(session) == sum(costs.cost_of_run(run) for run in runs)


def test_a_session_without_priced_runs_has_no_cost(session):
    factories.RunFactory(session=session, model_provider="Cellar", model_id="own-1", usage=usage(10))
    assert costs.cost_of_session(session) is None


def test_without_the_extra_nothing_has_a_cost(session, monkeypatch, django_assert_num_queries):
    run = factories.RunFactory(session=session, **GPT, usage=usage(1000))
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    assert not costs.is_available()
    assert costs.cost_of_run(run) is None
    with django_assert_num_queries(0):
        assert costs.cost_of_session(session) is None


def test_prices_come_from_no_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert costs.rates_of(("OpenAI", "gpt-4o"), timezone.now()) is not None
