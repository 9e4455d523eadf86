from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError

from sessions_app.models import APIKey, Project
from tests import factories

NEW = "11111111-2222-4333-8444-555555555555"
ORGANIZATION = "99999999-2222-4333-8444-555555555555"


@pytest.fixture
def run(command):
    """Runs the command; gives (key, standard error)."""

    def run(*arguments):
        output = command("create_agent_api_key", *arguments)
        assert output.out.count("\n") == 1
        return output.out.strip(), output.err

    return run


def test_it_prints_the_key_alone(run, project):
    secret, explanation = run("Laptop")

    key = APIKey.objects.from_secret(secret)
    assert (key.name, key.project, key.scope, key.user_id, key.expiry_date) == ("Laptop", project, "write", None, None)
    assert secret not in explanation
    for part in (str(project.project_id), str(project.organization_id), "write", "shown this once"):
        assert part in explanation


def test_it_takes_all_options(run, project):
    secret, explanation = run(
        "Report",
        *("--project", str(project.project_id), "--organization", str(project.organization_id)),
        *("--scope", "read", "--user-id", "ana", "--expires", "2999-01-31T12:00:00"),
    )

    key = APIKey.objects.from_secret(secret)
    assert (key.scope, key.user_id, key.expiry_date) == ("read", "ana", datetime(2999, 1, 31, 12, tzinfo=UTC))
    assert "ana" in explanation
    assert "2999-01-31T12:00:00+00:00" in explanation


def test_it_makes_a_new_project(run):
    run("Key", "--project", NEW, "--organization", ORGANIZATION)

    project = Project.objects.get()
    assert (project.name, project.project_id) == ("Project 11111111", uuid.UUID(NEW))
    assert project.organization_id == uuid.UUID(ORGANIZATION)
    assert project.api_keys.count() == 1


def test_it_makes_a_project_when_there_is_none(run):
    run("Key", "--organization", ORGANIZATION)
    run("Another")

    project = Project.objects.get()
    assert project.organization_id == uuid.UUID(ORGANIZATION)
    assert project.api_keys.count() == 2


@pytest.mark.parametrize("arguments", [[], ["--project", NEW]])
def test_two_who_make_a_project_at_once_make_one(run, monkeypatch, arguments):
    run("Key", *arguments)
    monkeypatch.setattr(type(Project.objects.all()), "first", lambda self: None)  # As if neither saw the other's.
    run("Another", *arguments)

    assert Project.objects.get().api_keys.count() == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x" * 51], "NAME: String should have at most 50 characters"),
        ([""], "NAME: Must not be empty"),
        (["   "], "NAME: Must not be empty"),
        (["a\nb"], "NAME: Control characters"),
        (["Key", "--project", "x"], "--project must be a UUID, not 'x'"),
        (["Key", "--organization", "x"], "--organization must be a UUID"),
        (["Key", "--organization", ORGANIZATION], "belongs to another organization"),
        (["Key", "--scope", "admin"], "invalid choice"),
        (["Key", "--user-id", "a\x00"], "--user-id: Control characters"),
        (["Key", "--user-id", ""], "--user-id: Must not be empty"),
        (["Key", "--user-id", "x" * 256], "--user-id: String should have at most 255"),
        (["Key", "--expires", "soon"], "--expires must be a moment"),
        (["Key", "--expires", "2001-01-01"], "--expires must lie in the future"),
    ],
)
def test_it_refuses(run, project, arguments, message):
    with pytest.raises(CommandError, match=message):
        run(*arguments)

    assert not APIKey.objects.exists()


def test_it_makes_no_project_for_a_key_that_it_refuses(run):
    with pytest.raises(CommandError):
        run("x" * 51, "--project", NEW)

    assert not Project.objects.exists()


def test_it_refuses_another_organization(run):
    project = factories.ProjectFactory()

    with pytest.raises(CommandError, match=str(project.organization_id)):
        run("Key", "--project", str(project.project_id), "--organization", ORGANIZATION)
