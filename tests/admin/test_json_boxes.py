"""The box of a form that holds JSON."""

from __future__ import annotations

import pytest

from sessions_app.fields import JSONTextFormField
from sessions_app.models import Session
from tests.values import exact


class TestFormField:
    field = JSONTextFormField(required=False)

    @pytest.mark.parametrize("value", ["text", "", 0, False, {"a": ["é", "\ud83d"]}, [], {}, 1.0])
    def test_what_it_shows_it_reads_back(self, value):
        assert exact(self.field.clean(self.field.prepare_value(value))) == exact(value)

    def test_nothing_is_an_empty_box(self):
        assert self.field.prepare_value(None) == ""
        assert self.field.clean("") is None

    def test_it_shows_json_indented_and_readable(self):
        assert self.field.prepare_value({"ä": [1]}) == '{\n  "ä": [\n    1\n  ]\n}'

    def test_the_models_use_it(self):
        for column in ("state", "summary", "details"):
            assert isinstance(Session._meta.get_field(column).formfield(), JSONTextFormField)
