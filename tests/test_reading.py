"""One session, and what was said in it, where the database says less than Django would."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection, connections

from sessions_app import services
from sessions_app.dialects.lyzr.views.listings import _ids_of_agent
from sessions_app.services import NewMessage
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def tokyo(monkeypatch):
    """The database's moments are in a zone of its own, as ``DATABASES[...]["TIME_ZONE"]`` says."""
    used = connections["default"]
    monkeypatch.setitem(used.settings_dict, "TIME_ZONE", "Asia/Tokyo")
    for name in ("timezone", "timezone_name"):
        used.__dict__.pop(name, None)
    yield
    for name in ("timezone", "timezone_name"):
        used.__dict__.pop(name, None)


@pytest.mark.skipif(connection.vendor == "postgresql", reason="about databases that know no zones")
def test_moments_are_read_in_the_database_s_zone(client, project, tokyo):
    moment = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    session = factories.SessionFactory(project=project)
    services.append_messages(
        session=session, messages=[NewMessage({"role": "user", "content": "a"}, created_at=moment)]
    )
    [message] = client.get(f"/sessions/{session.session_id}?type=agent").json()["chat_history"]
    assert message["created_at"] == moment.timestamp()


def test_a_project_that_is_gone_since_the_key_was_looked_up_has_no_sessions():
    assert _ids_of_agent(2**31, None, "a") == []
