"""The forms of a session: made, changed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from sessions_app.admin.forms import ModelForm, TextBox, check_same_project, checked
from sessions_app.admin.theme import TextArea
from sessions_app.exceptions import SessionNotFound
from sessions_app.models import Project, Session, Tag
from sessions_app.services import rollups
from sessions_app.text import check_identifier


class TagsBox(TextBox):
    """Names of tags, one a line. Names, not choices: they can only become tags of the session's own project."""

    def clean(self, value: Any) -> list[str]:
        names = [name for name in super().clean(value).split("\n") if name.strip()]
        longest = Tag._meta.get_field("name").max_length or 0
        for name in names:
            checked(check_identifier, name, "")
            if len(name) > longest:
                raise ValidationError(_("A tag has at most %(limit)d characters."), params={"limit": longest})
        return names


class SessionForm(ModelForm):
    tag_names = TagsBox(
        label=_("Tags"),
        required=False,
        widget=TextArea(attrs={"rows": 3}),
        help_text=_("One per line. A new name makes a new tag."),
    )


class SessionAddForm(SessionForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["session_id"].required = False
        self.fields["session_id"].help_text = _("Unique in its project. Empty: a new UUID.")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if project := given.get("project"):
            check_same_project(given.get("agent"), project)
        return given


class SessionChangeForm(SessionForm):
    """Saves only what its reader saw: the revision goes out with the form and must come back unchanged."""

    expected_revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["expected_revision"] = self.instance.revision
        self.initial["tag_names"] = "\n".join(self.instance.tags.values_list("name", flat=True))

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        try:
            # Until this request ends, so that nobody comes between this look and the saving.
            revision = rollups.lock(self.instance).revision
        except SessionNotFound as error:
            raise ValidationError(_("Somebody else deleted this session meanwhile."), code="deleted") from error
        if given.get("expected_revision") != revision:
            message = _("Somebody else changed this session meanwhile. Nothing was saved; reload the page to see it.")
            raise ValidationError(message, code="revision")
        return given

    def clean_project(self) -> Project:
        project: Project = self.cleaned_data["project"]
        taken = Session.objects.filter(project=project, session_id=self.instance.session_id)
        if taken.exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("This project has a session with this id already."), code="unique")
        return project
