"""No key sees or changes anything of another project or, where it is bound, of another user."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.urls import get_resolver

from sessions_app import dialects
from sessions_app.models import APIKey, Project, Session
from tests import factories
from tests.conftest import client_with
from tests.dialects.routes import DOCUMENTATION, OPEN_TO_ALL, patterns, served
from tests.dialects.table import ENDPOINTS, call, fill


def dump(project):
    """All rows of a project, but for when a key was last used."""
    keys = {"Session": {"project": project}, "Agent": {"project": project}, "Tag": {"project": project}}
    keys |= {"RunMetadata": {"session__project": project}, "Message": {"session__project": project}}
    keys |= {"Trace": {"project": project}, "Span": {"trace__project": project}}
    keys |= {"Project": {"pk": project.pk}, "Session_tags": {"session__project": project}}
    return {
        name: list(model._default_manager.filter(**keys[name]).order_by("pk").values())
        for model in apps.get_app_config("sessions_app").get_models(include_auto_created=True)
        if (name := model.__name__) != APIKey.__name__
    }


@pytest.fixture
def stranger(db):
    """A client of another project of the same organization."""
    return client_with(factories.APIKeyFactory())


@pytest.fixture
def other_user(project):
    """A client of the same project whose key is bound to another user."""
    return client_with(factories.APIKeyFactory(project=project, user_id="otto"))


NOTHING = (
    {"next": None, "previous": None, "results": []},
    {"items": [], "next_page_token": None},
    {"deleted": 0},
    [],
    {"sessions": [], "total": 0, "limit": 20, "offset": 0, "has_more": False},
)


def assert_nothing_is_there(endpoint, response):
    if endpoint.is_silent:
        assert response.status_code == endpoint.done
    elif endpoint.is_list:
        body = response.json()
        assert response.status_code == 200
        if "meta" in body:
            assert (body["data"], body["meta"]["total_count"]) == ([], 0)
        else:
            assert body in NOTHING
    else:
        assert response.status_code == 404
        assert isinstance(response.json()["detail"], str)


def test_the_table_has_every_url():
    """Whoever adds a URL adds it to ``tests.dialects.table``, so that it is walked here."""
    listed = {(endpoint.method, route) for endpoint in ENDPOINTS for route in (endpoint.route, f"{endpoint.route}/")}
    assert listed == served()


def test_only_documentation_and_the_signs_of_life_are_open_to_all():
    assert sorted(DOCUMENTATION) == ["docs", "docs/", "schema", "schema/"]
    views = dict(patterns(get_resolver("sessions_app.urls")))
    assert {route for route, view in views.items() if not view.cls.permission_classes} | DOCUMENTATION == OPEN_TO_ALL


def test_every_view_is_one_of_ours():
    from sessions_app.dialects.base import DialectViewSet

    views = [view for route, view in patterns(get_resolver("sessions_app.urls")) if route not in OPEN_TO_ALL]
    assert views
    for view in views:
        assert issubclass(view.cls, DialectViewSet)
        assert view.cls.authentication_classes == DialectViewSet.authentication_classes
        assert view.cls.permission_classes == DialectViewSet.permission_classes
        assert view.cls.__module__.startswith(dialects.__name__)


@pytest.mark.parametrize("slash", [False, True], ids=["", "slash"])
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=str)
class TestOfAllEndpoints:
    def test_the_projects_own_key_finds_it(self, client, store, endpoint, slash):
        """Otherwise the tests below would show nothing."""
        response = call(client, endpoint, slash)
        assert response.status_code == endpoint.done
        if endpoint.is_list:
            body = response.json()
            assert body["data"] if "meta" in body else body not in NOTHING

    def test_another_projects_key_finds_nothing(self, stranger, project, store, endpoint, slash):
        before = dump(project)
        response = call(stranger, endpoint, slash)
        if endpoint.makes:
            assert response.status_code == endpoint.done  # In its own project, where the same ids are free.
        else:
            assert_nothing_is_there(endpoint, response)
        assert dump(project) == before

    def test_another_users_key_finds_nothing(self, other_user, project, store, endpoint, slash):
        before = dump(project)
        response = call(other_user, endpoint, slash)
        if endpoint.route.startswith("api/agents") and endpoint.method != "get":
            assert response.status_code == 403
        elif endpoint.makes and endpoint.route in {"api/sessions", "sessions"}:
            assert (response.status_code, response.json()["user_id"]) == (201, "otto")
            before = None
        elif endpoint.makes and endpoint.done == 200:
            assert response.status_code == 200
            assert Session.objects.exclude(pk=store.pk).get().user_id == "otto"
            before = None
        else:
            assert_nothing_is_there(endpoint, response)
        if before is not None:
            assert dump(project) == before


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=str)
def test_the_same_ids_in_two_projects_are_two_things(stranger, project, store, endpoint):
    """A key that has everything under the same ids changes its own only."""
    fill(Project.objects.exclude(pk=project.pk).get())
    before = dump(project)
    assert call(stranger, endpoint).status_code == endpoint.done
    assert dump(project) == before


def test_a_branch_from_another_projects_session_is_refused(stranger, store):
    response = stranger.post("/api/sessions", {"parent_session_id": store.session_id})
    assert response.status_code == 422


def test_a_cursor_of_another_project_shows_nothing_of_it(client, stranger, project):
    factories.SessionFactory.create_batch(3, project=project)
    following = client.get("/api/sessions?page_size=1").json()["next"]
    assert stranger.get(following).json()["results"] == []
