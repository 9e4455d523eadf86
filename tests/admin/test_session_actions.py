from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from sessions_app import services
from sessions_app.admin import deletion
from sessions_app.admin.addresses import session_url
from sessions_app.admin.sessions import actions
from sessions_app.models import Message, RunMetadata, Session, Tag
from tests import factories
from tests.admin.pages import list_url, page_url


def staff(*codenames):
    user = User.objects.create_user("-".join(codenames), is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


def act(client, action, sessions, url=None, **data):
    keys = [session.pk for session in sessions]
    return client.post(url or list_url("session"), {"action": action, "_selected_action": keys, **data}, follow=True)


def act_url(session):
    return reverse("admin:sessions_app_session_act", args=[session.pk])


def told(response):
    return [str(message) for message in response.context["messages"]]


def history():
    return sorted(LogEntry.objects.values_list("object_id", "change_message"))


@pytest.fixture
def sessions(project):
    made = [services.create_session(project=project, session_id=f"s{number}") for number in range(3)]
    for session in made[:2]:
        factories.RunFactory(session=session, messages=[{"role": "user", "content": f"Hello {session.session_id}"}])
    return made


def test_tags_are_asked_for_and_put_on(admin_client, sessions):
    factories.TagFactory(project=sessions[0].project, name="known")
    asked = act(admin_client, "add_tags", sessions[:2])
    page = asked.content.decode()
    assert '<option value="known">' in page
    assert "2 sessions" in page
    assert not Session.tags.through.objects.exists()
    response = act(admin_client, "add_tags", sessions[:2], post="yes", name_1="known", name_3=" new one ")
    assert told(response) == ["2 sessions changed."]
    assert sorted(sessions[0].tags.values_list("name", flat=True)) == ["known", "new one"]
    assert not sessions[2].tags.exists()
    assert history() == [(str(each.pk), "Added tags: known, new one.") for each in sessions[:2]]
    assert sorted(LogEntry.objects.values_list("object_repr", flat=True)) == ["s0", "s1"]


def test_tags_are_taken_off_and_those_there_are_suggested(admin_client, sessions):
    services.tag_sessions(sessions=Session.objects.filter(pk=sessions[0].pk), add=["old", "kept"])
    factories.TagFactory(project=sessions[0].project, name="elsewhere")
    page = act(admin_client, "remove_tags", sessions).content.decode()
    assert '<option value="old">' in page
    assert "elsewhere" not in page
    response = act(admin_client, "remove_tags", sessions, post="yes", name_1="old")
    assert told(response) == ["1 session changed."]
    assert list(sessions[0].tags.values_list("name", flat=True)) == ["kept"]


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ({}, "Name at least one tag."),
        ({"name_1": "  "}, "Name at least one tag."),
        ({"name_1": "x" * 101}, "at most 100 characters"),
        ({"name_1": "a\x00b"}, "ull characters"),
        ({"name_2": "a\x07b"}, "Control characters"),
    ],
)
def test_what_cannot_be_a_tag_is_a_forms_error(admin_client, sessions, names, text):
    response = act(admin_client, "add_tags", sessions, post="yes", **names)
    assert text in response.content.decode()
    assert not Tag.objects.exists()


def test_a_branch_is_a_whole_copy(admin_client, sessions):
    response = act(admin_client, "branch", sessions)
    assert any(text.startswith("2 sessions copied:") for text in told(response))
    assert "1 session has no messages, so there is nothing to branch from." in told(response)
    copy = Session.objects.get(parent=sessions[0])
    assert f'href="{session_url(copy.pk)}"' in response.content.decode()
    assert (copy.message_count, copy.run_count) == (1, 1)
    assert (str(copy.pk), "Branched from s0.") in history()


def test_a_session_whose_last_message_went_is_branched_at_the_one_before(admin_client, project):
    texts = [{"role": "user", "content": text} for text in ("one", "two")]
    session = factories.SessionFactory(project=project, messages=texts)
    services.delete_message(message=session.messages.at(1))
    act(admin_client, "branch", [session])
    assert Session.objects.get(parent=session).branched_at == 0


def test_titles_are_generated_again(admin_client, sessions):
    Session.objects.update(generated_title="stale")
    response = act(admin_client, "retitle", sessions[:2])
    assert told(response) == ["2 titles changed."]
    sessions[0].refresh_from_db()
    assert sessions[0].generated_title == "Hello s0"
    assert len(history()) == 2


def test_deletion_says_first_what_goes(admin_client, sessions):
    page = act(admin_client, "delete_selected", sessions).content.decode()
    assert "Sessions: 3" in page
    assert "Runs: 2" in page
    assert "Messages: 2" in page
    assert Session.objects.count() == 3
    response = act(admin_client, "delete_selected", sessions, post="yes")
    assert "Successfully deleted 3 sessions." in told(response)
    assert not Session.objects.exists()
    assert not Message.objects.exists()
    assert len(history()) == 3


ALL = ["export_jsonl", "export_markdown", "export_runs", "add_tags", "remove_tags", "branch", "retitle"]


@pytest.mark.parametrize("action", ALL)
def test_all_sessions_of_a_list_can_be_chosen_up_to_a_bound(admin_client, sessions, action, monkeypatch):
    monkeypatch.setattr(actions, "BRANCHED_AT_ONCE", 2)
    monkeypatch.setattr(actions.SessionActions._chosen, "__defaults__", (2,))
    before = Session.objects.count()
    response = act(admin_client, action, sessions[:1], select_across="1", post="yes", name_1="x")
    assert told(response) == ["More than 2 sessions at once. Choose fewer of them; nothing was done."]
    assert (Session.objects.count(), history()) == (before, [])


def test_the_filters_bound_what_choosing_all_means(admin_client, sessions):
    url = list_url("session", messages="0-0")
    act(admin_client, "add_tags", sessions[:1], url=url, select_across="1", post="yes", name_1="empty")
    assert [list(each.tags.values_list("name", flat=True)) for each in sessions] == [[], [], ["empty"]]


def test_as_many_sessions_as_an_action_takes_fit_into_the_form_that_asks_again(admin_client, project):
    sessions = factories.SessionFactory.create_batch(deletion.AT_ONCE, project=project, agent=None)
    assert told(act(admin_client, "add_tags", sessions, post="yes", name_1="x")) == [
        f"{deletion.AT_ONCE} sessions changed."
    ]
    act(admin_client, "delete_selected", sessions, post="yes")
    assert not Session.objects.exists()


NEEDS = {
    **dict.fromkeys(ALL[:3], ("view_session", "view_runmetadata", "view_message")),
    **dict.fromkeys(("add_tags", "remove_tags", "retitle"), ("change_session",)),
    "branch": ("view_session", "add_session"),
    "delete_selected": ("view_session", "delete_session"),
}


@pytest.mark.parametrize("action", NEEDS)
def test_an_action_is_offered_to_those_who_may(sessions, action):
    allowed = staff(*NEEDS[action])
    offered = [value for value, _ in allowed.get(list_url("session")).context["action_form"].fields["action"].choices]
    assert action in offered
    for missing in NEEDS[action]:
        others = staff(*(name for name in NEEDS[action] if name != missing), "view_tag")
        data = {"action": action, "_selected_action": [sessions[0].pk], "post": "yes", "name_1": "x"}
        others.post(list_url("session"), data)
        assert others.post(act_url(sessions[0]), data).status_code == 403
    assert (Session.objects.count(), Tag.objects.count(), history()) == (3, 0, [])


def test_one_session_is_acted_upon_from_its_own_page(admin_client, sessions):
    url = act_url(sessions[0])
    response = admin_client.post(url, {"action": "add_tags"})
    assert page_url(sessions[0]).split("/change/")[0] in response.content.decode()
    response = admin_client.post(url, {"action": "add_tags", "post": "yes", "name_1": "x"})
    assert (response.status_code, response.url) == (302, session_url(sessions[0].pk))
    assert sessions[0].tags.get().name == "x"
    assert not sessions[1].tags.exists()
    download = admin_client.post(url, {"action": "export_markdown"})
    assert download["Content-Disposition"] == 'attachment; filename="s0.md"'


def test_a_deleted_session_leads_back_to_the_list(admin_client, sessions):
    url = act_url(sessions[0])
    assert "Sessions: 1" in admin_client.post(url, {"action": "delete_selected"}).content.decode()
    response = admin_client.post(url, {"action": "delete_selected", "post": "yes"})
    assert response.url == list_url("session")
    assert Session.objects.count() == 2
    assert RunMetadata.objects.count() == 1


def test_odd_calls_of_the_page_that_acts(admin_client, sessions):
    assert admin_client.get(act_url(sessions[0])).status_code == 405
    for action in ("", "nope", "delete_model", "__init__"):
        assert admin_client.post(act_url(sessions[0]), {"action": action}).status_code == 403
    for pk in ("0", "x", "9" * 40):
        assert admin_client.post(reverse("admin:sessions_app_session_act", args=[pk])).status_code == 404
    assert Client().post(act_url(sessions[0]), {"action": "retitle"}).status_code == 302
    assert Client(enforce_csrf_checks=True).post(act_url(sessions[0])).status_code in {302, 403}


@pytest.mark.parametrize("action", ALL)
def test_sessions_that_somebody_else_deleted_meanwhile_are_told(admin_client, sessions, action):
    services.delete_sessions(sessions=Session.objects.filter(pk=sessions[0].pk))
    assert told(act(admin_client, action, sessions[:1])) == ["None of these sessions is left; nothing was done."]
