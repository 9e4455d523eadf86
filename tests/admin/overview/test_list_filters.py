"""The filters of the lists of runs and messages that the overview's links use."""

from __future__ import annotations

import pytest

from tests import factories
from tests.admin.overview.conftest import november
from tests.admin.pages import list_url


def found(client, model, **query):
    return set(client.get(list_url(model, **query)).context["cl"].result_list)


def test_runs_are_found_by_their_sessions_project_agent_and_user(admin_client, happen, project):
    agent = factories.AgentFactory(project=project)
    mine = happen(november(3), agent=agent, user_id="ann")
    happen(november(3), project=factories.ProjectFactory(), user_id="bob")
    for query in ({"session__project": project.pk}, {"session__agent": agent.pk}, {"session__user_id": "ann"}):
        assert found(admin_client, "runmetadata", **query) == {mine}
    assert found(admin_client, "message", session__project=project.pk) == set(mine.messages.all())


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("runmetadata", "session__project"),
        ("runmetadata", "session__agent"),
        ("runmetadata", "session__user_id"),
        ("message", "session__project"),
    ],
)
@pytest.mark.parametrize("value", ["abc", "-1", "99999999999999999999999", "\x00", "\ud800", "x" * 300, "'"])
def test_what_nothing_can_be_is_found_nowhere(admin_client, happen, model, name, value):
    happen(november(3), user_id="ann")
    response = admin_client.get(list_url(model), {name: value.encode("utf-8", "surrogatepass")})
    assert response.status_code in {200, 302}
    if response.status_code == 200:
        assert not response.context["cl"].result_list
