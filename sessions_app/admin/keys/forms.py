"""The form that makes a key: once, however often it is sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sessions_app.admin.forms import ModelForm
from sessions_app.models import APIKey

MAX_AGE = timedelta(days=1)
"""How long a form may lie open."""
_signer = signing.TimestampSigner(salt="sessions_app.new_key")


def new_ticket() -> str:
    """What a form carries: the prefix of the key that it may make. Prefixes are unique, so it makes one alone."""
    return _signer.sign(APIKey.objects.new_prefix())


class TicketField(forms.CharField):
    """The prefix in a ticket, empty where it is old or forged. A form that is shown again has a fresh one."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(required=False, initial=new_ticket)

    def to_python(self, value: Any) -> str:
        try:
            return _signer.unsign(value or "", max_age=MAX_AGE)
        except signing.BadSignature:
            return ""

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial


class KeyForm(ModelForm):
    """The boxes of a key."""

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not name.strip():
            raise ValidationError(self.fields["name"].error_messages["required"], code="required")
        return name

    class Meta:
        help_texts = {
            "name": _("So that people know it again, at most 50 characters."),
            "expiry_date": _("From then on clients cannot use the key any more. Empty: never."),
        }


class NewKeyForm(KeyForm):
    """The boxes of a new key."""

    ticket = TicketField()

    def clean_expiry_date(self) -> datetime | None:
        expiry: datetime | None = self.cleaned_data["expiry_date"]
        if expiry is not None and expiry <= timezone.now():
            raise ValidationError(_("Choose a moment in the future."))
        return expiry

    def clean(self) -> dict[str, Any] | None:
        if not self.cleaned_data["ticket"]:
            raise ValidationError(_("This form lay open for too long. Nothing was made yet: save it once more."))
        return super().clean()
