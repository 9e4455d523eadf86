"""The rows themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from sessions_app import services
from sessions_app.models import Agent, APIKey, Message, RunMetadata, Session, Tag
from sessions_app.models.usage import TOKEN_FIELDS
from tests import factories


@pytest.mark.parametrize(
    ("columns", "model", "description"),
    [
        ({}, {}, {"agent_id": "a"}),
        ({"name": "Ann"}, {}, {"name": "Ann", "agent_id": "a"}),
        (
            {"type": "team", "model_id": "gpt-4o", "model_provider": "OpenAI"},
            {"provider": "OpenAI", "id": "gpt-4o"},
            {"team_id": "a", "model": {"provider": "OpenAI", "id": "gpt-4o"}},
        ),
    ],
)
def test_an_agent_describes_itself(columns, model, description):
    agent = Agent(agent_id="a", **columns)
    assert agent.model == model
    assert agent.description == description
    assert str(agent) == columns.get("name", "a")


@pytest.mark.parametrize(
    ("columns", "title", "text"),
    [
        ({}, "", "s"),
        ({"generated_title": "made"}, "made", "made"),
        ({"generated_title": "made", "name": "given"}, "given", "given"),
        ({"generated_title": "made", "name": ""}, "made", "made"),
    ],
)
def test_a_session_has_a_title(columns, title, text):
    session = Session(session_id="s", **columns)
    assert (session.title, str(session)) == (title, text)


def test_usage_names_all_nine_counts():
    run = RunMetadata(run_id="r", **{name: number for number, name in enumerate(TOKEN_FIELDS)})
    assert run.usage == {name: number for number, name in enumerate(TOKEN_FIELDS)}
    assert len(TOKEN_FIELDS) == 9
    assert str(run) == "r"


@pytest.mark.parametrize("status", RunMetadata.Status.values)
def test_a_run_is_finished_unless_it_waits_or_runs(status):
    assert RunMetadata(status=status).is_finished is (status not in {"PENDING", "RUNNING"})


def test_a_message_is_shown_by_its_role_and_text():
    assert str(Message(role="user", text="x" * 100)) == "user: " + "x" * 60 + "..."


class TestConstraints:
    """What the database itself refuses, whoever writes."""

    def refuses(self, write):
        with pytest.raises(IntegrityError), transaction.atomic():
            write()

    def test_one_session_id_in_a_project(self, project):
        factories.SessionFactory(project=project, session_id="s")
        factories.SessionFactory(session_id="s")
        self.refuses(lambda: factories.SessionFactory(project=project, session_id="s"))

    def test_one_agent_of_a_type_and_id_in_a_project(self, project):
        factories.AgentFactory(project=project, agent_id="a")
        factories.AgentFactory(project=project, agent_id="a", type="team")
        factories.AgentFactory(agent_id="a")
        self.refuses(lambda: factories.AgentFactory(project=project, agent_id="a"))

    def test_one_tag_of_a_name_in_a_project(self, project):
        factories.TagFactory(project=project, name="t")
        self.refuses(lambda: factories.TagFactory(project=project, name="t"))

    def test_one_run_of_an_id_and_of_a_position_in_a_session(self, project):
        run = factories.RunFactory(session__project=project, run_id="r")
        create = RunMetadata.objects.create
        self.refuses(lambda: create(session=run.session, run_id="r", position=1))
        self.refuses(lambda: create(session=run.session, run_id="s", position=0))

    def test_one_message_of_a_position_in_a_session(self, project):
        session = factories.SessionFactory(project=project, messages=[{"role": "user"}])
        self.refuses(lambda: Message.objects.create(session=session, position=0, payload={}, role="user"))

    def test_only_known_types_scopes_and_states(self, project, key):
        run = factories.RunFactory(session__project=project)
        self.refuses(lambda: Session.objects.filter(pk=run.session_id).update(type="robot"))
        self.refuses(lambda: Agent.objects.filter(pk=run.session.agent_id).update(type="robot"))
        self.refuses(lambda: RunMetadata.objects.filter(pk=run.pk).update(status="DONE"))
        self.refuses(lambda: APIKey.objects.filter(pk=key.pk).update(scope="admin"))

    def test_no_negative_counts(self, project):
        session = factories.SessionFactory(project=project)
        with pytest.raises(Exception, match=r"(?i)constraint|range|check"), transaction.atomic():
            Session.objects.filter(pk=session.pk).update(total_tokens=-1)


class TestDeletion:
    def test_a_project_takes_everything_with_it(self, project, key):
        agent = factories.AgentFactory(project=project)
        session = factories.SessionFactory(project=project, agent=agent, messages=[{"role": "user"}])
        factories.RunFactory(session=session, agent=agent, messages=[{"role": "user"}])
        services.update_session(session=session, tags=["t"])
        other = factories.SessionFactory(messages=[{"role": "user"}])
        project.delete()
        assert list(Session.objects.all()) == [other]
        assert list(Agent.objects.all()) == [other.agent]
        assert Message.objects.count() == 1
        assert not any(model.objects.exists() for model in (APIKey, Tag, RunMetadata))

    def test_a_branch_outlives_its_parent(self, project):
        parent = factories.SessionFactory(project=project)
        branch = factories.SessionFactory(project=project, parent=parent, branched_at=3)
        assert services.delete_sessions(sessions=Session.objects.filter(pk=parent.pk)) == 1
        branch.refresh_from_db()
        assert (branch.parent, branch.branched_at) == (None, 3)


class TestAPIKey:
    def test_the_secret_is_not_kept(self, key):
        row = APIKey.objects.values().get()
        assert key.secret not in {str(value) for value in row.values()}
        assert key.secret.startswith(f"{key.prefix}.")

    @pytest.mark.parametrize(("scope", "can_write"), [("read", False), ("write", True)])
    def test_scope(self, scope, can_write):
        assert APIKey(scope=scope).can_write is can_write

    @pytest.mark.parametrize(("user_id", "is_bound"), [(None, False), ("", False), ("u", True)])
    def test_a_key_may_act_for_one_user(self, user_id, is_bound):
        assert APIKey(user_id=user_id).is_bound is is_bound

    def test_its_last_use_is_kept_to_the_minute(self, key, django_assert_num_queries):
        key.mark_used()
        first = APIKey.objects.get().last_used_at
        assert timezone.now() - first < timedelta(minutes=1)
        with django_assert_num_queries(0):
            APIKey(pk=key.pk, last_used_at=first).mark_used()
        long_ago = first - timedelta(hours=1)
        APIKey(pk=key.pk, last_used_at=long_ago).mark_used()
        assert APIKey.objects.get().last_used_at >= first
