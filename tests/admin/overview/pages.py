"""The page of the overview, read as a browser does."""

from __future__ import annotations

import html
import re
from urllib.parse import urlencode

from django.urls import reverse

DAY = {"first": "2026-11-03", "last": "2026-11-03"}


def url(**query):
    return reverse("admin:sessions_app_session_overview") + (f"?{urlencode(query)}" if query else "")


def read(client, **query):
    response = client.get(url(**query))
    assert response.status_code == 200
    return response


def text_of(response):
    """The words of a page, without marks and doubled blanks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def cells(response, name):
    """The numbers of one column of the table of days, oldest first, and their links."""
    place = response.context["page"].titles.index(name)
    return [cells[place] for _day, cells in reversed(list(response.context["page"].days))]
