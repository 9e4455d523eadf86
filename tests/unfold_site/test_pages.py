"""Every page of ours, inside unfold's frame."""

from __future__ import annotations

import pytest

from tests.admin import every_page
from tests.admin.pages import add_url

FRAME = "unfold/css/styles.css"
OURS = "sessions_app/unfold.css"
STOCK = {"index", "app"}
"""Pages that are the admin's own, as are all histories and deletions: our style sheets have no part in them."""

SHOWN = {
    "session changelist": ['class="agent-sessions-tag"', ">Overview</a></div>", "Filter by user"],
    "session transcript": ["agent-sessions-toolbar", "<h1><bdi>Cracked lid, order K-20817</bdi></h1>", "Print view"],
    "session change": [">Transcript</a>", 'name="expected_revision"', "agent-sessions-code"],
    "session overview": ["<h1>Overview</h1>", "agent-sessions-chart-sessions"],
    "message change": [">Restore</a>"],
    "message redact": ["<h1>Hide message “0 (system)”?</h1>", "Yes, hide it"],
    "project change": ["agent-sessions-totals", "Make an API key"],
    "apikey change": [">Revoke</a>", "How clients use this key"],
    "apikey revoke": ["<h1>Revoke API keys</h1>", "Yes, revoke"],
    "tag question": ["<h1>Add tags</h1>", 'name="name_1"'],
    "revocation question": ["Yes, revoke"],
    "deletion question": ["Messages: 11", "Cracked lid, order K-20817"],
    "new key": ["agent-sessions-secret", "Copy the key now"],
    "refused session": ["Control characters are not allowed here"],
}


@pytest.fixture
def rows(db):
    return every_page.fill()


def lacks(name, response):
    """What the page should show and does not."""
    html = response.content.decode()
    is_stock = name in STOCK or name.endswith((" history", " delete", "deletion question"))
    is_part = name.endswith((" transcript_piece", " transcript_runs"))
    wanted = [*([] if is_part else [FRAME]), *([] if is_stock or is_part else [OURS]), *SHOWN.get(name, [])]
    return [*([] if response.status_code == 200 else [response.status_code]), *(w for w in wanted if w not in html)]


def test_every_page_is_shown_whole(admin_client, rows):
    answers = {name: admin_client.get(url) for name, url in every_page.addresses(rows).items()}
    answers |= every_page.answers(admin_client, rows)
    assert set(SHOWN) <= set(answers)
    found = {name: lacks(name, response) for name, response in answers.items()}
    assert {name: missing for name, missing in found.items() if missing} == {}


@pytest.mark.parametrize(
    ("model", "box"),
    [("session", "user_id"), ("session", "metadata"), ("session", "tag_names"), ("message", "format"), ("tag", "name")],
)
def test_boxes_are_unfolds(admin_client, model, box):
    widget = admin_client.get(add_url(model)).context["adminform"].form.fields[box].widget
    assert widget.template_name.startswith("unfold/")


def test_the_words_of_listeners_are_hidden_from_sight(rows):
    """The stock style sheets have this class, unfold's have not."""
    from django.contrib.staticfiles import finders

    with open(finders.find(OURS)) as file:
        assert ".visually-hidden {" in file.read()
