"""The stock boxes with names that assistive technology can read."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from sessions_app.admin.theme import SplitDateTime


class MomentBox(SplitDateTime):
    """Date and time. The stock widget writes these words beside its boxes, but not as their labels."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        for box, name in zip(self.widgets, (_("Date"), _("Time")), strict=True):
            box.attrs["aria-label"] = name
