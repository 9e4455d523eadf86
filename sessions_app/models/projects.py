"""Who may come in: projects (tenants) and their API keys."""

from __future__ import annotations

import uuid
from contextlib import suppress
from datetime import timedelta

from django.db import DatabaseError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework_api_key.models import AbstractAPIKey

from sessions_app.fields import NullableIdentifierField
from sessions_app.querysets import APIKeyManager, ProjectQuerySet

USED_RESOLUTION = timedelta(minutes=1)


class Project(models.Model):
    """A tenant. No key of one project sees anything of another."""

    project_id = models.UUIDField(_("project id"), default=uuid.uuid4, unique=True)
    organization_id = models.UUIDField(
        _("organization id"), default=uuid.uuid4, help_text=_("Projects of one organization share this id.")
    )
    name = models.CharField(_("name"), max_length=255)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class APIKey(AbstractAPIKey):
    """Opens one project to a client. Kept as a hash: the key itself is shown once, when it is made."""

    class Scope(models.TextChoices):
        READ = "read", _("Read")
        WRITE = "write", _("Read and write")

    project = models.ForeignKey(Project, verbose_name=_("project"), on_delete=models.CASCADE, related_name="api_keys")
    scope = models.CharField(_("scope"), max_length=16, choices=Scope.choices, default=Scope.WRITE)
    user_id = NullableIdentifierField(
        _("user id"), help_text=_("Such a key sees and writes the sessions of this user only. Empty: all users.")
    )
    last_used_at = models.DateTimeField(
        _("last used"), null=True, blank=True, editable=False, help_text=_("Exact to the minute.")
    )

    objects = APIKeyManager()  # type: ignore[assignment,misc]

    secret = ""
    """The key itself, which only the object knows that has just been made."""

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["-created"]
        constraints = [
            models.CheckConstraint(condition=models.Q(scope__in=["read", "write"]), name="api_key_scope_known"),
        ]

    def mark_used(self) -> None:
        """Remember that the key came by, at most once a minute, and never at the price of the request."""
        now = timezone.now()
        if self.last_used_at is not None and now - self.last_used_at < USED_RESOLUTION:
            return
        self.last_used_at = now
        with suppress(DatabaseError), transaction.atomic(using=self._state.db):
            type(self)._default_manager.using(self._state.db).filter(pk=self.pk).update(last_used_at=now)

    @property
    def can_write(self) -> bool:
        return self.scope == self.Scope.WRITE

    @property
    def is_bound(self) -> bool:
        """Whether this key acts for one user alone."""
        return bool(self.user_id)


# The base class names these in English only. A name that is set here is no change of the schema.
for _column, _name in {
    "name": _("name"),
    "prefix": _("prefix"),
    "created": _("created"),
    "revoked": _("revoked"),
    "expiry_date": _("expires"),
}.items():
    APIKey._meta.get_field(_column).verbose_name = _name  # type: ignore[union-attr]
