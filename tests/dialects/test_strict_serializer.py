"""Bodies are checked in fewer steps than Django REST framework takes, which must find the same."""

from __future__ import annotations

import pytest
from rest_framework import serializers

from sessions_app.dialects.fields import StrictSerializer, TextField


class PairSerializer(StrictSerializer):
    first = TextField(required=False)
    second = TextField(required=False)


def differ(pair):
    if pair.get("first") == pair.get("second"):
        raise serializers.ValidationError("The two are the same", code="same")


def test_validators_see_all_of_it():
    checked = PairSerializer(validators=[differ])
    assert checked.run_validation({"first": "a"}) == {"first": "a"}
    with pytest.raises(serializers.ValidationError) as refused:
        checked.run_validation({"first": "a", "second": "a"})
    assert refused.value.get_codes() == {"non_field_errors": ["same"]}


def test_without_validators_nothing_is_refused():
    assert PairSerializer().run_validation({"first": "a", "second": "a"}) == {"first": "a", "second": "a"}


def test_a_name_that_is_not_known_is_refused():
    with pytest.raises(serializers.ValidationError) as refused:
        PairSerializer().run_validation({"first": "a", "third": "b"})
    assert refused.value.get_codes() == {"third": ["extra_forbidden"]}
