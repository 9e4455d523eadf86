"""First programs for new keys: right for the site and the key, of the wires alone that the site serves."""

from __future__ import annotations

import ast
import re

import pytest
from django.test import override_settings
from django.urls import include, path

from sessions_app import snippets
from sessions_app.dialects import load_snippets

SECRET = "Abcdefgh.0123456789"
PYTHON = [program for wire in snippets.WIRES for program in wire.programs if program.client.startswith("Python")]
EVERY = [program for wire in snippets.WIRES for program in wire.programs]


class Nothing:
    urlpatterns = [path("other/", include([]))]


class OneWire:
    urlpatterns = [path("deep/er/", include("sessions_app.dialects.native.urls"))]


class WithTenant:
    urlpatterns = [path("<tenant>/", include("sessions_app.urls"))]


def test_every_wire_of_the_site_is_there_our_own_first():
    served = list(snippets.served())
    assert len(served) == len(snippets.WIRES) == 4
    assert [base for _, base in served] == [""] * 4
    assert served[0][0].title == "REST API"


def test_loading_them_again_adds_none():
    load_snippets()
    assert len(snippets.WIRES) == 4


@override_settings(ROOT_URLCONF=Nothing)
def test_a_site_that_includes_no_wire_has_no_programs():
    assert list(snippets.served()) == []


@override_settings(ROOT_URLCONF=OneWire)
def test_one_wire_alone_is_found_under_its_prefix():
    assert [(wire.title, base) for wire, base in snippets.served()] == [("REST API", "/deep/er")]


@override_settings(ROOT_URLCONF=WithTenant)
def test_a_prefix_that_needs_a_value_is_left_out():
    assert list(snippets.served()) == []


@pytest.mark.parametrize("can_write", [True, False])
@pytest.mark.parametrize("program", EVERY, ids=lambda program: program.client)
def test_a_program_holds_key_and_address_and_no_gap(program, can_write):
    code = program.code(url="https://a.example/agents", key=SECRET, can_write=can_write)
    assert SECRET in code
    assert "https://a.example/agents" in code
    assert not re.search(r"@\w+@", code)
    assert program.read != program.write


@pytest.mark.parametrize("can_write", [True, False])
@pytest.mark.parametrize("program", PYTHON, ids=lambda program: program.client)
def test_python_programs_are_python(program, can_write):
    ast.parse(program.code(url="https://a.example", key=SECRET, can_write=can_write))
