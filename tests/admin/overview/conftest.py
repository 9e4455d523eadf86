from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from sessions_app import services
from sessions_app.admin.overview.figures import Overview
from sessions_app.admin.overview.span import Span
from sessions_app.models import Message, Session
from tests import factories


@pytest.fixture
def happen(project):
    """Makes a session with one run and its message, all of one moment."""

    def make(at, *, session=None, messages=1, tokens=0, **run):
        fields = {name: run.pop(name) for name in ("agent", "user_id", "project") if name in run}
        session = session or services.create_session(**{"project": project, **fields})
        usage = {"input_tokens": tokens, "output_tokens": 0, "total_tokens": tokens}
        payloads = [{"role": "user", "content": "Hello"}] * messages
        made = factories.RunFactory(session=session, messages=payloads, created_at=at, **{"usage": usage, **run})
        Session.objects.filter(pk=session.pk).update(created_at=at)
        Message.objects.filter(run=made).update(created_at=at)
        return made

    return make


def november(day, hour=12):
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def overview(first, last, project=None, projects=()):
    return Overview(Span(date(2026, 11, first), date(2026, 11, last)), project, list(projects))
