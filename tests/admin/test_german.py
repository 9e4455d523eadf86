"""No English of ours is left on any page that a German reads."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.conf import settings

from sessions_app.models import Session
from tests.admin import every_page
from tests.admin.pages import add_url, errors_of, read_form
from tests.catalogue import entries

READ_ALOUD = ("title", "aria-label", "placeholder", "alt", "data-copied", "data-refused", "data-nothing", "data-failed")
DATA = {"user", "text"}
"""Words of ours that are also what clients call roles and kinds of content."""
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")


class Words(HTMLParser):
    """The texts of a page, each as a whole, also those in attributes that are read to people."""

    def __init__(self, html):
        super().__init__()
        self.found, self._hidden = set(), 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self._hidden += tag in {"script", "style", "pre", "code", "time", "bdi"}
        given = dict(attrs)
        self.found |= {given[name] for name in READ_ALOUD if given.get(name)}
        if tag == "input" and given.get("type") in {"submit", "button"}:
            self.found.add(given.get("value") or "")

    def handle_endtag(self, tag):
        self._hidden -= tag in {"script", "style", "pre", "code", "time", "bdi"}

    def handle_data(self, data):
        if not self._hidden:
            self.found.add(" ".join(data.split()))


def english():
    """How our texts look in English, unless German has the word too; what stands for something else fits anything."""
    german = {text for entry in entries() for text in entry.german}
    for entry in entries():
        for text in entry.english:
            fixed = PLACEHOLDER.split(text.replace("%%", "%"))
            if text not in DATA | german and sum(character.isalpha() for character in "".join(fixed)) > 3:
                yield re.compile(".+".join(map(re.escape, (" ".join(part.split(" ")) for part in fixed))).strip())


ENGLISH = list(english())


def english_in(response):
    assert response.status_code == 200
    found = Words(response.content.decode()).found
    return {text for text in found for pattern in ENGLISH if pattern.fullmatch(text)}


@pytest.fixture
def rows(db):
    return every_page.fill()


def test_no_page_has_english_left(admin_client, rows):
    pages = every_page.addresses(rows)
    left = {name: english_in(admin_client.get(url, headers={"accept-language": "de"})) for name, url in pages.items()}
    assert {name: texts for name, texts in left.items() if texts} == {}


def test_no_answer_has_english_left(admin_client, rows):
    admin_client.cookies[settings.LANGUAGE_COOKIE_NAME] = "de"
    left = {name: english_in(response) for name, response in every_page.answers(admin_client, rows).items()}
    assert {name: texts for name, texts in left.items() if texts} == {}


def test_english_would_be_noticed(admin_client, rows):
    """On every page there is some to be found while the language is English."""
    pages = every_page.addresses(rows)
    without = {name for name, url in pages.items() if not english_in(admin_client.get(url))}
    assert without - {"index"} == set()


def test_what_the_store_refuses_is_told_in_german(admin_client, rows):
    admin_client.cookies[settings.LANGUAGE_COOKIE_NAME] = "de"
    url = add_url("session")
    errors = errors_of(admin_client.post(url, {**read_form(admin_client, url), "session_id": "a\x07"}))
    assert errors["session_id"] == ["Steuerzeichen sind hier nicht erlaubt"]


def test_what_a_message_lacks_is_told_in_german_with_its_numbers(admin_client, rows):
    admin_client.cookies[settings.LANGUAGE_COOKIE_NAME] = "de"
    url = add_url("message")
    given = {**read_form(admin_client, url), "session": rows[Session].pk, "payload": '{"role": ""}'}
    errors = errors_of(admin_client.post(url, given))
    assert errors["payload"] == ["role: Eine Rolle muss ein Text von 1 bis 64 Zeichen sein"]
