from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib import admin

from sessions_app import models

SCRIPT = """
import django
from tests import settings
settings.INSTALLED_APPS = {apps!r}
django.setup()
from django.contrib import admin
print(sorted(model._meta.label for model in admin.site._registry))
"""
DJANGO = ["django.contrib." + name for name in ("auth", "contenttypes", "sessions", "messages", "staticfiles")]
ADMIN, THEIRS, OURS = "django.contrib.admin", "rest_framework_api_key", "sessions_app"


def test_every_model_is_registered():
    for model in (models.Project, models.APIKey, models.Agent, models.Session, models.RunMetadata, models.Message):
        assert admin.site.is_registered(model)
    assert admin.site.is_registered(models.Tag)


@pytest.mark.parametrize(
    "order",
    [(ADMIN, THEIRS, OURS), (ADMIN, OURS, THEIRS), (THEIRS, OURS, ADMIN), (OURS, THEIRS, ADMIN), (OURS, ADMIN, THEIRS)],
)
def test_the_unused_key_is_not_in_the_admin_whatever_the_order_of_apps(order):
    script = SCRIPT.format(apps=[*order, *DJANGO])
    result = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
        env={"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": ""},
    )
    assert "sessions_app.APIKey" in result.stdout, result.stderr
    assert "rest_framework_api_key.APIKey" not in result.stdout
