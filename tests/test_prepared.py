"""Queries that are compiled once."""

from __future__ import annotations

import pytest
from django.db import InterfaceError, NotSupportedError, OperationalError, connection, connections, transaction

from sessions_app import planned
from sessions_app.models import Agent, RunMetadata, Session
from sessions_app.prepared import Prepared
from tests import factories

LEVELS = ("agent", "last_finished_run")


@Prepared
def by_user(using, project, user_id, type=None):
    found = Session.objects.using(using).filter(project=project, user_id=user_id).select_related(*LEVELS)
    return (found if type is None else found.filter(type=type)).defer("details").order_by("pk")


@pytest.fixture
def sessions(project):
    made = [factories.SessionFactory(project=project, user_id=user, metadata={"a": 1}) for user in "aab"]
    factories.RunFactory(session=made[0], input={"x": 1}, messages=[{"role": "user", "content": "hello"}])
    return list(Session.objects.filter(pk__in=[session.pk for session in made]).select_related(*LEVELS).order_by("pk"))


def test_it_gives_what_the_queryset_gives(project, sessions, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = by_user(project.pk, "a")
        assert found == sessions[:2]
        for mine, stored in zip(found, sessions, strict=False):
            assert mine.agent == stored.agent
            assert mine.last_finished_run == stored.last_finished_run
            assert (mine.metadata, mine.created_at, mine.message_count) == (
                stored.metadata,
                stored.created_at,
                stored.message_count,
            )
        assert found[0].last_finished_run.input == {"x": 1}
        assert found[1].last_finished_run is None
        assert not found[0]._state.adding
        assert found[0]._state.db == "default"
    with django_assert_num_queries(1):
        assert found[0].details is None


def test_other_values_need_no_other_query(project, sessions):
    by_user(project.pk, "a")
    before = len(by_user._compiled)
    assert by_user(project.pk, "b") == sessions[2:]
    assert by_user(project.pk, "nobody") == []
    assert by_user(project.pk + 1, "a") == []
    assert len(by_user._compiled) == before


def test_none_is_a_value_of_the_query(project, sessions):
    assert by_user(project.pk, "a", "agent") == sessions[:2]
    assert by_user(project.pk, "a", "team") == []
    assert by_user(project.pk, "a", None) == sessions[:2]


def test_a_slice(project, sessions):
    assert by_user(project.pk, "a", rows=(1, 5)) == sessions[1:2]
    assert by_user(project.pk, "a", rows=(0, 1)) == sessions[:1]


def test_tuples_where_it_ends_in_values(project, sessions):
    users = Prepared(
        lambda using, project: (
            Session.objects.using(using).filter(project=project).order_by("pk").values_list("user_id", "metadata")
        )
    )
    assert users(project.pk) == [("a", {"a": 1}), ("a", {"a": 1}), ("b", {"a": 1})]


def test_the_same_without_keeping_the_query(project, sessions):
    before = len(by_user._compiled)
    assert by_user.anew(project.pk, "a", "agent", rows=(0, 1)) == sessions[:1]
    assert len(by_user._compiled) == before


def test_a_value_that_the_query_changes_is_refused(project):
    by_start = Prepared(lambda using, text: Agent.objects.using(using).filter(name__startswith=text))
    with pytest.raises(TypeError, match=r"values at \[0\] do not reach the query"):
        by_start("a")


@pytest.mark.parametrize("is_planned", [True, False])
def test_a_part_of_a_text_in_any_case_and_with_the_signs_that_like_knows(project, is_planned):
    first, second = (factories.SessionFactory(project=project, name=name) for name in ("ЖB 50%_a\\", "ab 50a"))
    by_part = Prepared(lambda using, text: Session.objects.using(using).filter(name__icontains=text).order_by("pk"))
    found = {text: by_part(text, is_planned=is_planned) for text in ("жb", "0%", "%_A", "a\\", "B", "50", "c")}
    assert found == {
        **{text: [first] for text in ("жb", "0%", "%_A", "a\\")},
        **{text: [first, second] for text in ("B", "50")},
        "c": [],
    }


def test_quotes_and_percents_are_values_like_others(project):
    agent = factories.AgentFactory(project=project, agent_id="a'b\"%s\\")
    by_id = Prepared(lambda using, agent_id: Agent.objects.using(using).filter(agent_id=agent_id))
    assert by_id("a'b\"%s\\") == [agent]
    assert by_id("a'b\"%s") == []


class TestADeadConnection:
    @pytest.fixture
    def broken(self, monkeypatch):
        """Each of the next statements that it is told of fails, as over a connection that the server has closed."""
        errors = []
        real = planned.fetch

        def execute(sql, parameters, *used):
            if errors:
                raise errors.pop(0)
            return real(sql, parameters, *used)

        monkeypatch.setattr(planned, "fetch", execute)
        return errors

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
    def test_a_read_is_asked_again_over_a_new_one(self, broken, monkeypatch, kind):
        run = factories.RunFactory()
        monkeypatch.setattr(connection, "is_usable", lambda: False)
        broken.append(kind("gone"))
        by_id = Prepared(lambda using, run_id: RunMetadata.objects.using(using).filter(run_id=run_id))
        assert by_id(run.run_id) == [run]

    @pytest.mark.django_db(transaction=True)
    def test_once_only(self, broken, monkeypatch):
        monkeypatch.setattr(connection, "is_usable", lambda: False)
        broken += [OperationalError("gone"), OperationalError("still gone")]
        with pytest.raises(OperationalError, match="still gone"):
            by_user(1, "a")

    @pytest.mark.django_db(transaction=True)
    def test_not_where_the_connection_is_well(self, broken):
        connection.ensure_connection()
        broken.append(OperationalError("busy"))
        with pytest.raises(OperationalError, match="busy"):
            by_user(1, "a")

    def test_not_inside_of_a_transaction(self, broken, monkeypatch, db):
        monkeypatch.setattr(connection, "is_usable", lambda: False)
        broken.append(OperationalError("gone"))
        with pytest.raises(OperationalError, match="gone"):
            by_user(1, "a")


class TestAChangedColumn:
    """A migration has changed a column's type under a statement that was planned before."""

    @pytest.fixture
    def by_id(self):
        return Prepared(lambda using, session_id: Session.objects.using(using).filter(session_id=session_id))

    @pytest.fixture
    def other(self):
        """Another connection, as the migration has; what it changes is changed back."""
        if connection.vendor != "postgresql":
            pytest.skip("Only PostgreSQL's plans hold the types of columns")
        other = connections["default"].copy()
        change = "ALTER TABLE sessions_app_session ALTER COLUMN shared_access TYPE varchar"
        with other.cursor() as cursor:
            yield lambda: cursor.execute(f"{change}(99)")
            cursor.execute(f"{change}(16)")
        other.close()

    @pytest.mark.django_db
    def test_of_another_database_such_an_error_goes_up(self, by_id, monkeypatch):
        if connection.vendor == "postgresql":
            pytest.skip("There it is asked again")

        def refuse(*asked):
            raise NotSupportedError("not here")

        monkeypatch.setattr(planned, "fetch", refuse)
        with pytest.raises(NotSupportedError, match="not here"):
            by_id("s")

    @pytest.mark.django_db(transaction=True)
    def test_it_is_planned_anew(self, by_id, other):
        session = factories.SessionFactory()
        for _ in range(3):
            assert by_id(session.session_id) == [session]
        other()
        assert by_id(session.session_id) == [session]

    @pytest.mark.django_db(transaction=True)
    def test_after_a_transaction_that_it_broke(self, by_id, other):
        session = factories.SessionFactory()
        for _ in range(3):
            by_id(session.session_id)
        other()
        with pytest.raises(NotSupportedError), transaction.atomic():
            by_id(session.session_id)
        with transaction.atomic():
            assert by_id(session.session_id) == [session]
