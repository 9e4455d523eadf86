"""One text or file of a session, whole."""

from __future__ import annotations

from typing import Any

from django.http import Http404

from sessions_app import formats
from sessions_app.admin.transcript.text import indented
from sessions_app.exceptions import InvalidValue
from sessions_app.formats import Part
from sessions_app.models import Message, RunMetadata

RUN_TEXTS = ("input", "content", "error")


def part_of(session_pk: int, message_pk: int, index: int) -> Part:
    """The part of a message that a page shows as number ``index``. Raises Http404."""
    message = Message.objects.filter(session=session_pk, pk=message_pk).only("payload", "format").first()
    if message is None:
        raise Http404
    try:
        return formats.read(message.payload, message.format).parts[index]
    except (InvalidValue, IndexError) as error:
        raise Http404 from error


def text_of(part: Part) -> str:
    """What a part says, without anything left out."""
    shown = {"text": "content", "reasoning": "content", "tool_call": "arguments", "tool_call_response": "response"}
    return _text(part.get(shown[part["type"]]) if part["type"] in shown else part)


def run_text(session_pk: int, run_pk: int, column: str) -> str:
    """One of a run's own texts. Raises Http404."""
    run = RunMetadata.objects.filter(session=session_pk, pk=run_pk).only(*RUN_TEXTS).first()
    if run is None or column not in RUN_TEXTS:
        raise Http404
    return _text(getattr(run, column))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else indented(value)
