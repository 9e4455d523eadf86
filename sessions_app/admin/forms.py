"""Boxes of the forms. Each lets through only what every database can keep, so that saving cannot fail."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.forms.fields import InvalidJSONInput
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sessions_app import jsontext
from sessions_app.admin.theme import TextArea
from sessions_app.exceptions import (
    AgentSessionsError,
    InvalidValue,
    MessageNotFound,
    Redacted,
    RevisionConflict,
    RunNotFound,
    SessionExists,
    SessionNotFound,
)
from sessions_app.fields import JSONTextFormField
from sessions_app.models import Agent, Project
from sessions_app.services import rollups
from sessions_app.text import check_identifier, check_text

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
else:
    ModelForm = forms.ModelForm

MAX_KEY_DIGITS = 18
_GONE = _("Somebody else deleted this meanwhile.")
_CHANGED = _("Somebody else changed this meanwhile. Nothing was saved; reload the page to see it.")
_LINE_END = re.compile(r"\r\n?")


def checked(check: Callable[..., Any], *arguments: Any) -> None:
    """Call one of the store's checks; its InvalidValue becomes a form's error."""
    try:
        check(*arguments)
    except InvalidValue as error:
        raise ValidationError(explain(error), code=error.code) from error


def explain(error: InvalidValue) -> str:
    """The error in the reader's language, with the way to its culprit."""
    path = ".".join(str(step) for step in error.location if step != "")
    message = gettext(error.template) % error.params if error.params else gettext(error.template)
    return f"{path}: {message}" if path else message


def error_text(error: AgentSessionsError) -> str:
    """Any of the store's errors as a sentence."""
    if isinstance(error, InvalidValue):
        return explain(error)
    return str(_ERRORS.get(type(error), _("The store refused it.")))


_ERRORS: dict[type[AgentSessionsError], Any] = {
    SessionNotFound: _("Somebody else deleted the session meanwhile."),
    RunNotFound: _("Somebody else deleted the run meanwhile."),
    MessageNotFound: _("Somebody else deleted the message meanwhile."),
    SessionExists: _("The project has a session with this id already."),
    RevisionConflict: _("Somebody else changed the session meanwhile."),
    Redacted: _("It is hidden. What is hidden with its run comes back with its run."),
}


def check_same_project(agent: Agent | None, project: Project) -> None:
    """Raise a form's error for an agent of somebody else."""
    if agent is not None and agent.project_id != project.pk:
        raise ValidationError({"agent": _("This agent belongs to another project.")})


class GuardedForm(ModelForm):
    """Saves only what its reader saw: a digest of the row goes out with the form and must come back as it still is."""

    guarded: tuple[str, ...] = ()
    """The columns that the reader saw."""
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["seen"] = self.digest(self.instance)

    def digest(self, row: Any) -> str:
        values = [getattr(row, column) for column in self.guarded]
        return hashlib.sha256(json.dumps(values, default=str).encode()).hexdigest()

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance.pk:
            try:
                # Until this request ends, so that nobody comes between this look and the saving.
                rollups.lock_session_of(self.instance)
            except SessionNotFound as error:
                raise ValidationError(_GONE, code="deleted") from error
            stored = type(self.instance)._default_manager.filter(pk=self.instance.pk).first()
            if stored is None:
                raise ValidationError(_GONE, code="deleted")
            if given.get("seen") != self.digest(stored):
                raise ValidationError(_CHANGED, code="revision")
        return given


class TextBox(forms.CharField):
    """Text with all its spaces. A browser's line ends are no change."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"strip": False, **kwargs})

    def to_python(self, value: Any) -> Any:
        return super().to_python(_LINE_END.sub("\n", value) if isinstance(value, str) else value)

    def validate(self, value: Any) -> None:
        super().validate(value)
        checked(check_text, value or "", "")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(_LINE_END.sub("\n", initial) if isinstance(initial, str) else initial, data)


class IdentifierBox(TextBox):
    """Text that names something."""

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value:
            checked(check_identifier, value, "")


class AutocompleteBox(AutocompleteSelect):
    """The stock box, shown again also after somebody sent what is no key, and with a name while nothing is chosen."""

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        attrs: dict[str, Any] = super().build_attrs(base_attrs, extra_attrs)
        return {**attrs, "data-placeholder": _("Choose: %(what)s") % {"what": capfirst(self.field.verbose_name)}}

    def optgroups(self, name: str, value: Sequence[str], attrs: dict[str, Any] | None = None) -> Any:
        keys = [key for key in map(str, value) if key == "" or (key.isdecimal() and len(key) <= MAX_KEY_DIGITS)]
        return super().optgroups(name, keys, attrs)


class JSONArea(TextArea):
    """A box for JSON."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            {"rows": 8, "class": "vLargeTextField agent-sessions-code", "spellcheck": "false", **(attrs or {})}
        )


class JSONBox(JSONTextFormField):
    """Any JSON, compared and shown as it was written: the order of keys counts."""

    check: Callable[[Any], Any] = staticmethod(jsontext.dumps)

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        try:
            return jsontext.loads(value)
        except (ValueError, RecursionError) as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": value}) from error

    def validate(self, value: Any) -> None:
        super().validate(value)
        checked(self.check, value)

    def bound_data(self, data: Any, initial: Any) -> Any:
        return None if data is None else InvalidJSONInput(data)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return jsontext.dumps(initial) != jsontext.dumps(self.to_python(data))
        except (ValidationError, InvalidValue):
            return True


class FilterableBox(JSONBox):
    """JSON that the database can look into."""

    check = staticmethod(jsontext.filterable)


class ObjectBox(FilterableBox):
    """A JSON object."""

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and not isinstance(value, dict):
            raise ValidationError(_("Enter a JSON object."), code="dict_type")


class TextListBox(FilterableBox):
    """A JSON list of texts."""

    def validate(self, value: Any) -> None:
        super().validate(value)
        is_list = isinstance(value, list) and all(isinstance(item, str) for item in value)
        if value is not None and not is_list:
            raise ValidationError(_("Enter a JSON list of texts."), code="list_type")
