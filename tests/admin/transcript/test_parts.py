from __future__ import annotations

import json

import pytest

from sessions_app import services
from sessions_app.admin.transcript import text
from sessions_app.models import Message
from sessions_app.services import NewMessage
from tests import factories
from tests.admin.transcript.pages import bubbles, read, url

pytestmark = pytest.mark.django_db

CALL = {"id": "c1", "type": "function", "function": {"name": "get_order", "arguments": '{"order": "K-1"}'}}


def session_of(*payloads, format="openai.chat"):
    session = factories.SessionFactory()
    services.append_messages(session=session, messages=[NewMessage(payload, format) for payload in payloads])
    return session


def test_roles_stand_on_their_sides(admin_client):
    payloads = [{"role": role, "content": role} for role in ("system", "developer", "user", "assistant", "tool", "x")]
    page = read(admin_client, session_of(*payloads))
    sides = ["system", "system", "user", "assistant", "tool", "other"]
    for article, side in zip(page.all("article"), sides, strict=True):
        assert f"agent-sessions-{side}" in article.classes


def test_system_prompts_are_folded(admin_client):
    page = read(admin_client, session_of({"role": "system", "content": "Be kind.\nAlways."}))
    fold = page.one("article").one("details", "fold")
    assert "open" not in fold.attributes
    assert fold.one("summary").text == "System prompt Be kind. Always."
    assert fold.one("pre").text == "Be kind. Always."


def test_markdown_is_shown(admin_client):
    source = "**bold** `code`\n\n| a | b |\n|:--|--:|\n| 1 | 2 |\n\n```sql\nselect 1\n```\n# Title"
    text = read(admin_client, session_of({"role": "assistant", "content": source})).one(name="text")
    assert text.one("strong").text == "bold"
    assert text.one("td", "right").text == "2"
    assert text.one("pre").text == "select 1"
    assert text.one("h4").text == "Title"


def test_links_of_markdown_lead_to_the_web_and_to_mail_only(admin_client):
    source = "[a](https://a.example/) [m](mailto:a@b.example) [r](/admin/) ![p](https://p.example/x.png)"
    page = read(admin_client, session_of({"role": "assistant", "content": source}))
    links = page.one(name="text").all("a")
    assert [link["href"] for link in links] == ["https://a.example/", "mailto:a@b.example", "https://p.example/x.png"]
    assert {link["rel"] for link in links} == {"noopener noreferrer nofollow"}
    assert not page.one(name="text").all("img")


def test_a_call_that_holds_its_answer_is_one_card(admin_client):
    item = {"type": "mcp_call", "id": "m", "name": "weigh", "arguments": '{"id": 1}', "output": "300 grams"}
    [article] = read(admin_client, session_of(item, format="openai.responses")).all("article")
    card = article.one("details", "tool-call")
    summary = card.all("summary")[0]
    assert "weigh" in summary.text
    assert "no answer" not in summary.text
    assert "300 grams" in card.text


def test_a_call_and_its_answer_are_one_card(admin_client):
    answer = {"role": "tool", "tool_call_id": "c1", "content": '{"price": [1, 2]}'}
    page = read(admin_client, session_of({"role": "assistant", "content": None, "tool_calls": [CALL]}, answer))
    [article] = page.all("article")
    card = article.one("details", "tool-call")
    assert "open" not in card.attributes
    assert card.all("summary")[0].all("bdi")[0].text == "get_order"
    arguments, result = card.all("pre")
    assert json.loads(arguments.text) == {"order": "K-1"}
    assert result.text == '{ "price": [ 1, 2 ] }'
    assert card.one(name="result")["id"] == "m-1"


def test_an_answer_joins_the_latest_call_of_its_run(admin_client):
    session = factories.SessionFactory()
    for number in range(2):
        messages = [
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "c1", "content": f"answer {number}"},
        ]
        factories.RunFactory(session=session, messages=messages)
    cards = read(admin_client, session).all("details", "tool-call")
    assert [card.one(name="result").one("pre").text for card in cards] == ["answer 0", "answer 1"]


def test_an_answer_without_its_call_stands_alone(admin_client):
    page = read(admin_client, session_of({"role": "tool", "tool_call_id": "gone", "content": "42"}))
    assert "Answer of a tool" in page.one("article").one("details", "tool-call").text
    assert page.one("article").one("pre").text == "42"


def test_a_call_without_an_answer_says_so(admin_client):
    page = read(admin_client, session_of({"role": "assistant", "content": "I look.", "tool_calls": [CALL]}))
    assert "no answer" in page.one("details", "tool-call").one("summary").text
    assert page.one(name="text").text == "I look."


def test_an_answer_that_failed_says_so(admin_client):
    answer = {"role": "tool", "tool_call_id": "c1", "content": "boom", "tool_call_error": True}
    page = read(admin_client, session_of({"role": "assistant", "content": None, "tool_calls": [CALL]}, answer))
    card = page.one("details", "tool-call")
    assert "agent-sessions-tool-failed" in card.classes
    assert "failed" in card.all("summary")[0].text


def test_reasoning_is_folded(admin_client):
    page = read(admin_client, session_of({"role": "assistant", "content": "4", "reasoning_content": "2 + 2"}))
    fold = page.one("details", "reasoning")
    assert "open" not in fold.attributes
    assert fold.one(name="text").text == "2 + 2"


def test_items_of_responses_read_as_well(admin_client):
    page = read(
        admin_client,
        session_of(
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello"}]},
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm"}]},
            {"type": "function_call", "call_id": "f1", "name": "look", "arguments": '{"x": 1}'},
            {"type": "function_call_output", "call_id": "f1", "output": "seen"},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Done"}]},
            format="openai.responses",
        ),
    )
    assert len(page.all("article")) == 4
    assert page.one("details", "reasoning").one(name="text").text == "Hm"
    assert page.one("details", "tool-call").one(name="result").one("pre").text == "seen"
    assert (bubbles(page)[0], bubbles(page)[-1]) == ("Hello", "Done")


def test_a_format_that_the_site_forgot_is_shown_as_it_is(admin_client):
    session = session_of({"role": "user", "content": "Hello"})
    Message.objects.update(format="gone")
    assert '"content": "Hello"' in read(admin_client, session).one("article").one("pre").text


def test_a_message_that_says_nothing_says_so(admin_client):
    assert bubbles(read(admin_client, session_of({"role": "user", "content": None}))) == ["No content"]


def test_files_are_named_and_safe_addresses_linked(admin_client):
    parts = [
        {"type": "file", "file": {"file_id": "f-1", "filename": "plan.pdf"}},
        {"type": "input_file", "file_url": "https://files.example/a.pdf"},
        {"type": "input_file", "file_url": "gs://bucket/a.pdf"},
    ]
    page = read(admin_client, session_of({"role": "user", "content": parts}))
    named, linked, plain = page.all(name="file")
    assert "plan.pdf" in named.text
    assert linked.one("a")["href"] == "https://files.example/a.pdf"
    assert not plain.all("a")
    assert "gs://bucket/a.pdf" in plain.text


def test_a_remote_picture_waits_for_a_click(admin_client):
    parts = [{"type": "image_url", "image_url": {"url": "https://pictures.example/a.png"}}]
    page = read(admin_client, session_of({"role": "user", "content": parts}))
    assert not page.one("article").all("img")
    button = page.one("button", **{"data-remote-image": "https://pictures.example/a.png"})
    assert button.text == "Load from pictures.example"
    link = page.one(name="file").one("a")
    assert (link["rel"], link["referrerpolicy"]) == ("noopener noreferrer nofollow", "no-referrer")


def test_a_long_text_is_cut_and_whole_elsewhere(admin_client):
    whole = "x" * (text.SHOWN + 5)
    session = session_of({"role": "user", "content": whole})
    page = read(admin_client, session)
    assert page.one(name="text").text == "x" * text.SHOWN
    assert page.one(name="cut").text == "5 characters more. Show all"
    response = admin_client.get(page.one(name="cut").one("a")["href"])
    assert response.content.decode() == whole
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]


def test_long_strings_in_json_are_shortened_and_whole_elsewhere(admin_client):
    arguments = json.dumps({"data": "y" * 100_000})
    call = {"id": "c", "function": {"name": "f", "arguments": arguments}}
    page = read(admin_client, session_of({"role": "assistant", "content": None, "tool_calls": [call]}))
    assert len(page.one("details", "tool-call").one("pre").text) < text.SHOWN
    response = admin_client.get(page.one(name="cut").one("a")["href"])
    assert json.loads(response.content) == {"data": "y" * 100_000}


@pytest.mark.parametrize("place", [(0, 7), (10**6, 0), (10**30, 0), (0, 10**30)])
def test_a_text_that_is_not_there_is_not_found(admin_client, place):
    session = session_of({"role": "user", "content": "x"})
    message = place[0] or session.messages.get().pk
    assert admin_client.get(url(session, "transcript_text", message, place[1])).status_code == 404


def test_the_text_of_another_session_is_not_found(admin_client):
    session, other = session_of({"role": "user", "content": "x"}), factories.SessionFactory()
    assert admin_client.get(url(other, "transcript_text", session.messages.get().pk, 0)).status_code == 404


def test_times_are_relative_and_exact_on_hover(admin_client):
    session = session_of({"role": "user", "content": "x", "created_at": "2020-02-03T04:05:06Z"})
    page = read(admin_client, session)
    time = page.one("article").one("time")
    assert time["datetime"] == "2020-02-03T04:05:06+00:00"
    assert "04:05:06 UTC" in time["title"]
    assert "years ago" in time.text
    assert page.one(name="day").text == "Monday, 3 February 2020"


def test_each_day_is_named_once(admin_client):
    days = ["2020-02-03T23:00:00Z", "2020-02-03T23:59:00Z", "2020-02-04T00:01:00Z"]
    session = session_of(*({"role": "user", "content": "x", "created_at": day} for day in days))
    named = [day.text for day in read(admin_client, session).all(name="day")]
    assert named == ["Monday, 3 February 2020", "Tuesday, 4 February 2020"]


def test_tokens_are_shown(admin_client):
    message = {"role": "assistant", "content": "x", "usage": {"input_tokens": 1200, "output_tokens": 34}}
    head = read(admin_client, session_of(message)).one("article").one("header")
    assert "1,234 tokens" in head.text
    assert any(span.attributes.get("title") == "1,200 in, 34 out" for span in head.all("span"))
