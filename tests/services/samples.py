"""Messages as services take them."""

from __future__ import annotations

from sessions_app.services import NewMessage


def said(text, tokens=0):
    metrics = {"input_tokens": tokens, "output_tokens": 1, "total_tokens": tokens + 1}
    return NewMessage({"role": "user", "content": text, "metrics": metrics})


def user(text, **extra):
    return NewMessage({"role": "user", "content": text, **extra})
