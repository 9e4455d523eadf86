"""How a session is called and what it begins with, whatever is written to it."""

from __future__ import annotations

import pytest

from sessions_app import services
from sessions_app.services import NewMessage
from tests import factories
from tests.services.counts import kept, recounted
from tests.services.samples import user


def title_and_opening(session):
    session.refresh_from_db()
    return session.generated_title, session.opening


class TestTitle:
    @pytest.mark.parametrize(
        ("text", "title"),
        [
            ("Hello", "Hello"),
            ("  many \n\t\u2003 spaces ", "many spaces"),
            ("x" * 60, "x" * 60),
            ("x" * 61, "x" * 60 + "..."),
            ("ä" * 59 + "  b c", "ä" * 59 + " ..."),
        ],
    )
    def test_it_is_the_first_user_message_shortened(self, project, text, title):
        session = factories.SessionFactory(project=project)
        first = NewMessage({"role": "system", "content": "You help."})
        services.append_messages(session=session, messages=[first, user(""), user(text), user("later")])
        services.append_messages(session=session, messages=[user("latest")])
        assert title_and_opening(session) == (title, text)
        assert kept(session) == recounted(session)

    def test_a_name_is_untouched_and_goes_first(self, project):
        session = factories.SessionFactory(project=project, name="Mine")
        services.append_messages(session=session, messages=[user("hello")])
        session.refresh_from_db()
        assert (session.name, session.generated_title, session.title) == ("Mine", "hello", "Mine")

    def test_there_is_none_without_user_words(self, project):
        session = factories.SessionFactory(project=project, messages=[{"role": "assistant", "content": "hello"}])
        assert title_and_opening(session) == (None, None)
        assert session.title == ""

    def test_history_does_not_count(self, project):
        session = factories.SessionFactory(project=project)
        run = {"run_id": "1", "messages": [user("old", from_history=True), user("new")]}
        services.record_run(session=session, **run)
        assert title_and_opening(session) == ("new", "new")
        assert kept(session) == recounted(session)

    def test_parts_are_joined_by_lines(self, project):
        image = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
        parts = [{"type": "text", "text": "What is"}, image, {"type": "text", "text": "this?"}]
        session = factories.SessionFactory(project=project, messages=[{"role": "user", "content": parts}])
        assert title_and_opening(session) == ("What is this?", "What is\nthis?")

    def test_nul_and_surrogates_are_replaced(self, project):
        session = factories.SessionFactory(project=project, messages=[{"role": "user", "content": "a\x00b\ud83d"}])
        assert title_and_opening(session) == ("a\ufffdb?", "a\ufffdb?")

    def test_it_follows_changes_of_the_first_message(self, project):
        session = factories.SessionFactory(project=project)
        first, _second = services.append_messages(session=session, messages=[user("first"), user("second")])
        services.update_message(message=first, payload={"role": "user", "content": "better"})
        assert title_and_opening(session) == ("better", "better")
        services.delete_message(message=first)
        assert title_and_opening(session) == ("second", "second")


class TestOpening:
    INPUT = {"ä": [1]}
    INDENTED = '{\n  "\\u00e4": [\n    1\n  ]\n}'
    ONE_LINE = '{"\\u00e4": [1]}'

    @pytest.mark.parametrize(
        ("type", "given", "opening"),
        [
            ("agent", "words", "words"),
            ("agent", INPUT, INDENTED),
            ("team", INPUT, INDENTED),
            ("workflow", "words", "words"),
            ("workflow", INPUT, ONE_LINE),
            ("agent", "", ""),
            ("agent", "a\x00", "a\ufffd"),
        ],
    )
    def test_without_user_words_it_is_the_input(self, project, type, given, opening):
        session = factories.SessionFactory(project=project, type=type)
        factories.RunFactory(session=session, input=given, messages=[{"role": "assistant", "content": "hi"}])
        assert title_and_opening(session) == (None, opening)
        assert kept(session) == recounted(session)

    @pytest.mark.parametrize(("type", "opening"), [("agent", "said"), ("team", "said"), ("workflow", "given")])
    def test_a_workflow_opens_with_its_input_all_others_with_words(self, project, type, opening):
        session = factories.SessionFactory(project=project, type=type)
        factories.RunFactory(session=session, input="given", messages=[{"role": "user", "content": "said"}])
        assert title_and_opening(session) == ("said", opening)
        assert kept(session) == recounted(session)

    @pytest.mark.parametrize(("type", "opening"), [("agent", "member"), ("team", "leader"), ("workflow", "leader")])
    def test_a_members_run_opens_no_team_and_no_workflow(self, project, type, opening):
        session = factories.SessionFactory(project=project, type=type)
        factories.RunFactory(session=session, input="member", parent_run_id="leader")
        factories.RunFactory(session=session, input="leader", run_id="leader")
        assert title_and_opening(session) == (None, opening)
        assert kept(session) == recounted(session)

    def test_the_input_of_an_earlier_run_stays_before_words_of_a_later_one(self, project):
        session = factories.SessionFactory(project=project)
        factories.RunFactory(session=session, run_id="empty")
        first = factories.RunFactory(session=session, input="first")
        factories.RunFactory(session=session, messages=[{"role": "user", "content": "second"}])
        assert title_and_opening(session) == ("second", "first")
        assert kept(session) == recounted(session)
        services.delete_run(run=first)
        assert title_and_opening(session) == ("second", "second")

    def test_a_message_outside_any_run_opens_when_it_was_first(self, project):
        session = factories.SessionFactory(project=project, messages=[{"role": "user", "content": "outside"}])
        factories.RunFactory(session=session, input="input")
        factories.RunFactory(session=session, messages=[{"role": "user", "content": "inside"}])
        assert title_and_opening(session) == ("outside", "outside")
        assert kept(session) == recounted(session)

    def test_it_follows_a_changed_input_of_the_first_run(self, project):
        session = factories.SessionFactory(project=project)
        first = factories.RunFactory(session=session)
        second = factories.RunFactory(session=session, input="second")
        assert title_and_opening(session) == (None, "second")
        services.update_run(run=first, input="first")
        assert title_and_opening(session) == (None, "first")
        services.update_run(run=first, input="changed")
        assert title_and_opening(session) == (None, "changed")
        services.update_run(run=first, messages=[user("said")])
        assert title_and_opening(session) == ("said", "said")
        services.delete_run(run=first)
        assert title_and_opening(session) == (None, "second")
        services.delete_run(run=second)
        assert title_and_opening(session) == (None, None)
