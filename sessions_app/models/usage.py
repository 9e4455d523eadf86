"""Token columns, shared by what spends tokens."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _

TOKEN_FIELDS = (
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "audio_input_tokens",
    "audio_output_tokens",
    "audio_total_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
)
MESSAGE_TOKEN_FIELDS = ("input_tokens", "output_tokens", "total_tokens")
"""Those that a message has."""
TOTALS = {f"{kind}total_tokens": (f"{kind}input_tokens", f"{kind}output_tokens") for kind in ("", "audio_")}
"""The counts that follow from others, with those."""


class TokenUsage(models.Model):
    """How many tokens something cost, by kind. All counts are whole and not negative."""

    input_tokens = models.PositiveBigIntegerField(_("input tokens"), default=0)
    output_tokens = models.PositiveBigIntegerField(_("output tokens"), default=0)
    total_tokens = models.PositiveBigIntegerField(_("total tokens"), default=0)
    audio_input_tokens = models.PositiveBigIntegerField(_("audio input tokens"), default=0)
    audio_output_tokens = models.PositiveBigIntegerField(_("audio output tokens"), default=0)
    audio_total_tokens = models.PositiveBigIntegerField(_("audio tokens"), default=0)
    cache_read_tokens = models.PositiveBigIntegerField(_("cache read tokens"), default=0)
    cache_write_tokens = models.PositiveBigIntegerField(_("cache write tokens"), default=0)
    reasoning_tokens = models.PositiveBigIntegerField(_("reasoning tokens"), default=0)

    class Meta:
        abstract = True

    @property
    def usage(self) -> dict[str, int]:
        """The nine counts by name."""
        return {name: getattr(self, name) for name in TOKEN_FIELDS}


def complete_usage(given: Mapping[str, int]) -> dict[str, int]:
    """The nine counts; totals that are not given are added up."""
    usage = {name: given.get(name, 0) for name in TOKEN_FIELDS}
    for total, parts in TOTALS.items():
        usage[total] = usage[total] or sum(usage[name] for name in parts)
    return usage
