"""Whatever strangers write, no page of the admin runs it, asks another host for it, or loses its shape."""

from __future__ import annotations

import pytest
from django.urls import reverse

from sessions_app.admin.addresses import session_url
from sessions_app.models import Agent, APIKey, Message, RunMetadata, Session, Tag
from tests.admin.pages import list_url, page_url
from tests.browser import hostile
from tests.browser.pages import DESKTOP, PHONE

WATCH = """
for (const name of ["alert", "confirm", "prompt", "print"]) window[name] = () => { window.hacked = name; };
"""
UNFOLD = "document.querySelectorAll('details').forEach((each) => { each.open = true; })"
TRACES = """
const found = [];
if (window.hacked) found.push("ran: " + window.hacked);
if (window.frames.length) found.push("has frames");
for (const entry of performance.getEntriesByType("resource"))
    if (new URL(entry.name).host !== location.host) found.push("asked " + entry.name);
for (const element of document.body.querySelectorAll("*")) {
    for (const {name, value} of element.attributes) {
        if (name.startsWith("on") || name === "srcdoc") found.push("has a handler: " + element.outerHTML.slice(0, 200));
        if (["href", "src", "action", "formaction", "data", "xlink:href"].includes(name)
            && URL.canParse(value, location.href) && !/^(https?|mailto):/.test(new URL(value, location.href).protocol))
            found.push("leads to " + value.slice(0, 100));
    }
    if (element.matches("base, embed, iframe, object, style, link:not([rel=stylesheet]), meta"))
        found.push("has " + element.outerHTML.slice(0, 200));
}
return found;
"""


def pages(worst):
    """Every page on which words of strangers stand, by name."""
    first = Session.objects.exclude(pk=worst.pk)
    sessions = [*first, worst]
    for session in sessions:
        yield f"transcript {session}", session_url(session.pk)
    yield "print", session_url(worst.pk) + "?print=1"
    yield "search", session_url(worst.pk) + "?q=%3Cscript%3E"
    yield "list", list_url("session")
    yield "list, searched", list_url("session", q=hostile.SCRIPT)
    yield "list, filtered", list_url("session", user=hostile.SCRIPT)
    yield "overview", reverse("admin:sessions_app_session_overview")
    yield "home", reverse("admin:index")
    for model in ("message", "runmetadata", "agent", "apikey", "project", "tag"):
        yield f"{model} list", list_url(model)
    key, widest = APIKey.objects.get(), first.get(session_id__startswith="WW")
    rows = [worst, Message.objects.in_order().first(), RunMetadata.objects.latest("pk"), worst.project]
    rows += [
        RunMetadata.objects.earliest("pk"),
        Tag.objects.latest("pk"),
        Agent.objects.earliest("pk"),
        widest,
    ]
    for row in rows:
        for page in ("change", "history", "delete"):
            yield f"{row._meta.model_name} {row.pk} {page}", page_url(row, page)
    yield "hide", page_url(rows[1], "redact")
    for page in ("change", "history", "delete", "revoke"):
        yield f"key {page}", page_url(key, page, pk=key.prefix)


@pytest.fixture
def worst(project):
    return hostile.fill(project)


def look(browser, url, sizes):
    """What is wrong with a page, and how much wider it is than windows of these sizes."""
    browser.open(url).script(UNFOLD)
    faults = [*browser.script(TRACES), *browser.problems()]
    for size in sizes:
        browser.size(*size)
        if (wider := browser.overflow()) > 0:
            faults.append(f"is {wider} pixels wider than {size[0]}")
    return faults


@pytest.mark.parametrize("sizes", [(DESKTOP, PHONE), ()], ids=["under the policy", "without a policy"])
def test_no_page_runs_what_strangers_write(browser, worst, sizes):
    """Without the policy too: it is the second lock of the door, not the first."""
    script = browser.command("Page.addScriptToEvaluateOnNewDocument", source=WATCH)["identifier"]
    browser.command("Page.setBypassCSP", enabled=not sizes)
    try:
        found = {name: faults for name, url in pages(worst) if (faults := look(browser, url, sizes))}
    finally:
        browser.command("Page.removeScriptToEvaluateOnNewDocument", identifier=script)
        browser.command("Page.setBypassCSP", enabled=False)
    assert found == {}


@pytest.mark.parametrize(
    "html",
    ["<b onclick=x>", "<iframe></iframe>", "<style></style>", "<a href='javascript:x'>", "<a href='data:text/html,x'>"],
)
def test_what_must_not_be_there_is_noticed(browser, html):
    browser.command("Page.setBypassCSP", enabled=True)
    try:
        browser.open(list_url("tag")).script("document.body.insertAdjacentHTML('beforeend', arguments[0])", html)
        assert browser.script(TRACES) != []
    finally:
        browser.command("Page.setBypassCSP", enabled=False)


def test_a_megabyte_without_a_blank_does_not_stop_the_page(browser, worst):
    browser.open(session_url(worst.pk))
    assert browser.script("return performance.getEntriesByType('navigation')[0].domInteractive") < 5_000
    browser.script(UNFOLD)
    note = next(each for each in browser.find_all(".agent-sessions-cut") if "980,000" in each.text)
    browser.script("arguments[0].click()", note.find_element("tag name", "a"))
    size = "return document.querySelector('.agent-sessions-body:focus')?.textContent.length"
    browser.wait_for(lambda: browser.script(size) == 1_000_000)
    assert browser.overflow() <= 0
