from __future__ import annotations

import pytest

from tests import factories
from tests.dialects.native.runs import ANSWER, GIVEN, URL, USER


@pytest.fixture
def session(project):
    return factories.SessionFactory(project=project, session_id="s")


@pytest.fixture
def run(client, session):
    return client.post(URL, {**GIVEN, "messages": [USER, ANSWER]}).json()
