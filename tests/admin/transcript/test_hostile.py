"""Whatever a message says, the page that shows it runs nothing, and keeps its shape."""

from __future__ import annotations

import base64

import pytest

from sessions_app import services
from sessions_app.services import NewMessage
from tests import factories
from tests.admin.transcript.pages import read

pytestmark = pytest.mark.django_db

SVG = base64.b64encode(b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>').decode()
SCRIPT = "</pre></article><script>alert(1)</script>"
TEXTS = [
    SCRIPT,
    "<img src=x onerror=alert(1)> <a href='javascript:alert(1)' onclick=x>x</a> <style>*{display:none}</style>",
    "[x](javascript:alert(1)) [y](JaVaScRiPt:alert(1)) [z](&#106;avascript:alert(1)) [t](java\tscript:alert(1))",
    "[d](data:text/html,<script>alert(1)</script>) [v](vbscript:x) [f](file:///etc/passwd) [p](//evil.example)",
    "<javascript:alert(1)> <data:text/html;base64,PHNjcmlwdD4=>",
    '![x](javascript:alert(1)) ![y](data:image/svg+xml,<svg onload=alert(1)>) ![z](https://e.example/"onload=x.png)',
    '[q](https://e.example/ "title\\" onmouseover=alert(1)")',
    "[a]: javascript:alert(1)\n\n[a]",
    '```"><script>alert(1)</script>\nx\n```',
    "| a |\n|:--|\n| <b style=color:red onclick=x> |",
    "[![in](https://e.example/i.png)](https://e.example/)",
    "before \u202eafter \x00 \x1b[31m \ud800 \x85",
    "[" * 5000,
    "> " * 3000,
    "*a **b " * 2000,
    "x" * 1_000_000,
]
ALLOWED_SCHEMES = ("/", "?", "#", "http://", "https://", "mailto:")


def check(page):
    """Nothing in the page could run, or was put there by a message."""
    content = page.one(id="content-main")
    for element in content.walk():
        assert element.tag not in {"script", "style", "iframe", "object", "embed", "link", "meta", "base", "svg:script"}
        assert not [name for name in element.attributes if name.startswith("on") or name in {"style", "srcdoc"}]
        for name in ("href", "src", "action", "formaction", "data-remote-image"):
            value = element.attributes.get(name)
            assert value is None or value.startswith(ALLOWED_SCHEMES), value
            assert value is None or not value.startswith("//")
        if element.tag == "img":
            assert element["src"].startswith("/admin/")
    return content


@pytest.mark.parametrize("role", ["user", "assistant", "system", "tool", "odd"])
@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_texts_run_nothing(admin_client, role, number):
    session = factories.SessionFactory()
    payload = {"role": role, "content": TEXTS[number], "tool_call_id": "c", "reasoning_content": TEXTS[number]}
    services.append_messages(session=session, messages=[NewMessage(payload)])
    content = check(read(admin_client, session))
    assert len(content.all("article")) == 1


def test_everything_around_a_text_runs_nothing(admin_client, project):
    session = factories.SessionFactory(project=project, user_id=SCRIPT)
    services.update_session(session=session, name=SCRIPT, state={SCRIPT: SCRIPT}, metadata={"a": SCRIPT}, tags=["<b>"])
    call = {"id": SCRIPT, "function": {"name": SCRIPT, "arguments": f'{{"a": "{SCRIPT}"}}'}}
    payloads = [
        {"role": SCRIPT, "content": "x", "name": SCRIPT},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": SCRIPT, "content": [{"type": SCRIPT}]},
        {"role": "user", "content": [{"type": SCRIPT, "x": SCRIPT}, {"type": "file", "file": {"filename": SCRIPT}}]},
        {"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": SVG, "format": SCRIPT}}]},
    ]
    agent = factories.AgentFactory(project=project, name=SCRIPT)
    fields = {"error": SCRIPT, "status": "ERROR", "model_id": SCRIPT, "parent_run_id": SCRIPT, "agent": agent}
    factories.RunFactory(session=session, run_id=SCRIPT, messages=payloads, **fields)
    factories.RunFactory(session=session, input={SCRIPT: SCRIPT}, content=SCRIPT)
    for query in ({}, {"q": SCRIPT}, {"print": 1}):
        check(read(admin_client, session, **query))


@pytest.mark.parametrize(
    "address",
    [
        f"data:image/svg+xml;base64,{SVG}",
        "data:image/svg+xml,<svg onload=alert(1)>",
        "data:text/html;base64,PHNjcmlwdD4=",
        "javascript:alert(1)",
        "https://[::bad/x.png",
        "https://evil.example/pixel.png",
        "//evil.example/pixel.png",
        "\u202ehttps://e.example",
    ],
)
def test_pictures_run_and_fetch_nothing(admin_client, address):
    payload = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": address}}], "images": [address]}
    session = factories.SessionFactory(messages=[payload])
    assert not check(read(admin_client, session)).all("img")


def test_signs_that_turn_text_around_are_shown_as_signs(admin_client):
    texts = ["a\u202eb", "ab\x00\x07", "\ud800"]
    session = factories.SessionFactory(messages=[{"role": "user", "content": text} for text in texts])
    shown = [text.text for text in read(admin_client, session).all(name="text")]
    assert shown == ["a⟨U+202E⟩b", "ab␀␇", "\\ud800"]


def test_marks_that_scripts_need_stay_in_prose_but_show_in_code(admin_client):
    session = factories.SessionFactory(
        messages=[{"role": "user", "content": "שלום\u200f!"}, {"role": "tool", "content": "a\u2066b"}]
    )
    page = read(admin_client, session)
    assert page.all(name="text")[0].text == "שלום\u200f!"
    assert page.all("pre")[-1].text == "a⟨U+2066⟩b"


def test_every_message_keeps_its_direction_to_itself(admin_client):
    session = factories.SessionFactory(messages=[{"role": "user", "content": "مرحبا"}])
    assert read(admin_client, session).one(name="bubble")["dir"] == "auto"
