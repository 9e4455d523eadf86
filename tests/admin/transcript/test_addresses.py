from __future__ import annotations

from itertools import product

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from sessions_app.models import Session
from tests import factories
from tests.admin.pages import page_url
from tests.admin.transcript.pages import positions, read, url

pytestmark = pytest.mark.django_db

GET_PAGES = [
    ("transcript", ()),
    ("transcript_piece", ()),
    ("transcript_jump", ()),
    ("transcript_runs", ()),
    ("transcript_text", (1, 0)),
    ("transcript_run_text", (1, "error")),
    ("media", (1, 0)),
]


@pytest.fixture
def session(project):
    session = factories.SessionFactory(project=project)
    factories.RunFactory(session=session, messages=[{"role": "user", "content": "Hello"}] * 3)
    return session


def staff(*codenames):
    user = User.objects.create_user("staff", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


BAD_VALUES = ["abc", "-5", "9" * 60, "9" * 5000, "", "\x00", "١", "1.5", "0x1", "²", "\ud800", "%00"]


@pytest.mark.parametrize("name", ["at", "after", "before", "run", "run_after", "history", "print", "q"])
def test_bad_values_count_as_none(admin_client, session, name):
    for page, value in product(("transcript", "transcript_piece"), BAD_VALUES):
        value_sent = value.encode("utf-8", "replace").decode()
        assert admin_client.get(url(session, page), {name: value_sent}).status_code == 200, (page, value)


def test_a_position_beyond_the_end_shows_what_is_before_it(admin_client, session):
    assert positions(read(admin_client, session, at=10**40)) == [0, 1, 2]


@pytest.mark.parametrize("query", [{"after": "x"}, {"after": "9" * 50}, {"longest": "x"}, {"longest": "0"}])
def test_bad_values_do_no_harm_to_the_timeline(admin_client, session, query):
    assert admin_client.get(url(session, "transcript_runs"), query).status_code == 200


@pytest.mark.parametrize("key", ["999999", "abc", "9" * 40, "\x00", "1%00"])
@pytest.mark.parametrize(("page", "arguments"), GET_PAGES)
def test_a_missing_session_leads_home_as_the_stock_pages_do(admin_client, page, arguments, key):
    address = reverse(f"admin:sessions_app_session_{page}", args=[key, *arguments])
    response = admin_client.get(address)
    assert response.status_code == 302
    assert response.headers["Location"] == reverse("admin:index")


@pytest.mark.parametrize(("page", "arguments"), GET_PAGES)
def test_strangers_are_sent_to_the_login(client, session, page, arguments):
    response = client.get(url(session, page, *arguments))
    assert response.status_code == 302
    assert reverse("admin:login") in response.headers["Location"]


@pytest.mark.parametrize("lacking", ["session", "runmetadata", "message"])
@pytest.mark.parametrize(("page", "arguments"), GET_PAGES)
def test_it_takes_the_permission_to_view_all_that_is_shown(session, page, arguments, lacking):
    given = {f"view_{name}" for name in ("session", "runmetadata", "message")} - {f"view_{lacking}"}
    response = staff(*given).get(url(session, page, *arguments))
    assert response.status_code == 403
    assert b"Hello" not in response.content
    assert {"session": "sessions", "runmetadata": "runs", "message": "messages"}[lacking] in response.content.decode()


def test_viewers_read_and_cannot_change(viewer, session):
    page = read(viewer, session)
    assert positions(page) == [0, 1, 2]
    assert not page.one("div", "log").all("details", "menu")
    assert not page.all("form", id="agent-sessions-branch")
    assert "Edit session" not in page.text
    assert viewer.post(url(session, "transcript_branch"), {"position": 1}).status_code == 403
    assert Session.objects.count() == 1


def test_actions_are_offered_to_those_who_may(session):
    client = staff("view_session", "view_runmetadata", "view_message", "change_message", "delete_runmetadata")
    page = read(client, session)
    message = page.all("article")[0]
    assert page_url(session.messages.get(position=0)) in [link["href"] for link in message.all("a")]
    assert "Delete" not in message.text
    assert "Branch" not in message.text
    assert "Delete" in page.one("header", "run-head").text
    assert "Edit" not in page.one("header", "run-head").text


def test_a_branch_goes_on_from_a_message(admin_client, session):
    response = admin_client.post(url(session, "transcript_branch"), {"position": 1}, follow=True)
    branch = Session.objects.get(parent=session)
    assert response.request["PATH_INFO"] == url(branch)
    assert (branch.branched_at, branch.message_count) == (1, 2)
    assert session.session_id in LogEntry.objects.get(object_id=str(branch.pk)).get_change_message()
    assert "This is the new branch" in response.content.decode()


def test_a_branch_from_nowhere_is_refused(admin_client, session):
    response = admin_client.post(url(session, "transcript_branch"), {"position": 77}, follow=True)
    assert "no longer there" in response.content.decode()
    assert admin_client.post(url(session, "transcript_branch"), {"position": "x"}).status_code == 403
    assert admin_client.get(url(session, "transcript_branch"), {"position": 1}).status_code == 403
    assert Session.objects.count() == 1


def test_the_form_and_the_transcript_link_to_each_other(admin_client, session):
    assert url(session) in admin_client.get(page_url(session)).content.decode()
    assert page_url(session) in admin_client.get(url(session)).content.decode()


def test_the_actions_of_the_list_are_offered_for_this_session(admin_client, session):
    menu = read(admin_client, session).one("details", "acts")
    assert menu.one("form")["action"] == url(session, "act")
    assert {"export_jsonl", "retitle"} <= {button["value"] for button in menu.all("button")}
    response = admin_client.post(url(session, "act"), {"action": "retitle"})
    assert response.headers["Location"] == url(session)
