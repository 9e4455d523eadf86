"""Boxes of the forms. Each lets through only what every database can keep, so that saving cannot fail."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import ValidationError
from django.forms.fields import InvalidJSONInput
from django.utils.translation import gettext_lazy as _

from sessions_app import jsontext
from sessions_app.exceptions import InvalidValue
from sessions_app.fields import JSONTextFormField
from sessions_app.models import Agent, Project
from sessions_app.text import check_identifier, check_text

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
else:
    ModelForm = forms.ModelForm

_LINE_END = re.compile(r"\r\n?")


def checked(check: Callable[..., Any], *arguments: Any) -> None:
    """Call one of the store's checks; its InvalidValue becomes a form's error."""
    try:
        check(*arguments)
    except InvalidValue as error:
        raise ValidationError(explain(error), code=error.code) from error


def explain(error: InvalidValue) -> str:
    """The error with the way to its culprit."""
    path = ".".join(str(step) for step in error.location if step != "")
    return f"{path}: {error.message}" if path else error.message


def check_same_project(agent: Agent | None, project: Project) -> None:
    """Raise a form's error for an agent of somebody else."""
    if agent is not None and agent.project_id != project.pk:
        raise ValidationError({"agent": _("This agent belongs to another project.")})


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


class JSONArea(AdminTextareaWidget):
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
