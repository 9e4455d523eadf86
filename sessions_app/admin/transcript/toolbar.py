"""What stands above the messages: ways to other places and pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.http import urlencode
from django.utils.translation import gettext as _

from sessions_app.admin.addresses import change_url
from sessions_app.admin.display import status_label
from sessions_app.admin.transcript.links import Links
from sessions_app.admin.transcript.page import Transcript
from sessions_app.models import Session


@dataclass(frozen=True, slots=True)
class Jump:
    """A link to a place, which the page's scripts follow without leaving the page."""

    target: str
    label: str
    title: str
    url: str


def toolbar_of(transcript: Transcript, *, may_change: bool) -> dict[str, Any]:
    """What the templates of heading and tool bar show."""
    has_errors = bool(transcript.session.error_count)
    return {
        "status": status_label(transcript.session.last_run_status) if transcript.session.last_run_status else "",
        "tools": _tools(transcript, may_change=may_change),
        "jumps": [_jump(transcript, *texts) for texts in _targets() if has_errors or not texts[0].endswith("error")],
        "previous_match": _address(transcript, "previous-match"),
        "next_match": _address(transcript, "next-match"),
        "kept": urlencode({"history": "1"} if transcript.wish.with_history else {}),
    }


def _targets() -> list[tuple[str, str, str]]:
    return [
        ("start", _("Start"), _("To the start (g)")),
        ("end", _("End"), _("To the end (G)")),
        ("previous-error", _("Previous error"), _("To the previous error (E)")),
        ("next-error", _("Next error"), _("To the next error (e)")),
        ("next-tool", _("Next tool call"), _("To the next tool call (t)")),
    ]


def _jump(transcript: Transcript, target: str, label: str, title: str) -> Jump:
    return Jump(target, label, title, _address(transcript, target))


def _address(transcript: Transcript, target: str) -> str:
    wish = transcript.wish
    start: dict[str, Any] = {} if wish.at is None else {"from": wish.at}
    return f"{transcript.links.jump}?{urlencode({'to': target, **wish.kept, **start})}"


def _tools(transcript: Transcript, *, may_change: bool) -> list[tuple[str, str]]:
    links: Links = transcript.links
    page = change_url(Session, transcript.session.pk)
    if transcript.wish.is_print:
        return [(_("Back to the transcript"), links.transcript)]
    return [
        (_("Print view"), f"{links.transcript}?{urlencode({'print': '1', **transcript.wish.kept})}"),
        (_("Edit session") if may_change else _("All fields"), page),
    ]
