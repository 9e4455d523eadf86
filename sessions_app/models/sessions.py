"""A conversation, and the labels that people put on it."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sessions_app.fields import IdentifierField, JSONTextField, NullableIdentifierField, SearchTextField
from sessions_app.models.agents import Agent, ComponentType
from sessions_app.models.projects import Project
from sessions_app.models.usage import TokenUsage
from sessions_app.querysets import SessionQuerySet

MAX_TAG_LENGTH = 100


class Tag(models.Model):
    """A label on sessions."""

    project = models.ForeignKey(
        Project, verbose_name=_("project"), on_delete=models.CASCADE, related_name="tags", db_index=False
    )
    name = IdentifierField(_("name"), max_length=MAX_TAG_LENGTH)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="tag_unique_in_project")]

    def __str__(self) -> str:
        return self.name


class Session(TokenUsage):
    """One conversation with an agent, team or workflow.

    The counts, token sums and last-run columns are rollups: only ``services`` writes them, in the transaction that
    writes what they count. ``message_seq`` and ``run_seq`` are the next free positions; they never go back.
    """

    Type = ComponentType

    class SharedAccess(models.TextChoices):
        QUERY = "query", _("Read and ask")
        READ_ONLY = "read_only", _("Read only")

    project = models.ForeignKey(
        Project, verbose_name=_("project"), on_delete=models.CASCADE, related_name="sessions", db_index=False
    )
    session_id = IdentifierField(_("session id"), help_text=_("Unique in its project."))
    type = models.CharField(_("type"), max_length=16, choices=Type.choices, default=Type.AGENT)
    agent = models.ForeignKey(
        Agent, verbose_name=_("agent"), on_delete=models.RESTRICT, related_name="sessions", null=True, blank=True
    )
    user_id = NullableIdentifierField(_("user id"))
    name = SearchTextField(
        _("name"), null=True, blank=True, help_text=_("Given by somebody; goes before the generated title.")
    )
    generated_title = SearchTextField(
        _("generated title"), null=True, blank=True, help_text=_("From the first user message.")
    )
    opening = SearchTextField(
        _("opening"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("The first user message, whole, as plain text."),
    )
    state = JSONTextField(_("state"), null=True, blank=True, help_text=_("What the agent keeps between runs."))
    metadata = models.JSONField(_("metadata"), null=True, blank=True)
    summary = JSONTextField(_("summary"), null=True, blank=True)
    tags = models.ManyToManyField(Tag, verbose_name=_("tags"), related_name="sessions", blank=True)
    index_ids = models.JSONField(
        _("index ids"), null=True, blank=True, help_text=_("Indexes that the session is bound to. Empty: unbound.")
    )
    shared_access = models.CharField(
        _("shared access"),
        max_length=16,
        choices=SharedAccess.choices,
        blank=True,
        default="",
        help_text=_("What a share link grants. Empty: the site's default."),
    )
    details = JSONTextField(
        _("details"), null=True, blank=True, help_text=_("What else a framework keeps with the session.")
    )
    parent = models.ForeignKey(
        "self",
        verbose_name=_("branched from"),
        on_delete=models.SET_NULL,
        related_name="branches",
        null=True,
        blank=True,
    )
    branched_at = models.PositiveBigIntegerField(
        _("branched at"), null=True, blank=True, help_text=_("Position of the last message shared with the parent.")
    )

    message_seq = models.PositiveBigIntegerField(default=0, editable=False)
    run_seq = models.PositiveBigIntegerField(default=0, editable=False)
    message_count = models.PositiveBigIntegerField(_("messages"), default=0, editable=False)
    run_count = models.PositiveBigIntegerField(_("runs"), default=0, editable=False)
    error_count = models.PositiveBigIntegerField(_("runs with errors"), default=0, editable=False)
    last_run_status = models.CharField(_("status"), max_length=16, blank=True, default="", editable=False)
    last_finished_run = models.ForeignKey(
        "sessions_app.RunMetadata",
        verbose_name=_("last finished run"),
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        editable=False,
    )
    revision = models.PositiveBigIntegerField(_("revision"), default=0, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["-updated_at", "-pk"]
        permissions = [("move_session", "Can move sessions to another user or project")]
        constraints = [
            # Serves every read of one session.
            models.UniqueConstraint(fields=["project", "session_id"], name="session_unique_in_project"),
            models.CheckConstraint(condition=models.Q(type__in=ComponentType.values), name="session_type_known"),
        ]
        indexes = [
            # The sessions of all projects, last changed first.
            models.Index(fields=["updated_at", "id"], name="session_by_updated_overall"),
            # A project's sessions, last changed first: the default of most lists.
            models.Index(fields=["project", "updated_at", "id"], name="session_by_updated"),
            # A project's sessions, newest first.
            models.Index(fields=["project", "created_at", "id"], name="session_by_created"),
            # A project's sessions of one type, newest first: pages far behind the first are found in it alone.
            models.Index(fields=["project", "type", "created_at", "id"], name="session_by_type"),
            # The sessions of one agent, newest first. It holds their ids, so that a list of these looks up no row.
            models.Index(fields=["agent", "created_at", "id", "session_id", "project"], name="session_ids_by_agent"),
            # The sessions of one user, newest first.
            models.Index(fields=["project", "user_id", "created_at", "id"], name="session_by_user"),
            # Sessions whose last run has this status, last changed first.
            models.Index(fields=["project", "last_run_status", "updated_at", "id"], name="session_by_status"),
            # The costliest sessions.
            models.Index(fields=["project", "total_tokens", "id"], name="session_by_tokens"),
            # The longest sessions.
            models.Index(fields=["project", "message_count", "id"], name="session_by_messages"),
        ]

    def __str__(self) -> str:
        return self.title or self.session_id

    @property
    def title(self) -> str:
        """The name, else the generated title, else ""."""
        return self.name or self.generated_title or ""
