"""``/schema`` and ``/docs``, and what the README says of endpoints and settings."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from sessions_app import conf, urls
from sessions_app.dialects.openapi import DialectSchema

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
CODE = re.compile(r"`([^`]+)`")


def section(title):
    return README.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def rows(text):
    """The cells of all rows of a section's tables, without the heads."""
    lines = [line.strip().strip("|").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line] for line in lines]


@pytest.fixture
def document(anonymous):
    return anonymous.get("/schema", {"format": "json"}).json()


def test_a_site_s_own_schema_class_has_nothing_to_do_with_our_views():
    views = list(views_of(urls.urlpatterns))
    assert len(views) > 80
    assert all(view.schema is None or isinstance(view.schema, DialectSchema) for view in views)


def views_of(patterns):
    for pattern in patterns:
        view = pattern.callback
        yield from views_of(pattern.url_patterns) if view is None else [getattr(view, "cls", None) or view.view_class]


def test_the_root_leads_to_the_admin(anonymous):
    assert anonymous.get("/")["Location"] == "/admin/"


@pytest.mark.parametrize("method", ["options", "post"])
def test_the_docs_are_only_read(anonymous, method):
    assert getattr(anonymous, method)("/docs").status_code == 405


@pytest.mark.parametrize("path", ["/schema", "/schema/", "/docs", "/docs/"])
def test_schema_and_docs_are_open_to_everybody(anonymous, path):
    answer = anonymous.get(path)
    assert answer.status_code == 200
    assert re.findall(r"https?://(?!testserver)[^\s\"'<>]+", answer.content.decode()) == []


def test_the_docs_page_loads_files_of_this_server_only(anonymous):
    page = anonymous.get("/docs").content.decode()
    files = [file for file in re.findall(r"(?:src|href)=\"([^\"]+)\"", page) if file.startswith("/static/")]
    assert len(files) >= 3
    assert all(finders.find(file.removeprefix("/static/")) for file in files)


def test_the_schema_describes_keys_and_errors(document):
    assert document["info"]["title"] == "Agent sessions"
    assert document["components"]["securitySchemes"].keys() == {"ApiKeyAuth", "BearerAuth"}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert {"ApiKeyAuth": []} in operation["security"], (method, path)
            assert "401" in operation["responses"], (method, path)


def test_operation_ids_are_unique(document):
    ids = [operation["operationId"] for operations in document["paths"].values() for operation in operations.values()]
    assert len(ids) == len(set(ids))


def test_the_readme_lists_exactly_the_endpoints_of_the_schema(document):
    listed = {CODE.findall(path)[0]: set(CODE.findall(methods)) for methods, path, _ in rows(section("The endpoints"))}
    described = {path: {method.upper() for method in operations} for path, operations in document["paths"].items()}
    assert listed == described


def test_the_readme_lists_exactly_the_settings():
    listed = {
        CODE.findall(key)[0]: (ast.literal_eval(CODE.findall(default)[0]), CODE.findall(check)[0])
        for key, default, _, check in rows(section("Settings"))
    }
    assert listed == {name: (setting.default, setting.check_id) for name, setting in conf.SETTINGS.items()}


def test_the_files_that_the_readme_links_to_are_there():
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("dialect", ["agno", "llamacloud", "lyzr", "native", "otlp"])
def test_a_dialects_readme_names_its_files(dialect):
    folder = ROOT / "sessions_app" / "dialects" / dialect
    named = [name.rstrip("/") for file, _ in rows((folder / "README.md").read_text()) for name in CODE.findall(file)]
    there = [each.name for each in folder.iterdir() if not each.name.startswith("__") and each.suffix in {"", ".py"}]
    assert sorted(named) == sorted(there)
