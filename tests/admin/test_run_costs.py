from __future__ import annotations

import sys

import pytest

from tests import factories
from tests.admin.pages import page_url


@pytest.fixture
def run(project):
    session = factories.SessionFactory(project=project)
    usage = {"input_tokens": 1_000_000, "output_tokens": 0, "total_tokens": 1_000_000}
    return factories.RunFactory(session=session, model_provider="OpenAI", model_id="gpt-4o", usage=usage)


def test_a_runs_page_shows_its_cost(admin_client, viewer, run):
    pytest.importorskip("genai_prices")
    for client in (admin_client, viewer):
        page = client.get(page_url(run)).content.decode()
        assert "field-cost" in page
        assert "$2.50" in page


def test_a_runs_page_shows_no_cost_that_is_not_known(admin_client, run, monkeypatch):
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    response = admin_client.get(page_url(run))
    assert response.status_code == 200
    assert "field-cost" not in response.content.decode()
