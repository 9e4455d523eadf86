"""Pages of the admin, used as a browser does: read the form, change some boxes, send all of them."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

MODELS = ["project", "apikey", "agent", "session", "runmetadata", "message", "tag"]


def list_url(model, **query):
    return reverse(f"admin:sessions_app_{model}_changelist") + (f"?{urlencode(query)}" if query else "")


def add_url(model):
    return reverse(f"admin:sessions_app_{model}_add")


def page_url(obj, page="change", pk=None):
    return reverse(f"admin:sessions_app_{obj._meta.model_name}_{page}", args=[pk or obj.pk])


def read_form(client, url):
    """What a browser would send back when nothing is changed."""
    form = client.get(url).context["adminform"].form
    values = {box.html_name: box.value() for box in form if not hasattr(box.field.widget, "widgets")}
    return {name: "" if value is None else value for name, value in values.items() if value is not False}


def send_form(client, url, **changes):
    return client.post(url, {**read_form(client, url), **changes})


def errors_of(response):
    assert response.status_code == 200, "saved, not refused"
    return response.context["adminform"].form.errors


def bulk(client, model, rows, confirmed=True, **more):
    """Deletes rows from their list; unconfirmed, it is only asked whether to."""
    data = {"action": "delete_selected", "_selected_action": [row.pk for row in rows], **more}
    return client.post(list_url(model), {**data, **({"post": "yes"} if confirmed else {})})
