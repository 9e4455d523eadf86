"""Everything that people read is in the German catalogue, and translated; what is compiled is what is written."""

from __future__ import annotations

import ast
import gettext
import shutil
import subprocess

import pytest
from django.core.management import call_command

from tests.catalogue import FILE, PACKAGE, entries

PROGRAMS = ("msgfmt", "msgattrib", "xgettext", "msgmerge")

needs_gettext = pytest.mark.skipif(
    not all(map(shutil.which, PROGRAMS)), reason="GNU gettext is not installed on this machine"
)


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def compiled(file):
    with open(file, "rb") as stream:
        return {key: text for key, text in gettext.GNUTranslations(stream)._catalog.items() if key}


@pytest.fixture
def collected(tmp_path, monkeypatch):
    """The catalogue as ``make messages`` would leave it."""
    copy = tmp_path / "sessions_app"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "static"))
    monkeypatch.chdir(copy)
    call_command("makemessages", locale=["de"], add_location="file", no_wrap=True, verbosity=0)
    return copy / FILE.relative_to(PACKAGE)


@needs_gettext
@pytest.mark.parametrize("kind", ["untranslated", "only-fuzzy", "only-obsolete"])
def test_nothing_is_missing_doubtful_or_left_over(collected, kind):
    assert run("msgattrib", f"--{kind}", "--no-location", str(collected)) == "", "run `make messages` and translate"


@needs_gettext
def test_what_is_compiled_is_what_is_written(tmp_path):
    target = tmp_path / "django.mo"
    run("msgfmt", "--check-format", "--check-domain", "--output-file", str(target), str(FILE))
    assert compiled(FILE.with_suffix(".mo")) == compiled(target), "run `make messages`"


def test_every_text_that_python_marks_is_found():
    """Also where xgettext does not look: in f-strings, and under names of our own."""
    known = {text for entry in entries() for text in entry.english}
    assert {text for file in PACKAGE.rglob("*.py") for text in marked(ast.parse(file.read_text()))} - known == set()


def marked(tree):
    """The texts in calls of Django's functions for them, by whatever names the module knows these."""
    names = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if "gettext" in alias.name
    }
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in names:
            first = 1 if names[call.func.id].startswith(("pgettext", "npgettext")) else 0
            texts = call.args[first : first + (2 if "ngettext" in names[call.func.id] else 1)]
            yield from (text.value for text in texts if isinstance(text, ast.Constant))


def test_unmarked_texts_would_be_noticed():
    source = "from django.utils.translation import gettext as say\nf\"{say('Moo')}\""
    assert list(marked(ast.parse(source))) == ["Moo"]


def test_german_is_set_as_german():
    texts = [text for entry in entries() for text in entry.german]
    assert [text for text in texts if not text.strip() or "..." in text or not quotes_are_german(text)] == []


def quotes_are_german(text):
    """„These“, not “those” or "those"."""
    return '"' not in text and "”" not in text and text.count("„") == text.count("“")


FORMS = ("text.py", "jsontext.py", "services", "formats")
"""What checks the values of the admin's forms, among others."""


def test_what_forms_refuse_is_marked():
    files = [file for name in FORMS for file in ([PACKAGE / name] if "." in name else (PACKAGE / name).rglob("*.py"))]
    calls = [call for file in files for call in ast.walk(ast.parse(file.read_text())) if is_refusal(call)]
    assert len(calls) > 15
    assert [ast.unparse(call) for call in calls if isinstance(call.args[0], ast.Constant | ast.JoinedStr)] == []


def is_refusal(node):
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "InvalidValue"
