from __future__ import annotations

import pytest

from tests import factories


@pytest.fixture
def other(db):
    return factories.ProjectFactory()
