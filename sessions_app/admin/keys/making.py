"""Making keys. The answer to the form alone shows a key: no message, session, address or log ever holds it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from sessions_app.admin.addresses import change_url
from sessions_app.admin.keys.forms import KeyForm, NewKeyForm
from sessions_app.admin.keys.guide import guide
from sessions_app.admin.keys.hiding import HiddenKeys, log_entries
from sessions_app.models import APIKey, Project


class MadeAlready(Exception):
    """The form was sent again, as a browser does when its page is loaded once more."""


def has_been_used(prefix: str) -> bool:
    """Whether a key of this prefix was made, be it there or gone."""
    return APIKey.objects.filter(prefix=prefix).exists() or log_entries(prefix).exists()


class KeyMaking(HiddenKeys):
    """The form of a new key, and the page that shows it."""

    def get_form(self, request: HttpRequest, obj: APIKey | None = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["form"] = KeyForm if obj else NewKeyForm
        return super().get_form(request, obj, change, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        projects = list(Project.objects.values_list("pk", flat=True)[:2])
        return {"project": projects[0], **initial} if len(projects) == 1 else initial

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        hidden = {"show_save_and_continue": False, "show_save_and_add_another": False}
        try:
            return super().add_view(request, form_url, {**hidden, **(extra_context or {})})
        except MadeAlready as made:
            return self._refuse_to_repeat(request, prefix=str(made))

    @sensitive_variables()
    def save_model(self, request: HttpRequest, obj: APIKey, form: Any, change: bool) -> None:
        if change:
            obj.save(update_fields=form.changed_data)
            return
        obj.prefix = form.cleaned_data["ticket"]
        if has_been_used(obj.prefix):
            raise MadeAlready(obj.prefix)
        obj.secret = APIKey.objects.assign_key(obj)
        try:
            obj.save(force_insert=True)
        except IntegrityError as error:  # Somebody clicked twice, and both came in at once.
            raise MadeAlready(obj.prefix) from error

    @sensitive_variables()
    def response_add(self, request: HttpRequest, obj: APIKey, post_url_continue: str | None = None) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Your new API key"),
            "opts": self.opts,
            "key": obj,
            "secret": obj.secret,
            "guide": guide(request, obj, obj.secret),
            "done_url": self._page_of(obj.prefix) if self.has_view_or_change_permission(request) else None,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/sessions_app/apikey/new_key.html", context)

    def _refuse_to_repeat(self, request: HttpRequest, prefix: str) -> HttpResponse:
        text = _(
            "This form has made its key %(prefix)s already, and a key is shown once only. If it is lost, make another."
        )
        self.message_user(request, text % {"prefix": prefix}, messages.WARNING)
        is_seen = self.has_view_or_change_permission(request) and APIKey.objects.filter(prefix=prefix).exists()
        return HttpResponseRedirect(self._page_of(prefix) if is_seen else reverse(f"{self.admin_site.name}:index"))

    def _page_of(self, prefix: str) -> str:
        return change_url(APIKey, prefix, current_app=self.admin_site.name)
