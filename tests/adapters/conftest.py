from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connections


@pytest.fixture
def elsewhere(db, tmp_path):
    """The alias of a second database, which has our tables and nothing in them."""
    alias, file = "elsewhere", {"ENGINE": "django.db.backends.sqlite3", "NAME": tmp_path / "db.sqlite3", "OPTIONS": {}}
    connections.settings[alias] = connections.settings["default"] | file
    connection = connections[alias]
    connection.connect()  # Now, since a test may not connect to a database that it has not named.
    with connection.schema_editor() as editor:
        for model in apps.get_app_config("sessions_app").get_models():
            editor.create_model(model)
    yield alias
    connection.close()
    del connections[alias], connections.settings[alias]
