"""Rows are shown by a shorter way than Django REST framework's, which must lead to the same."""

from __future__ import annotations

import pytest
from rest_framework import serializers

from sessions_app import services
from sessions_app.dialects.fields import shared
from sessions_app.dialects.native.serializers import MessageSerializer, RunSerializer, SessionSerializer
from sessions_app.services import NewMessage
from tests import factories


@pytest.mark.django_db
@pytest.mark.parametrize("has_agent", [True, False])
def test_a_row_is_shown_as_the_framework_would(has_agent):
    agent = factories.AgentFactory() if has_agent else None
    session = factories.SessionFactory(agent=agent, state={"a": [1.5, None]}, index_ids=["i"])
    run = factories.RunFactory(session=session, agent=agent, input={"q": 1}, duration_ms=0.5, status="ERROR")
    said = NewMessage({"role": "user", "content": "Hi"}, run=run if has_agent else None)
    [message] = services.append_messages(session=session, messages=[said])
    for serializer, row in ((SessionSerializer, session), (RunSerializer, run), (MessageSerializer, message)):
        shown = shared(serializer).to_representation(row)
        assert shown == serializers.Serializer.to_representation(shared(serializer), row)
        assert list(shown) == list(serializer().fields)
