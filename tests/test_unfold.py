"""The admin under django-unfold, which must be there when Django starts: so in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

SITE = Path(__file__).resolve().parent / "unfold_site"


@pytest.mark.skipif(find_spec("unfold") is None, reason="django-unfold is not installed")
def test_every_page_works_under_unfold():
    # Unfold may be behind the newest Django, whose deprecations are not ours to mend.
    lenient = ["-W", "ignore::DeprecationWarning", "-W", "ignore::PendingDeprecationWarning"]
    command = [sys.executable, "-m", "pytest", "--quiet", *lenient, "--ds", "tests.unfold_site.settings", str(SITE)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "DJANGO_"))}
    environment |= {"DATABASE_URL": "sqlite://:memory:"}
    done = subprocess.run(command, cwd=SITE.parent.parent, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-5000:]
