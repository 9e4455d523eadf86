"""What people did in the admin, in Django's own log: told once on the row itself, and once on its session.

The log outlives the rows and is read by everybody, so it names messages by place and sessions by id: their words may be
hidden later.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import override

from sessions_app.models import Message, RunMetadata, Session
from sessions_app.services.redaction import hidden_words
from sessions_app.services.words import Words

SHORT = {
    *("name", "user_id", "project", "tag_names", "shared_access", "new_role", "format", "status", "is_error"),
    *("model_provider", "model_id", "duration_ms", "turns", "parent_run_id", "agent"),
}
"""Boxes whose old and new values are told; of any other only that it changed."""
MAX_VALUE = 80
Change = list[dict[str, Any]] | str
"""What Django's log takes: its own structure, which it translates when it is read, or a text."""


def name_of(obj: Model) -> str:
    """A row in words that tell nothing of what was said in it."""
    if isinstance(obj, Message):
        return f"{obj.position} ({obj.role})"
    if isinstance(obj, RunMetadata):
        return obj.run_id
    return obj.session_id if isinstance(obj, Session) else str(obj)


def describe(form: Any) -> Change:
    """What a form changed: ``Name (“a” → “b”) and Summary``."""
    changed = [name for name in form.changed_data if not form.fields[name].widget.is_hidden]
    if not changed:
        return []
    row = form.instance
    session = row if isinstance(row, Session) else getattr(row, "session", None)
    words = hidden_words(session) if session is not None and SHORT & set(changed) else Words()
    return [{"changed": {"fields": [_field(form, name, words) for name in changed]}}]


def record(request: HttpRequest, objects: Iterable[Any], flag: int, message: Change = "") -> None:
    """Write to the log of each of ``objects``, and to those of the sessions that they lie in."""
    user, entries = request.user.pk, []
    for obj in objects:
        entries.append(_entry(user, obj, flag, message))
        if isinstance(obj, Message | RunMetadata):
            told = _on_session(obj, flag, message)
            entries += [_entry(user, obj.session, CHANGE, told)] if told else []
    LogEntry.objects.bulk_create(entries, batch_size=500)


def hide_words(session: Session) -> None:
    """Take what is hidden in a session out of its own log, which tells old names and tags."""
    words = hidden_words(session)
    kind = ContentType.objects.get_for_model(session)
    entries = LogEntry.objects.filter(content_type=kind, object_id=str(session.pk))
    for entry in entries.only("change_message").iterator():
        shown = words.scrub(entry.change_message)
        if shown is not entry.change_message:
            LogEntry.objects.filter(pk=entry.pk).update(change_message=shown)


def _entry(user: Any, obj: Model, flag: int, message: Change) -> LogEntry:
    return LogEntry(
        user_id=user,
        content_type=ContentType.objects.get_for_model(obj, for_concrete_model=False),
        object_id=str(obj.pk),
        object_repr=name_of(obj)[:200],
        action_flag=flag,
        change_message=message if isinstance(message, str) else json.dumps(message),
    )


def _on_session(row: Message | RunMetadata, flag: int, message: Change) -> Change:
    with override(None):
        named = {"name": str(row._meta.verbose_name), "object": name_of(row)}
    if flag == ADDITION:
        return [{"added": named}]
    if flag == DELETION:
        return [{"deleted": named}]
    if isinstance(message, str):
        kind = {"kind": capfirst(str(row._meta.verbose_name)), "name": named["object"], "change": message}
        return _("%(kind)s “%(name)s”: %(change)s") % kind
    return [{"changed": {**named, **change["changed"]}} for change in message if "changed" in change]


def _field(form: Any, name: str, words: Words) -> str:
    box = form.fields[name]
    values = [_value(box, value) for value in (form.initial.get(name), form.cleaned_data.get(name))]
    if name not in SHORT or any(words.scrub(value) is not value for value in values):
        with override(None):  # Translated when it is read.
            return str(box.label)
    old, new = (value if len(value) <= MAX_VALUE else f"{value[:MAX_VALUE]}…" for value in values)
    return _("%(label)s (“%(old)s” → “%(new)s”)") % {"label": box.label, "old": old, "new": new}


def _value(box: forms.Field, value: Any) -> str:
    if isinstance(box, forms.ModelChoiceField) and value is not None and not isinstance(value, Model):
        value = box.queryset.filter(pk=value).first() if box.queryset is not None else None
    lines = value if isinstance(value, list) else str("" if value is None else value).splitlines()
    return ", ".join(map(str, lines))
