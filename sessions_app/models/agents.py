"""Who runs."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sessions_app.fields import IdentifierField
from sessions_app.models.projects import Project
from sessions_app.querysets import AgentQuerySet


class ComponentType(models.TextChoices):
    """What kind of thing runs: one agent, several that share a task, or a fixed series of steps."""

    AGENT = "agent", _("Agent")
    TEAM = "team", _("Team")
    WORKFLOW = "workflow", _("Workflow")


class Agent(models.Model):
    """An agent, team or workflow. Made by hand, or on its first mention."""

    Type = ComponentType

    project = models.ForeignKey(
        Project, verbose_name=_("project"), on_delete=models.CASCADE, related_name="agents", db_index=False
    )
    type = models.CharField(_("type"), max_length=16, choices=Type.choices, default=Type.AGENT)
    agent_id = IdentifierField(_("agent id"))
    name = models.CharField(_("name"), max_length=255, blank=True, default="")
    model_provider = models.CharField(
        _("model provider"), max_length=255, blank=True, default="", help_text=_("For example OpenAI.")
    )
    model_name = models.CharField(
        _("model class"), max_length=255, blank=True, default="", help_text=_("For example OpenAIChat.")
    )
    model_id = models.CharField(_("model"), max_length=255, blank=True, default="", help_text=_("For example gpt-4o."))
    metadata = models.JSONField(_("metadata"), default=dict, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = AgentQuerySet.as_manager()

    class Meta:
        verbose_name = _("agent")
        verbose_name_plural = _("agents")
        ordering = ["agent_id", "pk"]
        constraints = [
            # Also serves the look-up of an agent by its id, and the list of a project's agents.
            models.UniqueConstraint(fields=["project", "agent_id", "type"], name="agent_unique_in_project"),
            models.CheckConstraint(condition=models.Q(type__in=ComponentType.values), name="agent_type_known"),
        ]

    def __str__(self) -> str:
        return self.name or self.agent_id

    @property
    def model(self) -> dict[str, str]:
        """The model as far as it is known: some of ``provider``, ``name`` and ``id``."""
        known = {"provider": self.model_provider, "name": self.model_name, "id": self.model_id}
        return {key: value for key, value in known.items() if value}

    @property
    def description(self) -> dict[str, Any]:
        """What is known of the agent, in the field's usual words."""
        return {
            **({"name": self.name} if self.name else {}),
            f"{self.type}_id": self.agent_id,
            **({"model": self.model} if self.model else {}),
        }
