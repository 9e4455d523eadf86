"""One message, exactly as its writer gave it, and what people search it by."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sessions_app.fields import IdentifierField, JSONTextField, SearchTextField
from sessions_app.models.redaction import Redactable
from sessions_app.models.runs import RunMetadata
from sessions_app.models.sessions import Session
from sessions_app.querysets import MessageQuerySet
from sessions_app.text import shorten


class Message(Redactable):
    """A message. ``payload`` is the truth; role, text and the columns below it are read from it on every write."""

    session = models.ForeignKey(
        Session, verbose_name=_("session"), on_delete=models.CASCADE, related_name="messages", db_index=False
    )
    run = models.ForeignKey(
        RunMetadata,
        verbose_name=_("run"),
        on_delete=models.CASCADE,
        related_name="messages",
        null=True,
        blank=True,
        db_index=False,
    )
    position = models.PositiveBigIntegerField(_("position"))
    payload = JSONTextField(_("payload"), help_text=_("The message as its writer gave it, in its own format."))
    format = IdentifierField(_("format"), max_length=64, default="openai.chat")
    role = IdentifierField(_("role"), max_length=64, editable=False)
    text = SearchTextField(_("text"), blank=True, default="", editable=False)
    name = models.CharField(_("name"), max_length=255, blank=True, default="", editable=False)
    tool_call_id = IdentifierField(_("tool call id"), blank=True, default="", editable=False)
    from_history = models.BooleanField(
        _("from history"),
        default=False,
        editable=False,
        help_text=_("An earlier message, given to the model once more in this run."),
    )
    ready_for = models.SmallIntegerField(default=0, editable=False)
    """What can be shown without reading the payload, a bit each: see ``sessions_app.ready``."""
    input_tokens = models.PositiveBigIntegerField(_("input tokens"), default=0, editable=False)
    output_tokens = models.PositiveBigIntegerField(_("output tokens"), default=0, editable=False)
    total_tokens = models.PositiveBigIntegerField(_("total tokens"), default=0, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["session", "position"]
        permissions = [("reveal_message", "Can see and restore what was hidden")]
        constraints = [
            # Serves the messages of a session in order.
            models.UniqueConstraint(fields=["session", "position"], name="message_position_unique"),
        ]
        indexes = [
            # The messages of one run in order.
            models.Index(fields=["run", "position"], name="message_by_run"),
            # The messages of a span of days, of all sessions.
            models.Index(fields=["created_at"], name="message_by_created"),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {shorten(self.text)}"

    @property
    def unredacted(self) -> Any:
        """The payload, as it was before it was hidden."""
        return self.payload if self.original is None else self.original
