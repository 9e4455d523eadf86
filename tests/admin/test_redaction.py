from __future__ import annotations

import pytest
from django.urls import reverse

from sessions_app import services
from sessions_app.models import Message, RunMetadata, Session
from tests import factories
from tests.admin.pages import add_url, errors_of, list_url, page_url, read_form

pytestmark = pytest.mark.django_db

SECRET = "My pin is four-seven-one-one"


@pytest.fixture
def run(project):
    session = services.create_session(project=project, session_id="s-1", summary={"of": SECRET})
    messages = [{"role": "user", "content": SECRET}, {"role": "assistant", "content": "Noted."}]
    return factories.RunFactory(session=session, run_id="r-1", input=SECRET, content="Noted.", messages=messages)


@pytest.fixture
def message(run):
    return run.messages.get(position=0)


def test_hiding_asks_first_and_changes_nothing_by_looking(admin_client, message):
    page = admin_client.get(page_url(message, "redact"))
    assert page.status_code == 200
    assert b"csrfmiddlewaretoken" in page.content
    assert not Message.objects.filter(redacted_at__isnull=False).exists()


def test_a_message_is_hidden_and_the_operator_told_where_words_are_left(admin_client, message):
    assert page_url(message, "redact") in admin_client.get(page_url(message)).content.decode()
    page = admin_client.post(page_url(message, "redact"), follow=True)
    assert page.redirect_chain == [(page_url(message), 302)]
    text = page.content.decode()
    assert "The words are still in the session&#x27;s summary." in text
    assert page_url(message, "restore") in text
    message.refresh_from_db()
    assert message.text == "[hidden]"
    assert RunMetadata.objects.get().input == "[hidden]"


def test_a_run_is_hidden_and_restored(admin_client, run):
    before = RunMetadata.objects.values().get()
    admin_client.post(page_url(run, "redact"))
    assert [message.text for message in Message.objects.all()] == ["[hidden]", "[hidden]"]
    assert admin_client.get(page_url(run)).status_code == 200
    assert admin_client.get(page_url(run, "restore")).status_code == 200
    admin_client.post(page_url(run, "restore"))
    assert RunMetadata.objects.values().get() == before
    assert Message.objects.in_order().first().text == SECRET


def test_hiding_needs_a_token_against_forgery(admin_user, message):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    assert client.post(page_url(message, "redact")).status_code == 403
    message.refresh_from_db()
    assert not message.is_redacted


def test_a_hidden_message_is_read_not_edited(admin_client, message):
    form = read_form(admin_client, page_url(message))
    services.redact_message(message=message)
    page = admin_client.get(page_url(message)).content.decode()
    assert 'name="_save"' not in page
    assert SECRET in page
    assert admin_client.post(page_url(message), {**form, "new_text": "x"}).status_code == 403
    assert admin_client.post(page_url(message, "delete"), {"post": "yes"}).status_code == 302


def test_only_the_permitted_see_and_restore_the_original(staff, message):
    names = ("view_message", "change_message", "view_runmetadata", "change_runmetadata", "view_session")
    clerk, manager = staff(*names), staff(*names, "reveal_message")
    assert clerk.post(page_url(message, "redact")).status_code == 302
    for row in (message, message.run, message.session):
        page = clerk.get(page_url(row))
        assert page.status_code == 200
        assert (SECRET in page.content.decode()) == (row == message.session), "its summary is nobody's message"
    assert page_url(message, "restore") not in clerk.get(page_url(message)).content.decode()
    assert clerk.get(page_url(message, "restore")).status_code == 403
    assert clerk.post(page_url(message, "restore")).status_code == 403
    for row in (message, message.run):
        assert SECRET in manager.get(page_url(row)).content.decode()
    assert manager.post(page_url(message, "restore")).status_code == 302
    message.refresh_from_db()
    assert message.text == SECRET


def test_who_may_not_change_messages_hides_no_run_and_so_no_messages(staff, run):
    clerk = staff("view_session", "view_message", "view_runmetadata", "change_runmetadata", "reveal_message")
    transcript = clerk.get(reverse("admin:sessions_app_session_transcript", args=[run.session.pk])).content.decode()
    for page in ("redact", "restore"):
        assert page_url(run, page) not in clerk.get(page_url(run)).content.decode() + transcript
        assert clerk.post(page_url(run, page)).status_code == 403
    assert page_url(run) in transcript
    assert not Message.objects.filter(redacted_at__isnull=False).exists()


def test_hidden_words_are_in_no_list_and_no_history(staff, admin_client, run, message):
    admin_client.post(page_url(message, "redact"))
    clerk = staff("view_message", "view_runmetadata", "view_session")
    services.update_session(session=run.session, summary=None)
    for model in ("message", "runmetadata", "session"):
        assert SECRET not in clerk.get(list_url(model)).content.decode()
    assert b"0 messages" in clerk.get(list_url("message", q="four-seven")).content
    for row in (message, run.session):
        page = admin_client.get(page_url(row, "history")).content.decode()
        assert "Hidden." in page
        assert "four-seven" not in page
    assert "four-seven" not in admin_client.get("/admin/").content.decode()


@pytest.mark.parametrize("lookup", ["contains", "icontains", "startswith", "regex", "isnull", "exact"])
@pytest.mark.parametrize("model", ["message", "runmetadata"])
def test_hidden_words_cannot_be_guessed_by_filters_in_the_address(staff, run, message, model, lookup):
    services.redact_message(message=message)
    clerk = staff("view_message", "view_runmetadata", "view_session")
    assert clerk.get(list_url(model, **{f"original__{lookup}": "four"})).status_code == 400


@pytest.mark.parametrize(
    ("model", "lookup"),
    [
        ("message", "run__original__contains"),
        ("session", "messages__original__contains"),
        ("session", "runs__original__contains"),
        ("session", "last_finished_run__original__contains"),
        ("agent", "runs__original__contains"),
    ],
)
def test_hidden_words_cannot_be_guessed_from_other_lists(admin_client, run, message, model, lookup):
    services.redact_message(message=message)
    assert admin_client.get(list_url(model, **{lookup: "four"})).status_code == 400


def test_hidden_words_leave_the_history_that_told_of_them_before(staff, admin_client, message):
    for name in (f"“{SECRET}”, says Anna", "Anna"):
        form = read_form(admin_client, page_url(message.session))
        assert admin_client.post(page_url(message.session), {**form, "name": name}).status_code == 302
    page = page_url(message.session, "history")
    assert SECRET in admin_client.get(page).content.decode()
    admin_client.post(page_url(message, "redact"))
    told = staff("view_session").get(page).content.decode()
    assert SECRET not in told
    assert told.count("“[hidden]”, says Anna") == 2


def test_what_repeats_hidden_words_says_so(admin_client, run, message):
    services.redact_message(message=message)
    assert "Repeats words that are hidden elsewhere" in admin_client.get(page_url(run)).content.decode()


def test_a_message_of_a_hidden_run_comes_back_with_its_run(admin_client, run, message):
    services.redact_run(run=run)
    page = admin_client.post(page_url(message, "restore"), follow=True)
    assert "comes back with its run" in page.content.decode()
    message.refresh_from_db()
    assert message.is_redacted


@pytest.mark.parametrize(
    ("wanted", "is_taken"),
    [
        ("/admin/sessions_app/session/", True),
        ("https://evil.example/", False),
        ("//evil.example/", False),
        ("javascript:alert(1)", False),
        ("", False),
    ],
)
def test_the_way_back_stays_on_this_site(admin_client, message, wanted, is_taken):
    page = admin_client.get(page_url(message, "redact"), {"next": wanted})
    way = wanted if is_taken else page_url(message)
    assert page.context["next"] == way
    assert admin_client.post(page_url(message, "redact"), {"next": wanted})["Location"] == way


@pytest.mark.parametrize("key", ["999999", "x", "9" * 40])
@pytest.mark.parametrize("page", ["redact", "restore"])
def test_what_is_not_there_is_not_found(admin_client, message, run, page, key):
    for row in (message, run):
        assert admin_client.get(page_url(row, page, pk=key)).status_code == 404
        assert admin_client.post(page_url(row, page, pk=key)).status_code == 404


def test_hiding_twice_is_told_once(admin_client, message):
    from django.contrib.admin.models import LogEntry

    for _ in range(2):
        assert admin_client.post(page_url(message, "redact")).status_code == 302
    assert LogEntry.objects.count() == 2, "one on the message, one on its session"


def test_branches_are_named_before_and_after(admin_client, message):
    assert "Branches hold copies" not in admin_client.get(page_url(message, "redact")).content.decode()
    branch = services.branch_session(session=message.session, position=0, name="Another way")
    before = admin_client.get(page_url(message, "redact")).content.decode()
    assert "Branches hold copies" in before
    assert f'<a href="{page_url(branch, "transcript")}">Another way</a>' in before
    copy = admin_client.get(page_url(branch.messages.get(), "redact")).content.decode()
    assert page_url(message.session, "transcript") in copy
    page = admin_client.post(page_url(message, "redact"), follow=True).content.decode()
    assert "Branches hold copies" in page
    assert Session.objects.count() == 2


def test_a_message_joins_a_run_from_a_link(admin_client, run):
    url = f"{add_url('message')}?session={run.session.pk}&run={run.pk}"
    form = read_form(admin_client, url)
    assert (str(form["session"]), str(form["run"]), form["new_role"]) == (str(run.session.pk), str(run.pk), "user")
    assert admin_client.post(url, {**form, "new_text": "And now?"}).status_code == 302
    added = Message.objects.latest("position")
    assert (added.run, added.payload) == (run, {"role": "user", "content": "And now?"})


@pytest.mark.parametrize("session", ["x", "999999", "9" * 40, ""])
def test_a_link_to_nothing_opens_an_empty_form(admin_client, db, session):
    assert admin_client.get(f"{add_url('message')}?session={session}&run={session}").status_code == 200


def test_a_run_of_another_session_takes_no_message(admin_client, run):
    other = factories.SessionFactory()
    form = read_form(admin_client, add_url("message"))
    boxes = {**form, "session": other.pk, "run": run.pk, "new_text": "x"}
    assert "run" in errors_of(admin_client.post(add_url("message"), boxes))
