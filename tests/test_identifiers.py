"""Texts that differ stay different, and words are found whatever their case, on every database."""

from __future__ import annotations

from sessions_app import services
from sessions_app.models import Agent, Message, Session
from tests import factories

IDENTIFIERS = ["A", "a", "a ", " a", "é", "e\u0301", "ß", "ss", "🙂", "🙃", "a/b", "%", "_", "İ", "i"]


def test_different_session_ids_are_different_sessions(project):
    for identifier in IDENTIFIERS:
        services.create_session(project=project, session_id=identifier)
    for identifier in IDENTIFIERS:
        assert Session.objects.with_id(identifier).session_id == identifier
        found, created = services.get_or_create_session(project=project, session_id=identifier)
        assert (found.session_id, created) == (identifier, False)


def test_different_run_ids_are_different_runs(project):
    session = factories.SessionFactory(project=project)
    for identifier in IDENTIFIERS:
        assert services.record_run(session=session, run_id=identifier, parent_run_id=identifier)[1]
    for identifier in IDENTIFIERS:
        assert session.runs.with_id(identifier).run_id == identifier
        assert session.runs.get(parent_run_id=identifier).run_id == identifier


def test_different_agent_ids_are_different_agents(project):
    agents = [services.ensure_agent(project=project, agent_id=identifier) for identifier in IDENTIFIERS]
    assert len({agent.pk for agent in agents}) == len(IDENTIFIERS)
    for identifier in IDENTIFIERS:
        factories.SessionFactory(project=project, agent=Agent.objects.with_id(identifier).get(), user_id=identifier)
        assert Session.objects.for_agent(identifier).get().agent.agent_id == identifier
        assert Session.objects.get(user_id=identifier).user_id == identifier


def test_different_tags_are_different(project):
    session = factories.SessionFactory(project=project)
    updated = services.update_session(session=session, tags=IDENTIFIERS)
    assert sorted(tag.name for tag in updated.tags.all()) == sorted(IDENTIFIERS)


def test_no_user_and_an_empty_user_are_two_things(project):
    nobody = factories.SessionFactory(project=project, user_id=None)
    empty = factories.SessionFactory(project=project, user_id="")
    assert Session.objects.get(user_id=None) == nobody
    assert Session.objects.get(user_id="") == empty


def test_search_text_is_found_whatever_its_case(project):
    session = factories.SessionFactory(project=project, name="Grüße", messages=[{"role": "user", "content": "ΣΊΣΥΦΟΣ"}])
    assert Session.objects.filter(name__icontains="GRÜSSE".replace("SS", "ß")).get() == session
    assert Message.objects.filter(text__icontains="σίσυφοσ").get().session == session
