"""Values as people read them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from sessions_app import jsontext
from sessions_app.admin.addresses import change_url, list_url
from sessions_app.models import APIKey, RunMetadata

EMPTY = "-"
SHOWN_TEXT = 100


class Named:
    """A row for the stock pages, and for those of other themes, by the key and the name that they may show."""

    def __init__(self, row: Model, pk: Any, name: str) -> None:
        self._meta = row._meta
        self.pk = pk
        self.name = name

    def __str__(self) -> str:
        return self.name


def link(obj: Model | None) -> SafeString | str:
    """A link to the page of ``obj``."""
    if obj is None:
        return EMPTY
    return format_html('<a href="{}">{}</a>', change_url(type(obj), obj.pk), short(str(obj)))


def list_link(model: type[Model], text: Any, **query: Any) -> SafeString:
    """A link to the list of ``model``'s rows that ``query`` chooses."""
    return format_html('<a href="{}">{}</a>', list_url(model, **query), text)


def short(text: str) -> str:
    """The start of a text, on one line."""
    return Truncator(" ".join(text.split())).chars(SHOWN_TEXT) or EMPTY


def label(kind: str, text: Any) -> SafeString:
    """A coloured label; ``kind`` chooses the colour in admin.css."""
    return format_html('<span class="agent-sessions-label agent-sessions-{}">{}</span>', kind, text)


def status_label(status: str) -> SafeString | str:
    """The label of a run's status."""
    known = status in RunMetadata.Status
    return label(status.lower(), RunMetadata.Status(status).label) if known else status or EMPTY


def key_status(key: APIKey) -> SafeString:
    """The label of what an API key can do now."""
    if key.revoked:
        return label("error", _("Revoked"))
    return label("cancelled", _("Expired")) if key.has_expired else label("completed", _("Active"))


def json_block(value: Any) -> SafeString | str:
    """A JSON value, indented."""
    if value is None:
        return EMPTY
    text = jsontext.escape_surrogates(json.dumps(value, ensure_ascii=False, indent=2))
    return format_html('<pre class="agent-sessions-json">{}</pre>', text)


def json_column(model: type[Model], name: str) -> Callable[[Any], SafeString | str]:
    """A read-only field of a form: the JSON in a column."""

    def column(obj: Any) -> SafeString | str:
        return json_block(getattr(obj, name))

    column.__name__ = name
    description = getattr(model._meta.get_field(name), "verbose_name", name)
    return admin.display(description=description)(column)
