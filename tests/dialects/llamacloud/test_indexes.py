"""Which indexes a turn searches, and when they are fixed."""

from __future__ import annotations

import pytest

from sessions_app.models import Message, RunMetadata, Session
from tests import factories
from tests.conftest import client_with
from tests.together import all_of

URL = "/api/v1/chat/s/messages/stream"
WRITERS = 6


def send(client, *index_ids):
    return client.post(URL, {"index_ids": index_ids, "prompt": "x"})


def make(project, *index_ids):
    return factories.SessionFactory(project=project, session_id="s", index_ids=list(index_ids) or None)


def bound():
    return Session.objects.get(session_id="s").index_ids


def searched():
    return [run.details["index_ids"] for run in RunMetadata.objects.in_order()]


def test_an_unbound_session_takes_others_with_each_message(client, project):
    make(project)
    for index_ids in (["a"], [], ["b", "c"]):
        assert send(client, *index_ids).status_code == 200
    assert (bound(), searched()) == (None, [["a"], [], ["b", "c"]])


def test_a_bound_one_uses_its_own(client, project):
    make(project, "a", "b")
    for index_ids in ([], ["a", "b"], ["b", "a"], ["b", "a", "a"]):
        assert send(client, *index_ids).status_code == 200
    assert (bound(), searched()) == (["a", "b"], [["a", "b"]] * 4)


def test_the_first_message_may_still_change_them(client, project):
    make(project, "a")
    assert send(client, "b").status_code == 200
    assert bound() == ["b"]


@pytest.mark.parametrize("index_ids", [["b"], ["a", "b"], ["A"]])
def test_then_others_are_422(client, project, index_ids):
    make(project, "a")
    send(client)
    response = send(client, *index_ids)
    [error] = response.json()["detail"]
    assert (response.status_code, error["loc"]) == (422, ["body", "index_ids"])
    assert (bound(), Message.objects.count()) == (["a"], 1)


def test_messages_from_elsewhere_fix_them_too(client, project):
    make(project, "a")
    client.post("/api/sessions/s/messages", [{"role": "user", "content": "x"}])
    assert send(client, "b").status_code == 422


@pytest.mark.django_db(transaction=True)
def test_of_many_first_messages_one_fixes_them():
    project = factories.ProjectFactory()
    make(project, "a")
    key = factories.APIKeyFactory(project=project)
    statuses = all_of(*[lambda n=n: send(client_with(key), f"idx-{n}").status_code for n in range(WRITERS)])
    assert sorted(statuses) == [200, *[422] * (WRITERS - 1)]
    assert searched() == [bound()]


@pytest.mark.django_db(transaction=True)
def test_turns_at_once_are_a_run_each():
    project = factories.ProjectFactory()
    make(project, "a")
    key = factories.APIKeyFactory(project=project)
    assert all_of(*[lambda: send(client_with(key)).status_code] * WRITERS) == [200] * WRITERS
    session = Session.objects.get()
    assert (session.run_count, session.message_count, session.error_count) == (WRITERS,) * 3
    assert len({run.run_id for run in RunMetadata.objects.all()}) == WRITERS
