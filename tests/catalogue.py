"""The German catalogue as its file has it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import sessions_app

PACKAGE = Path(sessions_app.__file__).resolve().parent
FILE = PACKAGE / "locale" / "de" / "LC_MESSAGES" / "django.po"
LINE = re.compile(r'^(msgctxt|msgid|msgid_plural|msgstr|msgstr\[\d\]) (".*")$', re.MULTILINE)
"""``make messages`` wraps no lines, so that each text is one."""


@dataclass(frozen=True)
class Entry:
    context: str
    english: tuple[str, ...]
    german: tuple[str, ...]


def entries():
    """All that is translated, each text with its plural where it has one."""
    return [_entry(block) for block in FILE.read_text().split("\n\n")[1:]]


def _entry(block):
    lines = [(name, json.loads(text)) for name, text in LINE.findall(block)]
    return Entry(
        context=dict(lines).get("msgctxt", ""),
        english=tuple(text for name, text in lines if name.startswith("msgid")),
        german=tuple(text for name, text in lines if name.startswith("msgstr")),
    )
