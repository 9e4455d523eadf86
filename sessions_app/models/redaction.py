"""What people hid, kept apart from what everybody reads."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from sessions_app.fields import JSONTextField


class Redactable(models.Model):
    """A row whose words can be hidden: the columns that everybody reads then hold the replacement.

    ``original`` holds what stood there before. No dialect and no export reads it.
    """

    redacted_at = models.DateTimeField(_("hidden"), null=True, blank=True, editable=False)
    original = JSONTextField(_("original"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_redacted(self) -> bool:
        return self.redacted_at is not None
