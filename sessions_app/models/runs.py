"""One turn of an agent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sessions_app.fields import IdentifierField, JSONTextField, NullableIdentifierField
from sessions_app.models.agents import Agent
from sessions_app.models.redaction import Redactable
from sessions_app.models.sessions import Session
from sessions_app.models.usage import TokenUsage
from sessions_app.querysets import RunQuerySet

if TYPE_CHECKING:
    from sessions_app.models.messages import Message


class RunMetadata(TokenUsage, Redactable):
    """One turn: what went in, what came out, how it ended and what it cost."""

    class Status(models.TextChoices):
        PENDING = "PENDING", _("Pending")
        RUNNING = "RUNNING", _("Running")
        PAUSED = "PAUSED", _("Paused")
        COMPLETED = "COMPLETED", _("Completed")
        CANCELLED = "CANCELLED", _("Cancelled")
        ERROR = "ERROR", _("Error")
        REGENERATED = "REGENERATED", _("Regenerated")

    UNFINISHED = (Status.PENDING, Status.RUNNING)
    REDACTABLE = ("input", "content", "error", "details")

    session = models.ForeignKey(
        Session, verbose_name=_("session"), on_delete=models.CASCADE, related_name="runs", db_index=False
    )
    run_id = IdentifierField(_("run id"), help_text=_("Unique in its session."))
    position = models.PositiveBigIntegerField(_("position"))
    parent_run_id = NullableIdentifierField(_("parent run id"), help_text=_("The run that started this one."))
    agent = models.ForeignKey(
        Agent, verbose_name=_("agent"), on_delete=models.RESTRICT, related_name="runs", null=True, blank=True
    )
    user_id = NullableIdentifierField(_("user id"))
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.COMPLETED)
    input = JSONTextField(_("input"), null=True, blank=True)
    content = JSONTextField(_("content"), null=True, blank=True, help_text=_("What the run answered."))
    model_provider = models.CharField(_("model provider"), max_length=255, blank=True, default="")
    model_id = models.CharField(_("model"), max_length=255, blank=True, default="")
    duration_ms = models.FloatField(_("duration (ms)"), null=True, blank=True, validators=[MinValueValidator(0)])
    turns = models.PositiveIntegerField(_("turns"), default=1, help_text=_("Calls of the model."))
    is_error = models.BooleanField(_("error"), default=False)
    error = models.TextField(_("error message"), null=True, blank=True)
    export_config_ids = models.JSONField(_("export config ids"), null=True, blank=True)
    details = JSONTextField(
        _("details"), null=True, blank=True, help_text=_("What else a framework keeps with the run.")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now)

    objects = RunQuerySet.as_manager()

    new_messages: Sequence[Message] | None = None
    """All of its messages, where this very object has just been recorded with them."""

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ["session", "position"]
        constraints = [
            # Serves the read of one run, and makes a run sent twice one run.
            models.UniqueConstraint(fields=["session", "run_id"], name="run_unique_in_session"),
            # Serves the runs of a session in order.
            models.UniqueConstraint(fields=["session", "position"], name="run_position_unique"),
            models.CheckConstraint(
                condition=models.Q(
                    status__in=["PENDING", "RUNNING", "PAUSED", "COMPLETED", "CANCELLED", "ERROR", "REGENERATED"]
                ),
                name="run_status_known",
            ),
        ]
        indexes = [
            # The runs of a span of days, of all sessions.
            models.Index(fields=["created_at"], name="run_by_created"),
        ]

    def __str__(self) -> str:
        return self.run_id

    @property
    def is_finished(self) -> bool:
        return self.status not in self.UNFINISHED

    @property
    def unredacted(self) -> dict[str, Any]:
        """The columns that can be hidden, as they were before they were."""
        return {column: getattr(self, column) for column in self.REDACTABLE} | (self.original or {})
