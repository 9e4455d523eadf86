"""Sessions."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest

from sessions_app import services
from sessions_app.exceptions import InvalidValue, RevisionConflict, SessionExists, SessionNotFound
from sessions_app.models import Message, RunMetadata, Session, Tag
from sessions_app.services import sessions as module
from tests import factories

MOMENT = datetime(2025, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
LATER = datetime(2025, 1, 3, tzinfo=UTC)


def tags_of(session):
    return sorted(tag.name for tag in session.tags.all())


class TestCreate:
    def test_all_that_it_says_is_kept(self, project):
        agent, parent = factories.AgentFactory(project=project), factories.SessionFactory(project=project)
        fields = {
            "agent": agent,
            "user_id": "u",
            "name": "Name",
            "state": {"a": 1},
            "metadata": {"b": 2},
            "summary": "c",
            "index_ids": ["d"],
            "shared_access": "query",
            "details": {"e": 5},
            "parent": parent,
            "branched_at": 7,
            "created_at": MOMENT,
            "updated_at": LATER,
        }
        services.create_session(project=project, session_id="s", type="team", tags=["x", "y", "x"], **fields)
        session = Session.objects.with_id("s")
        assert {name: getattr(session, name) for name in fields} == fields
        assert (session.type, session.revision, tags_of(session)) == ("team", 0, ["x", "y"])

    def test_it_gets_an_id_and_a_time(self, project):
        session = services.create_session(project=project)
        assert uuid.UUID(session.session_id).version == 4
        assert session.created_at == session.updated_at

    def test_its_own_time_is_its_last_change_too(self, project):
        assert services.create_session(project=project, created_at=MOMENT).updated_at == MOMENT

    def test_one_of_an_id_in_a_project(self, project):
        services.create_session(project=project, session_id="s", name="first")
        with pytest.raises(SessionExists):
            services.create_session(project=project, session_id="s", name="second", tags=["t"])
        assert Session.objects.get().name == "first"
        assert not Tag.objects.exists()
        assert services.create_session(project=factories.ProjectFactory(), session_id="s").name is None


BAD = [
    ({"user_id": "\x00"}, "user_id"),
    ({"user_id": "x" * 256}, "user_id"),
    ({"name": "a\ud800"}, "name"),
    ({"shared_access": "everybody"}, "shared_access"),
    ({"tags": ["fine", ""]}, "tags"),
    ({"tags": ["x" * 101]}, "tags"),
    ({"tags": ["\x00"]}, "tags"),
    ({"metadata": {"a": "\x00"}}, "metadata"),
    ({"index_ids": ["\x00"]}, "index_ids"),
    ({"state": {"a": float("nan")}}, "state"),
]


@pytest.mark.parametrize(
    ("fields", "location"),
    [*BAD, ({"session_id": "x" * 256}, "session_id"), ({"session_id": "a\x00"}, "session_id"), ({"type": "x"}, "type")],
)
def test_a_bad_value_makes_no_session(project, fields, location):
    with pytest.raises(InvalidValue) as caught:
        services.create_session(project=project, **fields)
    assert caught.value.location == (location,)
    assert not Session.objects.exists()
    assert not Tag.objects.exists()


@pytest.mark.parametrize(("fields", "location"), BAD)
def test_a_bad_value_changes_no_session(project, fields, location):
    session = factories.SessionFactory(project=project)
    before = Session.objects.values().get()
    with pytest.raises(InvalidValue) as caught:
        services.update_session(session=session, summary="new", **fields)
    assert caught.value.location == (location,)
    assert Session.objects.values().get() == before


class TestGetOrCreate:
    def test_new_then_found(self, project):
        made, created = services.get_or_create_session(project=project, session_id="s", type="team", name="n")
        assert (made.name, made.type, created) == ("n", "team", True)
        found, created = services.get_or_create_session(project=project, session_id="s", name="other")
        assert (found, found.name, found.type, created) == (made, "n", "team", False)

    def test_another_projects_is_not_found(self, project):
        factories.SessionFactory(session_id="s")
        assert services.get_or_create_session(project=project, session_id="s")[1]

    @pytest.mark.parametrize("session_id", ["", "\x00", "\ud800", "x" * 256])
    def test_a_bad_id(self, project, session_id):
        with pytest.raises(InvalidValue):
            services.get_or_create_session(project=project, session_id=session_id)


class TestUpdate:
    def test_it_changes_only_what_is_given(self, project):
        session = factories.SessionFactory(project=project, name="old", state={"a": 1}, metadata={"b": 2})
        stale = Session.objects.get()
        services.update_session(session=session, state={"a": 2})
        updated = services.update_session(session=stale, name=None, tags=["t"])
        assert (updated.name, updated.state, updated.metadata, updated.revision) == (None, {"a": 2}, {"b": 2}, 2)
        assert tags_of(updated) == ["t"]
        assert updated.updated_at > session.updated_at
        assert tags_of(services.update_session(session=session, name="n")) == ["t"]
        assert tags_of(services.update_session(session=session, tags=[])) == []

    def test_its_time_can_be_given(self, project):
        session = factories.SessionFactory(project=project)
        assert services.update_session(session=session, updated_at=LATER).updated_at == LATER

    def test_a_revision_can_be_expected(self, project):
        session = factories.SessionFactory(project=project)
        updated = services.update_session(session=session, expected_revision=0, name="a")
        with pytest.raises(RevisionConflict):
            services.update_session(session=session, expected_revision=0, name="b", tags=["t"])
        assert services.update_session(session=session, expected_revision=updated.revision, name="c").name == "c"
        assert not Tag.objects.exists()

    def test_one_that_is_gone(self, project):
        session = factories.SessionFactory(project=project)
        Session.objects.all().delete()
        with pytest.raises(SessionNotFound):
            services.update_session(session=session, name="a")


class TestDelete:
    @pytest.fixture
    def sessions(self, project):
        made = []
        for _ in range(7):
            made.append(factories.SessionFactory(project=project, messages=[{"role": "user"}]))
            factories.RunFactory(session=made[-1], messages=[{"role": "user"}])
            services.update_session(session=made[-1], tags=["t"])
        return made

    @pytest.mark.parametrize("chunk", [1, 3, 7, 500])
    def test_all_goes_that_hangs_on_them(self, sessions, monkeypatch, chunk):
        monkeypatch.setattr(module, "CHUNK", chunk)
        kept = sessions.pop()
        doomed = Session.objects.exclude(pk=kept.pk)
        assert services.delete_sessions(sessions=doomed) == 6
        assert list(Session.objects.all()) == [kept]
        assert list(Message.objects.values_list("session", flat=True)) == [kept.pk] * 2
        assert list(RunMetadata.objects.values_list("session", flat=True)) == [kept.pk]
        assert list(Tag.objects.get().sessions.all()) == [kept]

    def test_branches_among_them_go_too(self, sessions):
        Session.objects.filter(pk=sessions[1].pk).update(parent=sessions[0])
        assert services.delete_sessions(sessions=Session.objects.all()) == 7

    def test_none(self, project):
        assert services.delete_sessions(sessions=Session.objects.all()) == 0


class TestClear:
    def test_what_was_said_goes_and_the_session_stays(self, project):
        session = factories.SessionFactory(project=project, name="Name", messages=[{"role": "user", "content": "a"}])
        factories.RunFactory(session=session, messages=[{"role": "user", "content": "b"}], usage={"input_tokens": 5})
        other = factories.SessionFactory(project=project, messages=[{"role": "user", "content": "c"}])
        before = session.revision

        services.clear_session(session=session)

        session.refresh_from_db()
        assert (session.name, session.generated_title, session.opening) == ("Name", None, None)
        assert (session.message_count, session.run_count, session.total_tokens) == (0, 0, 0)
        assert (session.last_run_status, session.last_finished_run) == ("", None)
        assert session.revision > before
        assert list(Message.objects.all()) == list(other.messages.all())
        assert not RunMetadata.objects.exists()

    def test_places_are_not_given_twice(self, project):
        session = factories.SessionFactory(project=project, messages=[{"role": "user", "content": "a"}])
        services.clear_session(session=session)
        [message] = services.append_messages(session=session, messages=[services.NewMessage({"role": "user"})])
        assert message.position == 1

    def test_one_that_has_gone(self, project):
        session = factories.SessionFactory(project=project)
        services.delete_sessions(sessions=Session.objects.all())
        with pytest.raises(SessionNotFound):
            services.clear_session(session=session)
