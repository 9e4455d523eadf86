"""A site needs none of the frameworks that it has adapters for."""

from __future__ import annotations

import subprocess
import sys

from django.utils.module_loading import import_string

from sessions_app import adapters, sources

PROGRAM = """
import sys
import django
django.setup()
print(sorted({name.partition(".")[0] for name in sys.modules} & set(sys.argv[1:])))
"""


def test_no_framework_is_imported_before_it_is_asked_for():
    frameworks = [scheme.replace("-", "_") for scheme in adapters.SOURCES]
    done = subprocess.run([sys.executable, "-c", PROGRAM, *frameworks], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr


def test_every_source_is_registered_and_there():
    assert set(sources.schemes()) == set(adapters.SOURCES)
    for path in adapters.SOURCES.values():
        assert callable(import_string(path))
