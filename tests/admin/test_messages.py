from __future__ import annotations

import json

import pytest

from sessions_app import services
from sessions_app.models import Message, Session
from tests import factories
from tests.admin.pages import add_url, bulk, errors_of, page_url, read_form, send_form

pytestmark = pytest.mark.django_db

PAYLOAD = {"role": "user", "content": "Hello\x00\ud800", "tool_calls": None, "n": 10**30}


@pytest.fixture
def message(project):
    factories.SessionFactory(project=project, messages=[PAYLOAD, {"role": "assistant", "content": "Hi"}])
    return Message.objects.get(position=0)


def test_an_untouched_message_stays_as_it_is(admin_client, message):
    revision = message.session.revision
    assert send_form(admin_client, page_url(message)).status_code == 302
    message.refresh_from_db()
    assert message.payload == PAYLOAD
    assert message.session.revision == revision


def test_role_and_text_follow_the_payload(admin_client, message):
    changed = json.dumps({"role": "system", "content": "Bye", "usage": {"input_tokens": 7}})
    assert send_form(admin_client, page_url(message), payload=changed, role="x", text="y").status_code == 302
    message.refresh_from_db()
    assert (message.role, message.text, message.position) == ("system", "Bye", 0)
    assert Session.objects.get().input_tokens == 7


@pytest.mark.parametrize(
    ("boxes", "box", "text"),
    [
        ({"payload": '{"content": "no role"}'}, "payload", "role: Field required"),
        ({"payload": "[1]"}, "payload", "A message must be an object"),
        ({"payload": "{"}, "payload", "valid JSON"),
        ({"payload": ""}, "payload", "required"),
        ({"payload": '{"role": "user", "tool_calls": [1]}'}, "payload", "tool_calls: Must be a list"),
        ({"payload": '{"role": "a\\u0000"}'}, "payload", "plain text"),
        ({"format": "nope"}, "format", "valid choice"),
    ],
)
def test_what_is_no_message_is_refused_at_its_box(admin_client, message, boxes, box, text):
    errors = errors_of(send_form(admin_client, page_url(message), **boxes))
    assert text in str(errors[box])


def test_a_format_that_the_site_forgot_is_shown_and_refused(admin_client, message):
    Message.objects.filter(pk=message.pk).update(format="gone")
    errors = errors_of(send_form(admin_client, page_url(message), payload='{"role": "user"}'))
    assert "Unknown message format" in str(errors["format"])


def test_a_message_is_appended(admin_client, message):
    payload = json.dumps({"type": "reasoning", "summary": []})
    boxes = {"session": message.session.pk, "payload": payload, "format": "openai.responses"}
    assert send_form(admin_client, add_url("message"), **boxes).status_code == 302
    added = Message.objects.latest("position")
    assert (added.position, added.format, added.payload) == (2, "openai.responses", json.loads(payload))
    assert Session.objects.get().message_count == 3


@pytest.mark.parametrize("session", ["", "x", "999999", "\x00", "9" * 40])
def test_a_message_needs_a_session(admin_client, project, session):
    response = send_form(admin_client, add_url("message"), session=session, payload='{"role": "user"}')
    assert "session" in errors_of(response)


def test_a_deleted_message_is_no_longer_counted(admin_client, message):
    assert admin_client.post(page_url(message, "delete"), {"post": "yes"}).status_code == 302
    assert Session.objects.get().message_count == 1


def test_selected_messages_are_deleted_from_all_their_sessions(admin_client, message):
    other = factories.SessionFactory(messages=[{"role": "user", "content": "x"}])
    assert bulk(admin_client, "message", [message, other.messages.get()]).status_code == 302
    assert sorted(Session.objects.values_list("message_count", flat=True)) == [0, 1]


def test_a_message_links_to_its_run_and_session(admin_client, project):
    run = factories.RunFactory(session=factories.SessionFactory(project=project), messages=[{"role": "user"}])
    services.update_session(session=run.session, name="A <b>title</b>")
    page = admin_client.get(page_url(run.messages.get())).content.decode()
    assert page_url(run) in page
    assert page_url(run.session) in page
    assert "<b>title</b>" not in page


def test_plain_boxes_are_written_into_the_payload(admin_client, project):
    parts = [{"type": "text", "text": "Old"}, {"type": "image_url", "image_url": {"url": "https://x.example/a.png"}}]
    payload = {"role": "user", "content": parts, "extra": 1}
    factories.SessionFactory(project=project, messages=[payload])
    message = Message.objects.get()
    assert send_form(admin_client, page_url(message), new_text="New\r\nline", new_role="developer").status_code == 302
    message.refresh_from_db()
    assert message.payload == {
        "role": "developer",
        "content": [{"type": "text", "text": "New\nline"}, parts[1]],
        "extra": 1,
    }
    assert (message.text, message.role) == ("New\nline", "developer")
    assert Session.objects.get().generated_title is None


def test_a_text_and_a_payload_that_contradict_are_refused(admin_client, message):
    payload = json.dumps({"role": "user", "content": "This"})
    response = send_form(admin_client, page_url(message), payload=payload, new_text="That", new_role="system")
    errors = errors_of(response)
    assert "The payload says something else" in str(errors["new_text"])
    assert "The payload says something else" in str(errors["new_role"])
    assert send_form(admin_client, page_url(message), payload=payload, new_text="This").status_code == 302


@pytest.mark.parametrize("role", ["", "x" * 65, "a\x00"])
def test_a_role_that_is_none_is_refused(admin_client, message, role):
    errors_of(send_form(admin_client, page_url(message), new_role=role))
    message.refresh_from_db()
    assert message.payload == PAYLOAD


def test_what_has_no_text_of_its_own_says_so(admin_client, message):
    item = {"type": "reasoning", "summary": []}
    services.update_message(message=message, payload=item, format="openai.responses")
    errors = errors_of(send_form(admin_client, page_url(message), new_text="Thought"))
    assert "no text of its own" in str(errors["payload"])


def test_a_message_that_changed_meanwhile_is_not_overwritten(admin_client, message):
    form = read_form(admin_client, page_url(message))
    services.update_message(message=message, payload={"role": "user", "content": "Theirs"})
    errors = errors_of(admin_client.post(page_url(message), {**form, "new_text": "Mine"}))
    assert "Somebody else changed this meanwhile" in str(errors)
    message.refresh_from_db()
    assert message.text == "Theirs"


def test_a_message_that_comes_beside_is_no_conflict(admin_client, message):
    form = read_form(admin_client, page_url(message))
    services.append_messages(session=message.session, messages=[services.NewMessage({"role": "user"})])
    assert admin_client.post(page_url(message), {**form, "new_text": "Mine"}).status_code == 302


def test_a_form_without_what_its_reader_saw_is_refused(admin_client, message):
    form = read_form(admin_client, page_url(message))
    del form["seen"]
    errors = errors_of(admin_client.post(page_url(message), {**form, "new_text": "Mine"}))
    assert "Somebody else changed this meanwhile" in str(errors)
    message.refresh_from_db()
    assert message.payload == PAYLOAD
