"""Serializer fields that take what they say and nothing that merely looks like it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache, cached_property
from operator import attrgetter
from typing import Any, Self, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from sessions_app import formats, jsontext
from sessions_app.dialects.wire import iso_utc
from sessions_app.exceptions import InvalidValue
from sessions_app.formats.canonical import read_time
from sessions_app.text import check_identifier

AnySerializer = TypeVar("AnySerializer", bound=serializers.BaseSerializer[Any])
MAX_UNKNOWN = 20
"""Unknown names that one answer lists."""
_SHOWN_AS_THEY_ARE = (
    *(serializers.BooleanField, serializers.CharField, serializers.ChoiceField, serializers.FloatField),
    *(serializers.IntegerField, serializers.JSONField),
)
"""Fields whose columns hold just what goes over the wire."""


class TextField(serializers.CharField):
    """Text as it was sent: numbers are no text, and white space at the ends stays."""

    default_error_messages = {"string_type": "Input should be a valid string"}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"trim_whitespace": False, "allow_blank": True, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("string_type")
        if self.max_length is not None and len(data) > self.max_length:
            message = f"String should have at most {self.max_length} characters"
            raise serializers.ValidationError(message, code="string_too_long")
        return super().to_internal_value(data)


class IdField(TextField):
    """Free text that names something: 1 to 255 characters, no control characters."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 255, "allow_blank": False, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        value = super().to_internal_value(data)
        try:
            return check_identifier(value, "") if value else value
        except InvalidValue as error:
            raise serializers.ValidationError(error.message, code=error.code) from error


class PathIdField(IdField):
    """An id that paths lead to, of which it is one segment."""

    default_error_messages = {
        "slash": "Must not contain a slash: no path would lead to it",
        "dots": "Must not be . or ..: clients take these out of paths",
    }

    def to_internal_value(self, data: Any) -> str:
        value = super().to_internal_value(data)
        if "/" in value:
            self.fail("slash")
        if value in {".", ".."}:
            self.fail("dots")
        return value


@extend_schema_field({})
class AnyField(serializers.JSONField):
    """Any JSON value: what the parser let through, the store can keep."""

    def to_internal_value(self, data: Any) -> Any:
        return data


@extend_schema_field({"type": "array", "items": {}})
class AnyListField(AnyField):
    """A list of any JSON values."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, list):
            raise serializers.ValidationError("Input should be a valid list", code="list_type")
        return data


@extend_schema_field(OpenApiTypes.OBJECT)
class ObjectField(serializers.JSONField):
    """A JSON object. ``filterable``: one that goes into a real JSON column."""

    def __init__(self, *, filterable: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filterable = filterable

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            raise serializers.ValidationError("Input should be a valid dictionary", code="dict_type")
        return _checked(jsontext.filterable, data) if self.filterable else data


class WholeNumberField(serializers.IntegerField):
    """A JSON integer: not the text "5", and not 5.0 or true."""

    default_error_messages = {"int_type": "Input should be a valid integer"}

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("int_type")
        return data


class NumberField(serializers.FloatField):
    """A JSON number."""

    default_error_messages = {"float_type": "Input should be a valid number"}

    def to_internal_value(self, data: Any) -> float:
        if type(data) not in {int, float}:
            self.fail("float_type")
        return super().to_internal_value(data)


class FlagField(serializers.BooleanField):
    """JSON's true and false, and nothing that reads like them."""

    default_error_messages = {"bool_type": "Input should be a valid boolean"}
    default_empty_html = serializers.empty

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("bool_type")
        return data


class FormatField(TextField):
    """The name of a message format that the site knows."""

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        _checked(formats.get, name)
        return name


@extend_schema_field(OpenApiTypes.DATETIME)
class MomentField(serializers.Field[datetime, Any, str, Any]):
    """ISO 8601 (naive is UTC) or epoch seconds in; UTC with microseconds and ``Z`` out."""

    default_error_messages = {"datetime_type": "Input should be a date and time: ISO 8601 or epoch seconds"}

    def to_internal_value(self, data: Any) -> datetime:
        moment = read_time(_number_or_text(data))
        if moment is None or not 1 < moment.astimezone(UTC).year < 9999:
            self.fail("datetime_type")
        return moment

    def to_representation(self, value: datetime) -> str:
        return iso_utc(value)


class TextListField(serializers.ListField):
    """A list of ids. One that is too long is refused before any of its items is looked at."""

    def __init__(self, *, max_length: int = 1000, **kwargs: Any) -> None:
        super().__init__(**{"child": IdField(), "max_length": max_length, **kwargs})
        self.limit = max_length

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, list) and len(data) > self.limit:
            message = f"List should have at most {self.limit} items"
            raise serializers.ValidationError(message, code="max_length")
        return super().to_internal_value(data)


class RowSerializer(serializers.Serializer[Any]):
    """Shows the columns of rows. What to do for each field is found out once, not for each row and field anew."""

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {name: show(instance) for name, show in self._shows}

    @cached_property
    def _shows(self) -> list[tuple[str, Callable[[Any], Any]]]:
        return [(name, self._show(field)) for name, field in self.fields.items()]

    def _show(self, field: Any) -> Callable[[Any], Any]:
        if isinstance(field, serializers.SerializerMethodField):
            return getattr(self, field.method_name)  # type: ignore[no-any-return]
        if field.source == "*":
            return field.to_representation  # type: ignore[no-any-return]
        if len(field.source_attrs) == 1:
            read: Callable[[Any], Any] = attrgetter(field.source)
        else:
            owner, column = map(attrgetter, field.source_attrs)  # Of a row that may be missing.
            read = lambda row: None if (found := owner(row)) is None else column(found)  # noqa: E731
        if isinstance(field, _SHOWN_AS_THEY_ARE):
            return read
        return lambda row: None if (value := read(row)) is None else field.to_representation(value)


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses keys that it does not know, so that a typo is an error and not a loss."""

    _asked: list[serializers.Field[Any, Any, Any, Any]] | None = None

    def to_internal_value(self, data: Any) -> Any:
        unknown = self.unknown(data) if isinstance(data, dict) else {}
        try:
            value = super(StrictSerializer, self._asking(data)).to_internal_value(data)
        except serializers.ValidationError as error:
            raise serializers.ValidationError({**unknown, **error.detail}) from error  # type: ignore[dict-item]
        if unknown:
            raise serializers.ValidationError(unknown)
        return value

    def run_validators(self, value: Any) -> None:
        if self.validators:  # Else all would be copied first, and asked for defaults that it has not.
            super().run_validators(value)

    def unknown(self, names: Iterable[str]) -> dict[str, Any]:
        """The errors for those of ``names`` that are no field's."""
        found = [name for name in names if name not in self._known]
        if not found:
            return {}
        error = serializers.ErrorDetail(f"Unknown name. Known are: {', '.join(self._known)}", code="extra_forbidden")
        return {name: [error] for name in found[:MAX_UNKNOWN]}

    @cached_property
    def _known(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {name: field for name, field in self.fields.items() if not field.read_only}

    def _asking(self, data: Any) -> Self:
        """This serializer for ``data`` alone: fields that may be left out, and are, need not be asked what they make
        of nothing. That would be most of the time that a body takes, which says few of many things.
        """
        if type(data) is not dict:
            return self
        asking = object.__new__(type(self))
        asking.__dict__.update(self.__dict__)
        asking._asked = [
            field
            for name, field in self._known.items()
            if name in data or field.required or field.default is not serializers.empty
        ]
        return asking

    @property
    def _writable_fields(self) -> list[serializers.Field[Any, Any, Any, Any]]:
        return super()._writable_fields if self._asked is None else self._asked


@cache
def shared(serializer_class: type[AnySerializer]) -> AnySerializer:
    """One serializer for all requests: each new one would copy its fields. Use what keeps nothing of what it is given:
    ``run_validation`` and ``to_representation``.
    """
    return serializer_class()


def represented(serializer_class: type[serializers.BaseSerializer[Any]], value: Any) -> dict[str, Any]:
    """What a serializer shows of a value."""
    shown: dict[str, Any] = shared(serializer_class).to_representation(value)  # type: ignore[arg-type]
    return shown


def _checked(check: Any, data: Any) -> Any:
    try:
        check(data)
    except InvalidValue as error:
        raise serializers.ValidationError(error.message, code=error.code) from error
    return data


def _number_or_text(data: Any) -> Any:
    """A query parameter's epoch seconds come as text."""
    try:
        return float(data) if isinstance(data, str) else data
    except ValueError:
        return data
