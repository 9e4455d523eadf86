from __future__ import annotations

import pytest

pytest.importorskip("agno", reason="agno is not installed")


@pytest.fixture
def ours(project):
    """A ``DjangoDb`` within the test's transaction."""
    from sessions_app.adapters.agno import DjangoDb

    return DjangoDb(project)


@pytest.fixture
def store(transactional_db):
    """A ``DjangoDb`` on a project of its own. Threads see what it writes, so no test is one transaction."""
    from sessions_app.adapters.agno import DjangoDb
    from tests import factories

    db = DjangoDb(factories.ProjectFactory())
    yield db
    db.close()


@pytest.fixture(params=["DjangoDb", "AsyncDjangoDb"])
def either(request, store, later):
    """Both classes, for tests that run in an event loop."""
    return store if request.param == "DjangoDb" else later


@pytest.fixture
def later(store):
    """An ``AsyncDjangoDb`` on the project of ``store``."""
    from sessions_app.adapters.agno import AsyncDjangoDb

    return AsyncDjangoDb(store.project)
