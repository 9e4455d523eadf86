"""Search by text: the same everywhere, and on PostgreSQL by indexes that it may have to do without."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test.utils import CaptureQueriesContext

from sessions_app import searching
from sessions_app.checks import SEARCH_INDEXES, SEARCH_MIGRATION, check_search_indexes
from sessions_app.mappings.agno.lists import filtered
from sessions_app.models import Message, Session
from tests import factories

only_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="about PostgreSQL's indexes")


def session_with(project, *texts, **values):
    messages = [{"role": "user", "content": text} for text in texts]
    return factories.SessionFactory(project=project, messages=messages, **values)


class TestFewAndMany:
    """Whether the hits are few enough to be gathered makes no difference to what is found."""

    @pytest.fixture(params=[-1, 0, 2, 10_000])
    def few(self, request, monkeypatch):
        monkeypatch.setattr(searching, "FEW", request.param)

    @pytest.mark.parametrize("text", ["needle", "NEEDLES", "a needle", "dle", "le", "100%", "_", "'\"", "Ünï", "ыйце"])
    def test_finds_the_same(self, project, few, text):
        other = factories.ProjectFactory()
        hay = session_with(project, "hay", name="hay")
        wanted = {
            session_with(project, "two NEEDLES, 100% _", "a needle '\" ünÏ", "Последний ЙЦЕ ыйЦе"),
            session_with(project, "hay", name="a needles 100% _'\" ÜNï ЫЙЦЕ", session_id="needles in an id"),
        }
        session_with(other, "two needles 100% _ '\" ünï ыйце", name="a needles 100% _ '\" ünï ыйце")
        found = Session.objects.filter(project=project).matching(text)
        assert set(found) == wanted
        assert found.count() == 2
        assert hay not in found
        assert not Session.objects.filter(project=hay.project, name="none").matching(text)

    def test_each_further_word_narrows(self, project, few):
        both = session_with(project, "first", "second")
        session_with(project, "first")
        session_with(project, "second")
        assert list(Session.objects.matching("first").matching("second")) == [both]

    def test_pages_stay_right_when_other_sessions_come_to_match(self, client, project, few):
        sessions = [session_with(project, "first", "needle" if number % 2 else "hay") for number in range(10)]
        page = client.get("/api/sessions?q=needle&page_size=2&sort=created_at").json()
        assert [row["session_id"] for row in page["results"]] == [sessions[n].session_id for n in (1, 3)]
        Message.objects.filter(session__in=[sessions[0], sessions[6]], position=1).update(text="a needle")
        Message.objects.filter(session__in=[sessions[1], sessions[5]], position=1).update(text="hay")
        page = client.get(page["next"]).json()
        assert [row["session_id"] for row in page["results"]] == [sessions[n].session_id for n in (6, 7)]
        page = client.get(page["next"]).json()
        assert [row["session_id"] for row in page["results"]] == [sessions[9].session_id]


@pytest.mark.parametrize(("text", "asked"), [("needle", 4), ("absent", 3), ("ne", 1)])
def test_postgresql_is_asked_what_to_expect_then_for_keys_then_for_rows(project, text, asked):
    for number in range(4):
        session_with(project, "first", "needle", name=f"needle {number}")
    with CaptureQueriesContext(connection) as queries:
        list(Session.objects.matching(text))
    assert len(queries) == (asked if connection.vendor == "postgresql" else 1)


@only_postgresql
@pytest.mark.parametrize(
    ("index", "found"),
    {
        "message_text_search": lambda: Message.objects.filter(text__icontains="needle"),
        "session_texts_search": lambda: Session.objects.matching("needle", in_messages=False),
        "session_opening_search": lambda: filtered(Session.objects.all(), {"session_name": "needle"}),
        "session_untitled_search": lambda: Session.objects.filter(
            project=1, type="workflow", name=None, opening=None, run_count__gt=0
        ),
    }.items(),
)
def test_postgresql_finds_by_an_index(db, index, found):
    with connection.cursor() as cursor:
        for way in ("seqscan", "indexscan", "indexonlyscan"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    plan = found().order_by().explain()
    assert index in plan
    assert "Seq Scan" not in plan


def migrate(name):
    MigrationExecutor(connection).migrate([("sessions_app", name)])


def migrate_to_the_latest():
    executor = MigrationExecutor(connection)
    executor.migrate([node for node in executor.loader.graph.leaf_nodes() if node[0] == "sessions_app"])


def indexes():
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE indexname LIKE %s", ["%_search"])
        return {name for (name,) in cursor.fetchall()}


def execute(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@only_postgresql
@pytest.mark.django_db(transaction=True)
class TestMigration:
    @pytest.fixture(autouse=True)
    def whole_again(self):
        yield
        migrate("0004_spans")
        migrate_to_the_latest()
        assert indexes() == SEARCH_INDEXES

    @pytest.fixture
    def without_the_right(self):
        """As a role that may write all tables, but create nothing in the database."""
        role = connection.ops.quote_name(f"refused_{connection.settings_dict['NAME']}")
        migrate("0004_spans")
        execute(
            "DROP EXTENSION pg_trgm",
            f"CREATE ROLE {role}",
            f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}",
            f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}",
            f"SET ROLE {role}",
        )
        yield
        execute("RESET ROLE", f"DROP OWNED BY {role}", f"DROP ROLE {role}")

    def test_goes_back_and_forth(self):
        assert indexes() == SEARCH_INDEXES
        migrate("0004_spans")
        assert not indexes()
        assert not check_search_indexes(databases=["default"])
        migrate(SEARCH_MIGRATION[1])
        assert indexes() == SEARCH_INDEXES
        assert not check_search_indexes(databases=["default"])

    def test_says_how_to_get_what_was_refused(self, without_the_right, caplog, capsys):
        migrate(SEARCH_MIGRATION[1])
        assert "permission denied" in caplog.text
        assert not indexes()

        execute("RESET ROLE")
        migrate_to_the_latest()
        wanted = session_with(factories.ProjectFactory(), "a needle")
        assert list(Session.objects.matching("needle")) == [wanted]
        assert [problem.id for problem in check_search_indexes(databases=["default"])] == ["sessions_app.W001"]
        call_command("sqlmigrate", *SEARCH_MIGRATION)
        lines = capsys.readouterr().out.splitlines()
        execute(*(line for line in lines if line and not line.startswith("--")))
        assert indexes() == SEARCH_INDEXES
        assert not check_search_indexes(databases=["default"])


def test_databases_without_the_indexes_are_not_warned_of(db):
    if connection.vendor != "postgresql":
        assert not check_search_indexes(databases=["default"])
    assert not check_search_indexes()
