from __future__ import annotations

import json

import pytest
from django.core.management import call_command
from django.db import connection
from rest_framework.test import APIClient

from sessions_app import counting
from sessions_app.querysets import forget_keys
from tests import factories


@pytest.fixture(autouse=True)
def nothing_is_remembered():
    """Each test begins as a new process does."""
    forget_keys()
    counting.forget()


@pytest.fixture
def project(db):
    return factories.ProjectFactory()


@pytest.fixture
def store(project):
    """The one session of ``project`` that every endpoint of ``tests.dialects.table`` finds."""
    from tests.dialects import table

    return table.fill(project)


@pytest.fixture
def key(project):
    return factories.APIKeyFactory(project=project)


@pytest.fixture
def command(db, capsys):
    """``command("name", *arguments)`` runs it; gives (standard output, standard error)."""

    def run(*arguments):
        call_command(*arguments)
        return capsys.readouterr()

    return run


@pytest.fixture
def plain_sqlite(monkeypatch):
    """SQLite as a host has it who changed nothing of Django's defaults, DEFERRED above all; other databases as ever."""
    if connection.vendor == "sqlite":
        connection.close()
        monkeypatch.setitem(connection.settings_dict, "OPTIONS", {})
    yield
    if connection.vendor == "sqlite":
        connection.close()


class Client(APIClient):
    """Sends JSON, with escapes for what UTF-8 cannot say, unless told a content type. Follows nothing."""

    def _encode_data(self, data, format=None, content_type=None):
        if data is None or content_type:
            return super()._encode_data(data, format, content_type)
        return json.dumps(data).encode(), "application/json"


@pytest.fixture
def anonymous():
    return Client()


@pytest.fixture
def client(key):
    """A client with a writing key of ``project``."""
    return client_with(key)


def client_with(key, **headers):
    client = Client()
    client.credentials(HTTP_X_API_KEY=key.secret, **headers)
    return client
