from __future__ import annotations

import pytest

from sessions_app import services
from sessions_app.admin.transcript import timeline
from tests import factories
from tests.admin.transcript.pages import read, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(project):
    return factories.SessionFactory(project=project, user_id="ines")


def facts(page):
    pairs = [(row.one("dt").text, row.one("dd").text) for row in page.one("aside").all("div") if row.all("dt")]
    return dict(pairs)


def test_it_tells_the_facts(admin_client, session):
    factories.RunFactory(session=session, messages=[{"role": "user"}], usage={"input_tokens": 1234}, is_error=True)
    services.update_session(session=session, tags=["vip"], summary="Short", state={"a": 1}, metadata={"b": [2]})
    page = read(admin_client, session)
    told = facts(page)
    assert told["Session id"].startswith(session.session_id)
    assert told["User"].startswith("ines")
    assert (told["Type"], told["Messages"], told["Runs"], told["Errors"]) == ("Agent", "1", "1", "1")
    assert (told["Input tokens"], told["Total tokens"]) == ("1,234", "1,234")
    assert "Output tokens" not in told
    assert page.one("aside").one("p", "tags").text == "vip"
    assert [body.text for body in page.one("aside").all("pre")] == ["Short", '{ "a": 1 }', '{ "b": [ 2 ] }']
    copied = [button["data-copy"] for button in page.one("aside").all("button", "copy")]
    assert copied == [session.session_id, "ines"]


def test_it_tells_the_cost_where_the_model_has_a_price(admin_client, session):
    pytest.importorskip("genai_prices")
    usage = {"input_tokens": 1_000_000, "output_tokens": 0, "total_tokens": 1_000_000}
    factories.RunFactory(session=session, model_provider="OpenAI", model_id="gpt-4o", usage=usage)
    assert facts(read(admin_client, session))["Cost"] == "$2.50"


def test_it_tells_no_cost_where_no_model_has_a_price(admin_client, session):
    factories.RunFactory(session=session, model_provider="Acme", model_id="of-our-own", usage={"input_tokens": 10})
    assert "Cost" not in facts(read(admin_client, session))


def test_it_links_the_latest_other_sessions_of_the_user(admin_client, session, project):
    others = [factories.SessionFactory(project=project, user_id="ines") for _ in range(12)]
    factories.SessionFactory(project=project, user_id="somebody else")
    factories.SessionFactory(user_id="ines")
    related = read(admin_client, session).one("aside").one("ul", "related")
    assert [link["href"] for link in related.all("a")] == [url(other) for other in reversed(others[2:])]


def test_nobody_has_no_other_sessions(admin_client, project):
    session = factories.SessionFactory(project=project, user_id=None)
    factories.SessionFactory(project=project, user_id=None)
    assert not read(admin_client, session).one("aside").all("ul", "related")


def test_branches_and_their_parent_link_to_each_other(admin_client, session):
    factories.RunFactory(session=session, messages=[{"role": "user", "content": "x"}])
    branch = services.branch_session(session=session, position=0, session_id="branch", user_id="nobody")
    for one, other in ((session, branch), (branch, session)):
        related = read(admin_client, one).one("aside").one("ul", "related")
        assert related.one("a")["href"] == url(other)


def test_runs_are_bars_of_their_durations(admin_client, session):
    agent = factories.AgentFactory(project=session.project, name="Ada")
    runs = [
        factories.RunFactory(session=session, agent=agent, duration_ms=duration, status=status)
        for duration, status in ((500.0, "COMPLETED"), (2000.0, "ERROR"), (None, "RUNNING"))
    ]
    bars = read(admin_client, session).one("ol", "bars").all("li")
    assert [bar.all("rect")[1]["width"] for bar in bars] == ["25.0", "100", "1"]
    assert [bar.one("a")["href"] for bar in bars] == [f"{url(session)}?run={r.pk}#run-{r.position}" for r in runs]
    assert "⚠" in bars[1].text
    assert "Ada Completed 500 ms" in bars[0].text
    assert "agent-sessions-bar-error" in bars[1].all("rect")[1].classes


def test_the_list_of_runs_goes_on(admin_client, session, monkeypatch):
    monkeypatch.setattr(timeline, "SIZE", 2)
    for duration in (400.0, 100.0, 200.0):
        factories.RunFactory(session=session, duration_ms=duration)
    page = read(admin_client, session)
    link = page.one("a", **{"data-more-runs": url(session, "transcript_runs") + "?after=1&longest=400"})
    assert link["href"].endswith(f"?session={session.pk}")
    rest = read(admin_client, session, "transcript_runs", after=1, longest=400)
    assert [bar.all("rect")[1]["width"] for bar in rest.all("li")] == ["50.0"]
    assert not rest.all("p", "more")
