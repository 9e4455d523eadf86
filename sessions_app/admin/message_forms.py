"""The forms of a message: its words in plain boxes, and the raw payload that they are read from."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from sessions_app import formats
from sessions_app.admin.forms import GuardedForm, JSONArea, JSONBox, TextBox, explain
from sessions_app.admin.theme import ChoiceSelect, TextArea, TextInput
from sessions_app.exceptions import InvalidValue
from sessions_app.services import NewMessage
from sessions_app.services.messages import build_messages

_CONTRADICTION = _("The payload says something else. Change it here or there, not differently in both.")


class MessageForm(GuardedForm):
    """Text and role are written into the payload. Where that was changed too, both must agree."""

    guarded = ("payload", "format", "original")
    new_role = TextBox(label=_("Role"), max_length=64, widget=TextInput, required=False)
    new_text = TextBox(label=_("Text"), widget=TextArea(attrs={"rows": 6}), required=False)
    format = forms.ChoiceField(label=_("Format"), initial=formats.DEFAULT, widget=ChoiceSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = dict.fromkeys([*formats.names(), self.instance.format])
        self.fields["format"].choices = [(name, name) for name in known]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if "payload" in given and "format" in given:
            try:
                given["payload"] = self.payload_of(given)
                build_messages([NewMessage(given["payload"], given["format"])])
            except InvalidValue as error:
                way = error.location[1:] if error.location[:1] == (0,) else error.location
                self.add_error("format" if way == ("format",) else "payload", explain(error.at(*way)))
        return given

    def payload_of(self, given: dict[str, Any]) -> Any:
        """The payload with what the plain boxes say."""
        payload, format_ = given["payload"], given["format"]
        if {"payload", "format"} & set(self.changed_data):
            self.check_agreement(given)
            return payload
        if "new_role" in self.changed_data:
            payload = formats.with_role(payload, format_, given.get("new_role", ""))
        if "new_text" in self.changed_data:
            payload = formats.with_text(payload, format_, given.get("new_text", ""))
        return payload

    def check_agreement(self, given: dict[str, Any]) -> None:
        """Say at a plain box that it was changed to something else than the payload."""
        [built] = build_messages([NewMessage(given["payload"], given["format"])])
        for box, said in (("new_role", built.role), ("new_text", built.text)):
            if box in self.changed_data and given.get(box) != said:
                self.add_error(box, ValidationError(_CONTRADICTION, code="contradiction"))


class MessageChangeForm(MessageForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update(new_role=self.instance.role, new_text=self.instance.text)


class MessageAddForm(MessageForm):
    """A role and a text are enough; a payload says more."""

    new_role = TextBox(label=_("Role"), max_length=64, widget=TextInput, required=False, initial="user")
    payload = JSONBox(
        label=_("Payload"),
        widget=JSONArea,
        required=False,
        help_text=_("A whole message in its own format, instead of role and text."),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        run, session = given.get("run"), given.get("session")
        if run is not None and session is not None and run.session_id != session.pk:
            self.add_error("run", ValidationError(_("This run belongs to another session.")))
        return given

    def payload_of(self, given: dict[str, Any]) -> Any:
        if given["payload"] is None:
            return {"role": given.get("new_role", ""), "content": given.get("new_text", "")}
        return super().payload_of(given)
