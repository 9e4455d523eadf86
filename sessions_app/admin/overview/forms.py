"""What a reader of the overview may choose."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from sessions_app.admin.overview.span import LONGEST, Span
from sessions_app.models import Agent

PRESETS = (7, 30, 90)
DEFAULT_DAYS = 30
EARLIEST, LATEST = date(1980, 1, 1), date(2999, 12, 31)
BAD_DATE = _("Choose a date from 1980 on.")


class DateBox(forms.DateField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, input_formats=["%Y-%m-%d"], **kwargs)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and not EARLIEST <= value <= LATEST:
            raise ValidationError(BAD_DATE)


class RangeForm(forms.Form):
    """The days, and whose sessions. What is wrong is told, and the default taken instead."""

    days = forms.TypedChoiceField(
        label=_("Days"), choices=[(days, days) for days in PRESETS], coerce=int, empty_value=None, required=False
    )
    first = DateBox(label=_("From"))
    last = DateBox(label=_("To"))
    project = forms.TypedChoiceField(label=_("Project"), coerce=int, empty_value=None, required=False)

    agent = forms.ModelChoiceField(Agent.objects.all(), label=_("Agent"), required=False)
    user = forms.CharField(label=_("User"), max_length=255, empty_value=None, strip=False, required=False)

    def __init__(self, *args: Any, projects: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"].choices = [("", _("All projects")), *projects]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors or not (given["first"] or given["last"]):
            return given
        last = given["last"] or max(timezone.localdate(), given["first"])
        first = given["first"] or last - timedelta(DEFAULT_DAYS - 1)
        if first > last:
            raise ValidationError(_("The first day comes after the last."))
        if (last - first).days >= LONGEST:
            raise ValidationError(_("Choose %(limit)d days at most."), params={"limit": LONGEST})
        given["span"] = Span(first, last)
        return given

    @property
    def problems(self) -> list[str]:
        """What is wrong with what was given, in sentences."""
        return [
            f"{self.fields[name].label}: {message}" if name in self.fields else str(message)
            for name, messages in self.errors.items()
            for message in messages
        ]

    @property
    def span(self) -> Span:
        given = {} if self.errors else self.cleaned_data
        return given.get("span") or Span.until_today(given.get("days") or DEFAULT_DAYS)

    @property
    def preset(self) -> int | None:
        """The last days that are shown, where these are as many as one of the presets."""
        return next((days for days in PRESETS if Span.until_today(days) == self.span), None)

    @property
    def kept(self) -> str:
        """What else was chosen beside the days, for an address."""
        agent = self.chosen_agent
        chosen: dict[str, Any] = {
            "project": self.chosen_project,
            "agent": agent.pk if agent else None,
            "user": self.chosen_user,
        }
        return urlencode({name: value for name, value in chosen.items() if value is not None})

    @property
    def chosen_agent(self) -> Agent | None:
        agent: Agent | None = self.cleaned_data.get("agent")
        return agent

    @property
    def chosen_user(self) -> str | None:
        user: str | None = self.cleaned_data.get("user")
        return user

    @property
    def chosen_project(self) -> int | None:
        project: int | None = self.cleaned_data.get("project")
        return project
