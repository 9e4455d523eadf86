"""The spans that sessions were made of: what later spans of the same trace are put together with."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from sessions_app.fields import IdentifierField, JSONTextField
from sessions_app.models.projects import Project
from sessions_app.models.runs import RunMetadata


class Trace(models.Model):
    """A trace that spans came of. Its row is the lock under which they are put together."""

    project = models.ForeignKey(
        Project, verbose_name=_("project"), on_delete=models.CASCADE, related_name="traces", db_index=False
    )
    trace_id = IdentifierField(_("trace id"), max_length=32)
    user_id = IdentifierField(
        _("user id"), blank=True, default="", help_text=_("Whose key sent it, where the key is bound to a user.")
    )

    class Meta:
        verbose_name = _("trace")
        verbose_name_plural = _("traces")
        constraints = [
            # Serves the look-up of a trace. Nobody adds to what another user's key sent.
            models.UniqueConstraint(fields=["project", "trace_id", "user_id"], name="trace_unique_in_project"),
        ]

    def __str__(self) -> str:
        return self.trace_id


class Span(models.Model):
    """A span, stored once however often it is sent. It goes with the run that it is part of.

    A span that says nothing of a run has no body: it only links its children to its parent.
    """

    trace = models.ForeignKey(
        Trace, verbose_name=_("trace"), on_delete=models.CASCADE, related_name="spans", db_index=False
    )
    span_id = IdentifierField(_("span id"), max_length=16)
    parent_span_id = IdentifierField(_("parent span id"), max_length=16, blank=True, default="")
    run = models.ForeignKey(
        RunMetadata, verbose_name=_("run"), on_delete=models.CASCADE, related_name="spans", null=True, blank=True
    )
    body = JSONTextField(_("body"), null=True, blank=True)
    marks = JSONTextField(
        _("marks"), null=True, blank=True, help_text=_("What later calls are known by to repeat this one's messages.")
    )

    class Meta:
        verbose_name = _("span")
        verbose_name_plural = _("spans")
        constraints = [
            # Serves the spans of a trace, and makes a span sent twice one span.
            models.UniqueConstraint(fields=["trace", "span_id"], name="span_unique_in_trace"),
        ]

    def __str__(self) -> str:
        return self.span_id
