"""The rules of the house: the core knows no vendor, and the vendors do not know each other.

Only a mapping is shared: the dialect and the adapter of one framework both import how its rows lie in the store.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import sessions_app

APP = Path(sessions_app.__file__).parent
DOORS = ("dialects", "adapters")
OUTER = (*DOORS, "mappings")
VENDORS = re.compile(r"agno|lyzr|llama", re.IGNORECASE)


def modules(*, core):
    for path in sorted(APP.rglob("*.py")):
        place = path.relative_to(APP)
        if (place.parts[0] not in OUTER) == core:
            yield place


CORE, OUTSIDE = list(modules(core=True)), list(modules(core=False))


def imports_of(source, package=""):
    """The dotted names that a source imports; a relative one is counted from ``package``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: -node.level + 1 or None] if node.level else []
            base = ".".join([*parents, node.module] if node.module else parents)
            yield from (f"{base}.{alias.name}" for alias in node.names)


def imports(place):
    parent = ".".join(("sessions_app", *place.parent.parts))
    return set(imports_of((APP / place).read_text(), parent))


def owner(name):
    """Which dialect or adapter a dotted name belongs to; None for the core and for what all of them share."""
    parts = name.removesuffix(".py").replace("/", ".").split(".")
    parts = parts[1:] if parts[0] == "sessions_app" else parts
    if parts[0] not in OUTER or len(parts) < 2:
        return None
    return (parts[0], parts[1]) if (APP / parts[0] / parts[1]).is_dir() else None


def test_there_is_something_to_look_at():
    names = {str(place) for place in CORE}
    assert {"querysets.py", "services/runs.py", "models/sessions.py", "formats/openai_chat.py"} <= names
    assert any(place.parts[0] == "dialects" for place in OUTSIDE)


@pytest.mark.parametrize("place", CORE, ids=str)
def test_the_core_names_no_vendor(place):
    assert not VENDORS.search(str(place))
    lines = (APP / place).read_text().splitlines()
    if str(place) == "urls.py":  # The one list of all wires.
        lines = [line for line in lines if not re.search(r'include\("sessions_app\.dialects\.\w+\.urls"\)', line)]
    assert [line for line in lines if VENDORS.search(line)] == []


@pytest.mark.parametrize("place", OUTSIDE, ids=str)
def test_dialects_and_adapters_do_not_import_each_other(place):
    mine = owner(str(place))
    known = {None, mine} | ({("mappings", mine[1])} if mine and mine[0] in DOORS else set())
    strangers = {name for name in imports(place) if owner(name) not in known}
    if place.name == "__init__.py" and len(place.parts) == 2:
        return  # The package's own door may know its rooms.
    assert strangers == set()


@pytest.mark.parametrize("place", CORE, ids=str)
def test_the_core_imports_no_dialect_and_no_adapter(place):
    assert {name for name in imports(place) if owner(name) is not None} == set()


def test_imports_are_found_in_every_shape():
    source = "import a.b as c\nfrom d import e, f\nfrom .x import y\nfrom .. import z\ndef g():\n    import h"
    assert set(imports_of(source, "p.q")) == {"a.b", "d.e", "d.f", "p.q.x.y", "p.z", "h"}


def test_owners_are_told_apart():
    assert owner("sessions_app.services.runs") is None
    assert owner("dialects/__init__.py") is None
    assert owner("sessions_app.dialects.base.X") is None
    assert (
        owner("sessions_app.dialects.native.views.View") == owner("dialects/native/urls.py") == ("dialects", "native")
    )
    assert owner("sessions_app.mappings.agno.runs.run_dict") == ("mappings", "agno")
    assert owner("sessions_app.adapters.register_sources") is None
    assert owner("sessions_app.adapters.agno.DjangoDb") == owner("adapters/agno/source.py") == ("adapters", "agno")
