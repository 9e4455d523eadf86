"""Any JSON object: for what a framework gave its storage to keep, and no other format knows."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop as _

from sessions_app.exceptions import InvalidValue
from sessions_app.formats.canonical import HIDDEN, CanonicalMessage


class AnyJSON:
    """``{...}``, shown as it is."""

    name = "json"

    def check(self, payload: Any) -> None:
        if not isinstance(payload, dict):
            raise InvalidValue(_("A message must be an object"), code="dict_type")

    def read(self, payload: Any) -> CanonicalMessage:
        return CanonicalMessage(role="assistant", parts=[{**payload, "type": "unknown"}])

    def redacted(self, payload: Any) -> Any:
        return {"content": HIDDEN}

    def with_text(self, payload: Any, text: str) -> Any:
        raise InvalidValue(_("This message has no text of its own"))

    def with_role(self, payload: Any, role: str) -> Any:
        raise InvalidValue(_("This message has no role of its own"))
