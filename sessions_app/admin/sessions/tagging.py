"""The page between choosing sessions and putting tags on them or taking tags off."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from sessions_app.admin.forms import IdentifierBox
from sessions_app.admin.theme import TextInput
from sessions_app.models import Session, Tag
from sessions_app.models.sessions import MAX_TAG_LENGTH

BOXES = 3
SUGGESTED = 200
SUGGESTIONS = "agent-sessions-tags"


class TagsForm(forms.Form):
    """Names of tags, of which ``suggestions`` holds some that make sense."""

    def __init__(self, data: Any, *, keys: list[Any], is_removal: bool) -> None:
        super().__init__(data)
        projects = Session.objects.filter(pk__in=keys).order_by().values("project")
        tags = Tag.objects.filter(**({"sessions__in": keys} if is_removal else {"project__in": projects}))
        self.suggestions = list(tags.order_by("name").values_list("name", flat=True).distinct()[:SUGGESTED])
        for number in range(1, BOXES + 1):
            self.fields[f"name_{number}"] = IdentifierBox(
                label=_("Tag %(number)d") % {"number": number},
                required=False,
                strip=True,
                max_length=MAX_TAG_LENGTH,
                widget=TextInput(attrs={"list": SUGGESTIONS, "autocomplete": "off"}),
            )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        names = [name for name in given.values() if name]
        if not names and not self.errors:
            raise ValidationError(_("Name at least one tag."), code="required")
        return {"names": names}
