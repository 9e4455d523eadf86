"""Times as people say them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy, pgettext

# Whole sentences, since "3 days" has another case in "3 days ago" in many languages.
PAST: Any = {
    "year": ngettext_lazy("%(num)d year ago", "%(num)d years ago", "num"),
    "month": ngettext_lazy("%(num)d month ago", "%(num)d months ago", "num"),
    "week": ngettext_lazy("%(num)d week ago", "%(num)d weeks ago", "num"),
    "day": ngettext_lazy("%(num)d day ago", "%(num)d days ago", "num"),
    "hour": ngettext_lazy("%(num)d hour ago", "%(num)d hours ago", "num"),
    "minute": ngettext_lazy("%(num)d minute ago", "%(num)d minutes ago", "num"),
}
FUTURE: Any = {
    "year": ngettext_lazy("in %(num)d year", "in %(num)d years", "num"),
    "month": ngettext_lazy("in %(num)d month", "in %(num)d months", "num"),
    "week": ngettext_lazy("in %(num)d week", "in %(num)d weeks", "num"),
    "day": ngettext_lazy("in %(num)d day", "in %(num)d days", "num"),
    "hour": ngettext_lazy("in %(num)d hour", "in %(num)d hours", "num"),
    "minute": ngettext_lazy("in %(num)d minute", "in %(num)d minutes", "num"),
}


def moment(at: datetime) -> SafeString:
    """How long ago, or how far ahead; the exact time under the pointer."""
    return _time(at, _distance(at))


def clock(at: datetime) -> SafeString:
    """The time of day and how long ago that was; the exact time under the pointer."""
    ago = format_html('<span class="agent-sessions-ago"> · {}</span>', _distance(at))
    return _time(at, format_html("{}{}", date_format(timezone.localtime(at), "TIME_FORMAT"), ago))


def day(at: datetime) -> str:
    """The day, in the site's time zone."""
    return date_format(timezone.localtime(at), pgettext("Django date format of a day with its name", "l, j F Y"))


def _time(at: datetime, text: str) -> SafeString:
    local = timezone.localtime(at)
    exact = f"{date_format(local, 'DATE_FORMAT')}, {local:%H:%M:%S %Z}"
    iso = local.isoformat(timespec="seconds")
    return format_html('<time datetime="{}" title="{}">{}</time>', iso, exact, text)


def _distance(at: datetime) -> str:
    now = timezone.now()
    if abs(now - at) < timedelta(minutes=1):
        return _("just now")
    if at > now:
        return timesince(now, at, time_strings=FUTURE, depth=1)
    return timesince(at, now, time_strings=PAST, depth=1)
