"""Reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from sessions_app import exceptions, services
from sessions_app.models import Agent, APIKey, Message, Project, RunMetadata, Session
from sessions_app.querysets import project_behind
from tests import factories

UNSTORABLE = ["\x00", "a\x00b", "\ud800"]


class TestKeyFromSecret:
    def test_the_right_secret_opens_with_one_query(self, key, django_assert_num_queries):
        with django_assert_num_queries(1):
            found = APIKey.objects.from_secret(key.secret)
            assert found.project.name == key.project.name
        assert found == key

    def test_a_wrong_secret_with_the_right_prefix(self, key, django_assert_num_queries):
        prefix, _, rest = key.secret.partition(".")
        with django_assert_num_queries(3):
            assert APIKey.objects.from_secret(f"{prefix}.{rest[:-1]}") is None
            assert APIKey.objects.from_secret(f"{prefix}.{rest.swapcase()}") is None
            assert APIKey.objects.from_secret(f"{prefix}.") is None

    def test_the_prefix_of_one_key_with_the_secret_of_another(self, key, project):
        other = factories.APIKeyFactory(project=project)
        assert APIKey.objects.from_secret(f"{key.prefix}.{other.secret.partition('.')[2]}") is None

    def test_an_unknown_one(self, key, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert APIKey.objects.from_secret("unknown1.secret") is None

    @pytest.mark.parametrize(
        "secret",
        ["", ".", "nodot", ".secret", "a b.c", "ä.b", "prefix.ä", "\x00.x", "a\x00b.c", "\ud800.x", "x" * 9 + ".y"],
    )
    def test_a_malformed_one_costs_no_query(self, key, secret, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert APIKey.objects.from_secret(secret) is None

    @pytest.mark.parametrize("tail", ["\x00", "x" * 1_000_000, " ", "."])
    def test_something_behind_the_secret(self, key, tail):
        assert APIKey.objects.from_secret(key.secret + tail) is None
        assert APIKey.objects.from_secret(key.secret) == key

    def test_an_expired_one(self, project):
        now = timezone.now()
        expired = factories.APIKeyFactory(project=project, expiry_date=now - timedelta(seconds=1))
        valid = factories.APIKeyFactory(project=project, expiry_date=now + timedelta(hours=1))
        assert APIKey.objects.from_secret(expired.secret) is None
        assert APIKey.objects.from_secret(valid.secret) == valid

    def test_a_revoked_one(self, key):
        APIKey.objects.update(revoked=True)
        assert APIKey.objects.from_secret(key.secret) is None


class TestProjects:
    def test_the_default_one_is_the_oldest_or_new(self, db):
        made = Project.objects.default()
        assert made.name == "Default"
        factories.ProjectFactory(name="A")
        assert Project.objects.default() == made
        assert Project.objects.count() == 2

    def test_two_who_make_the_default_one_make_the_same(self, db, monkeypatch):
        made = Project.objects.default()
        monkeypatch.setattr(type(Project.objects.all()), "first", lambda self: None)  # As if neither saw the other's.
        assert Project.objects.default() == made

    def test_the_one_behind_a_key(self, key, django_assert_num_queries):
        factories.ProjectFactory()
        with django_assert_num_queries(0):
            assert project_behind(key, "default") == key.project


class TestVisibility:
    @pytest.fixture(autouse=True)
    def sessions(self, project):
        self.mine = factories.SessionFactory(project=project, user_id="u")
        self.others = factories.SessionFactory(project=project, user_id="U")
        self.nobodys = factories.SessionFactory(project=project, user_id=None)
        self.foreign = factories.SessionFactory(user_id="u")

    def test_a_key_sees_its_project(self, key):
        assert set(Session.objects.visible_to(key)) == {self.mine, self.others, self.nobodys}
        assert set(Agent.objects.visible_to(key)) == {self.mine.agent, self.others.agent, self.nobodys.agent}

    def test_a_bound_key_sees_its_user(self, project):
        bound = factories.APIKeyFactory(project=project, user_id="u")
        factories.SessionFactory(project=project, user_id="u", agent=self.mine.agent)
        assert self.mine in Session.objects.visible_to(bound)
        assert Session.objects.visible_to(bound).count() == 2
        assert list(Agent.objects.visible_to(bound)) == [self.mine.agent]

    def test_a_look_up_stays_inside(self, key):
        assert Session.objects.visible_to(key).with_id(self.mine.session_id) == self.mine
        with pytest.raises(exceptions.SessionNotFound):
            Session.objects.visible_to(key).with_id(self.foreign.session_id)


class TestSessions:
    def test_with_id_raises(self, project):
        with pytest.raises(exceptions.SessionNotFound):
            Session.objects.with_id("none")

    @pytest.mark.parametrize("identifier", UNSTORABLE)
    def test_what_no_database_can_hold_is_not_there(self, project, identifier):
        session = factories.SessionFactory(project=project)
        with pytest.raises(exceptions.SessionNotFound):
            Session.objects.with_id(identifier)
        with pytest.raises(exceptions.RunNotFound):
            session.runs.with_id(identifier)
        assert not Session.objects.for_agent(identifier)
        assert not Agent.objects.with_id(identifier)
        assert not Session.objects.with_metadata(["a"], [identifier])
        assert not Session.objects.with_metadata([identifier], ["a"])

    def test_for_agent(self, project):
        session = factories.SessionFactory(project=project, agent=factories.AgentFactory(project=project, agent_id="a"))
        team = factories.AgentFactory(project=project, agent_id="a", type="team")
        of_team = factories.SessionFactory(project=project, agent=team)
        factories.SessionFactory(project=project, agent=None)
        assert set(Session.objects.for_agent("a")) == {session, of_team}
        assert list(Session.objects.for_agent("a", "team")) == [of_team]
        assert list(Agent.objects.with_id("a", "team")) == [team]

    @pytest.mark.parametrize("text", ["NEEDLE", "eed", "Needle"])
    @pytest.mark.parametrize("place", ["name", "generated_title", "session_id", "message"])
    def test_matching_looks_everywhere_whatever_the_case(self, project, place, text):
        factories.SessionFactory(project=project, name="hay", messages=[{"role": "user", "content": "hay"}])
        if place == "message":
            messages = [{"role": "tool", "content": "a needle"}, {"role": "user", "content": "two needles"}]
            wanted = factories.SessionFactory(project=project, messages=messages)
        else:
            wanted = factories.SessionFactory(project=project, **{place: "a needle here"})
        assert list(Session.objects.matching(text)) == [wanted]

    @pytest.mark.parametrize("text", ["%", "_", "\\", "'", '"'])
    def test_matching_takes_text_literally(self, project, text):
        factories.SessionFactory(project=project, name="hay")
        wanted = factories.SessionFactory(project=project, name=f"a 100{text} b")
        assert list(Session.objects.matching(text)) == [wanted]

    @pytest.mark.parametrize("text", UNSTORABLE)
    def test_matching_finds_what_was_replaced(self, project, text):
        wanted = factories.SessionFactory(project=project, messages=[{"role": "tool", "content": f"x{text}x"}])
        factories.SessionFactory(project=project, messages=[{"role": "tool", "content": "hay"}])
        assert list(Session.objects.matching(f"x{text}x")) == [wanted]

    @pytest.mark.parametrize(
        "value", ["text", "Text", 5, 5.5, True, False, {"a": 1}, [1], "é👍"], ids=lambda value: repr(value)
    )
    def test_with_metadata(self, project, value):
        wanted = factories.SessionFactory(project=project, metadata={"a": {"b c": value}})
        factories.SessionFactory(project=project, metadata={"a": {"b c": "other"}})
        factories.SessionFactory(project=project, metadata={"a": value})
        factories.SessionFactory(project=project, metadata=None)
        assert list(Session.objects.with_metadata(["a", "b c"], ["none of them", value])) == [wanted]
        assert not Session.objects.with_metadata(["a", "b c"], [])
        assert not Session.objects.with_metadata(["a", "b c", "d"], ["x"])

    def test_with_errors(self, project):
        good = factories.SessionFactory(project=project)
        bad = factories.RunFactory(session__project=project, status="ERROR").session
        assert list(Session.objects.with_errors(True)) == [bad]
        assert list(Session.objects.with_errors(False)) == [good]

    def test_between_takes_both_ends(self, project):
        start = datetime(2025, 1, 1, tzinfo=UTC)
        first, second, third = [
            factories.SessionFactory(project=project, created_at=start + timedelta(days=day)) for day in range(3)
        ]
        between = Session.objects.order_by("created_at").between
        assert list(between("created_at", start, start)) == [first]
        assert list(between("created_at", second.created_at, None)) == [second, third]
        assert list(between("created_at", None, second.created_at)) == [first, second]
        assert list(between("created_at", None, None)) == [first, second, third]

    def test_for_reading_takes_two_queries(self, project, django_assert_num_queries):
        parent = factories.SessionFactory(project=project)
        session = factories.SessionFactory(project=project, parent=parent)
        factories.RunFactory(session=session, run_id="r")
        services.update_session(session=session, tags=["t"])
        with django_assert_num_queries(2):
            found = Session.objects.for_reading().get(pk=session.pk)
            shown = found.agent, found.last_finished_run.run_id, found.parent, [tag.name for tag in found.tags.all()]
        assert shown == (session.agent, "r", parent, ["t"])


class TestRunsAndMessages:
    def test_runs(self, project):
        session = factories.SessionFactory(project=project)
        for run_id, status in [("z", "COMPLETED"), ("a", "RUNNING"), ("m", "PENDING"), ("b", "PAUSED")]:
            factories.RunFactory(session=session, run_id=run_id, status=status)
        assert [run.run_id for run in session.runs.in_order()] == ["z", "a", "m", "b"]
        assert [run.run_id for run in session.runs.finished().in_order()] == ["z", "b"]
        assert session.runs.with_id("m").position == 2
        with pytest.raises(exceptions.RunNotFound):
            RunMetadata.objects.filter(session__session_id="another").with_id("m")

    def test_messages(self, project):
        payloads = [{"role": "user", "content": "old", "from_history": True}, {"role": "user", "content": "new"}]
        session = factories.SessionFactory(project=project, messages=payloads)
        assert [message.text for message in session.messages.in_order()] == ["old", "new"]
        assert [message.text for message in session.messages.said()] == ["new"]
        assert session.messages.at(1).text == "new"

    @pytest.mark.parametrize("position", [2, -1, 2**63, -(2**70)])
    def test_no_message_there(self, project, position):
        session = factories.SessionFactory(project=project, messages=[{"role": "user"}])
        with pytest.raises(exceptions.MessageNotFound):
            session.messages.at(position)
        with pytest.raises(exceptions.MessageNotFound):
            Message.objects.none().at(0)
