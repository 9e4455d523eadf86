"""Words that are hidden, and how they are taken out of whatever JSON else holds them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from sessions_app import jsontext
from sessions_app.formats.canonical import HIDDEN, CanonicalMessage
from sessions_app.text import storable

LONG = 12
"""Characters from which on a text inside another one is no coincidence."""
SPECIFIC = 4
"""Characters from which on a value inside a tool's arguments or answer is looked for elsewhere."""
_SKELETON = {"type", "role", "id", "event", "status", "tool_name", "content_type"}
"""Keys whose values say what a thing is, and not what somebody said."""
Key = tuple[str | None, ...]


class Words:
    """What to hide.

    A long text is taken out wherever it stands, also inside another text, or in pieces that follow each other as those
    of a stream do. A short one, and a value of a tool's arguments or answer, counts only where it is the whole of a
    text, so that hiding "yes" does not reach into other sentences.
    """

    def __init__(self) -> None:
        self._whole: set[str] = set()
        self._inner: set[str] = set()
        self._values: list[Any] = []

    def __bool__(self) -> bool:
        return bool(self._whole or self._values)

    def add_message(self, message: CanonicalMessage) -> None:
        """All that a message says: text, reasoning, tool calls and answers, media."""
        self.add(message.text)
        for part in message.parts:
            for key in ("content", "arguments", "response", "uri"):
                self.add(part.get(key))

    def add(self, value: Any) -> None:
        """A text, or any other JSON value with the texts in it."""
        if isinstance(value, str):
            self._add_text(value)
            value = _embedded(value)
        if isinstance(value, dict | list) and value:
            self._values.append(value)
            self._whole |= {text.strip() for _key, text in _leaves(value) if len(text.strip()) >= SPECIFIC}

    def scrub(self, value: Any, *, also_short: bool = True) -> Any:
        """``value`` without these words; the very same object where it holds none of them."""
        if value is None or not self:
            return value
        whole = self._whole if also_short else {text for text in self._whole if text in self._inner}
        values = self._values if also_short else []
        cleared = _map_values(value, values)
        groups: dict[Key, list[str]] = {}
        for key, text in _leaves(cleared):
            groups.setdefault(key, []).append(text)
        shown = {key: iter(self._hide(texts, whole)) for key, texts in groups.items()}
        return _rebuild(cleared, lambda key, _text: next(shown[key]), self._hide_key)

    def _add_text(self, text: str) -> None:
        for form in {text.strip(), storable(text).strip()} - {"", HIDDEN}:
            self._whole.add(form)
            if len(form) >= LONG:
                # As it stands in JSON that lies in a text.
                quoted = (json.dumps(form)[1:-1], json.dumps(form, ensure_ascii=False)[1:-1])
                self._inner |= {form, *quoted}

    def _hide(self, texts: list[str], whole: set[str]) -> list[str]:
        joined = "".join(texts)
        found = [word for word in self._inner if word in joined]
        shown = _cut(texts, joined, _spans(joined, found)) if found else texts
        return [HIDDEN if text.strip() in whole else cut for text, cut in zip(texts, shown, strict=True)]

    def _hide_key(self, key: str) -> str:
        return HIDDEN if any(word in key for word in self._inner) else key


def _spans(text: str, words: list[str]) -> list[tuple[int, int]]:
    """Where the words lie in the text, overlaps joined."""
    found = []
    for word in words:
        start = text.find(word)
        while start >= 0:
            found.append((start, start + len(word)))
            start = text.find(word, start + len(word))
    spans: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def _cut(texts: list[str], joined: str, spans: list[tuple[int, int]]) -> list[str]:
    """The pieces of ``joined`` with each span replaced, in the piece where it begins."""
    cut, offset, first = [], 0, 0
    for text in texts:
        end, at, pieces = offset + len(text), offset, []
        while first < len(spans) and spans[first][1] <= offset:
            first += 1
        for start, stop in spans[first:]:
            if start >= end:
                break
            pieces += [joined[at : max(start, offset)], HIDDEN if start >= offset else ""]
            at = min(stop, end)
        cut.append("".join([*pieces, joined[at:end]]))
        offset = end
    return cut


def _leaves(value: Any, key: Key = ()) -> Iterator[tuple[Key, str]]:
    """The texts in a value, each with the way to it; items of one list share theirs."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item, (*key, None))
    elif isinstance(value, dict):
        for name, item in value.items():
            if not _is_skeleton(name, item, value):
                yield from _leaves(item, (*key, name))


def _rebuild(value: Any, show: Callable[[Key, str], str], show_key: Callable[[str], str], key: Key = ()) -> Any:
    """``value`` with other texts, asked for in the order of ``_leaves``; the same object where none differs."""
    if isinstance(value, str):
        shown = show(key, value)
        return value if shown == value else shown
    if isinstance(value, list):
        items = [_rebuild(item, show, show_key, (*key, None)) for item in value]
        return value if all(new is old for new, old in zip(items, value, strict=True)) else items
    if isinstance(value, dict):
        pairs = [
            (show_key(name), item if _is_skeleton(name, item, value) else _rebuild(item, show, show_key, (*key, name)))
            for name, item in value.items()
        ]
        is_same = all(
            new == (name, item) and new[1] is item for new, (name, item) in zip(pairs, value.items(), strict=True)
        )
        return value if is_same else dict(pairs)
    return value


def _map_values(value: Any, hidden: list[Any]) -> Any:
    """``value`` with an empty container in the place of each one that is equal to a hidden one."""
    if not hidden or not isinstance(value, dict | list) or not value:
        return value
    if any(type(value) is type(other) and value == other for other in hidden):
        return type(value)()
    if isinstance(value, list):
        items = [_map_values(item, hidden) for item in value]
        return value if all(new is old for new, old in zip(items, value, strict=True)) else items
    pairs = {name: _map_values(item, hidden) for name, item in value.items()}
    return value if all(pairs[name] is value[name] for name in value) else pairs


def _is_skeleton(name: str, item: Any, holder: dict[str, Any]) -> bool:
    is_name = name in _SKELETON or name.endswith("_id") or (name == "name" and "arguments" in holder)
    return is_name and isinstance(item, str)


def _embedded(text: str) -> Any:
    """The JSON object or list that a text says, else None."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    return jsontext.loads_or(text, None)
