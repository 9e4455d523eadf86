"""Every page of ours in the admin, found by walking what the admin serves: none can be forgotten."""

from __future__ import annotations

from django.contrib import admin
from django.core.management import call_command
from django.urls import reverse

from sessions_app import models, services
from tests import factories
from tests.admin.pages import add_url, list_url, read_form

NO_PAGES = {"act", "transcript_branch", "transcript_jump", "transcript_text", "transcript_run_text", "media"}
"""What answers with no page of its own."""


def fill():
    """A site in which every page has something to show; the row that stands for each model, by the model."""
    call_command("load_demo_sessions", verbosity=0)
    session = models.Session.objects.get(session_id="demo-refund")
    services.tag_sessions(sessions=models.Session.objects.filter(pk=session.pk), add=["urgent"])
    hidden = session.messages.first()
    services.redact_message(message=hidden)
    factories.APIKeyFactory(project=session.project)
    rows = (session, hidden, session.runs.first(), session.agent, session.project)
    others = (models.Tag.objects.first(), models.APIKey.objects.first())
    return {type(row): row for row in (*rows, *others)}


def addresses(rows):
    """The address of each page that a GET opens, by its name."""
    found = {"index": reverse("admin:index"), "app": reverse("admin:app_list", args=["sessions_app"])}
    for model, row in rows.items():
        own = [pattern for pattern in admin.site.get_model_admin(model).get_urls() if pattern.name]
        for pattern in own:
            page = pattern.name.removeprefix(f"sessions_app_{model._meta.model_name}_")
            if page not in NO_PAGES:
                key = row.prefix if model is models.APIKey else row.pk
                arguments = [key] if "<path:object_id>" in str(pattern.pattern) else []
                found[f"{model._meta.model_name} {page}"] = reverse(f"admin:{pattern.name}", args=arguments)
    session = found["session transcript"]
    return {
        **found,
        "session print": f"{session}?print=1",
        "session search": f"{session}?q=refund",
        "filtered list": list_url("session", q="refund", status="ERROR", messages="5-19"),
        "empty overview": f"{found['session overview']}?first=1999-01-01&last=1998-01-01",
    }


def answers(client, rows):
    """What pages look like that only a POST opens, by their names: questions, refusals and the page of a new key."""
    session, message, key = rows[models.Session], rows[models.Message], rows[models.APIKey]
    chosen = {"_selected_action": [session.pk]}
    wrong = {"payload": '{"role": "user"', "new_role": "x" * 70}
    new_key = {**read_form(client, add_url("apikey")), "name": "7", "project": session.project_id}
    return {
        "tag question": client.post(list_url("session"), {"action": "add_tags", **chosen}),
        "untag question": client.post(list_url("session"), {"action": "remove_tags", **chosen}),
        "deletion question": client.post(list_url("session"), {"action": "delete_selected", **chosen}),
        "revocation question": client.post(
            list_url("apikey"), {"action": "revoke", "_selected_action": [key.prefix], "select_across": "0"}
        ),
        "refused message": client.post(add_url("message"), {"session": session.pk, "format": message.format, **wrong}),
        "refused session": client.post(add_url("session"), {"session_id": "\x07", "metadata": "[1]"}),
        "new key": client.post(add_url("apikey"), new_key),
    }
