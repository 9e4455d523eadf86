"""How clients use a key: for each wire that the site serves, the base URL and first programs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from sessions_app import snippets
from sessions_app.models import APIKey

PLACEHOLDER = "YOUR-KEY"


def guide(request: HttpRequest, key: APIKey, secret: str = PLACEHOLDER) -> list[dict[str, Any]]:
    """What the template ``apikey/guide.html`` shows. Only the page of a new key has a ``secret`` to give."""
    return [
        _wire(wire, request.build_absolute_uri(base or "/").rstrip("/"), key, secret)
        for wire, base in snippets.served()
    ]


def _wire(wire: snippets.Wire, url: str, key: APIKey, secret: str) -> dict[str, Any]:
    return {
        "title": wire.title,
        "id": f"agent-sessions-url-{wire.route}",
        "url": url,
        "programs": [
            {
                "client": program.client,
                "id": f"agent-sessions-program-{wire.route}-{number}",
                "install": program.install,
                "code": program.code(url=url, key=secret, can_write=key.can_write),
            }
            for number, program in enumerate(wire.programs)
        ],
    }
