"""Where the pages are that a transcript leads to, and what its reader may do there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode

from sessions_app.admin.addresses import change_url, list_url
from sessions_app.models import Message, RunMetadata, Session

REVEAL = "sessions_app.reveal_message"


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done to a message or run on a page of its own."""

    name: str
    url: str


class Links:
    """The addresses of one session's transcript, for one reader."""

    def __init__(self, site: AdminSite, request: HttpRequest, session: Session) -> None:
        self.site, self.request, self.session = site, request, session
        self.of_messages, self.of_runs = site._registry[Message], site._registry[RunMetadata]

    def page(self, name: str, *arguments: Any, **query: Any) -> str:
        """The address of a page of this session."""
        url = reverse(f"admin:sessions_app_session_{name}", args=[self.session.pk, *arguments])
        return f"{url}?{urlencode(query)}" if query else url

    @cached_property
    def transcript(self) -> str:
        return self.page("transcript")

    @cached_property
    def piece(self) -> str:
        return self.page("transcript_piece")

    @cached_property
    def jump(self) -> str:
        return self.page("transcript_jump")

    @cached_property
    def branch(self) -> str:
        return self.page("transcript_branch")

    @cached_property
    def runs(self) -> str:
        """The list of all runs of the session."""
        return list_url(RunMetadata, session=self.session.pk)

    def text(self, message_pk: int, index: int) -> str:
        return f"{self.transcript}text/{message_pk}/{index}/"

    def run_text(self, run_pk: int, column: str) -> str:
        return f"{self.transcript}run/{run_pk}/{column}/"

    def media(self, message_pk: int, index: int) -> str:
        return self.page("media", message_pk, index)

    def message_actions(self, message: Message) -> list[Action]:
        """What the reader may do to a message."""
        position = f"{self.transcript}?at={message.position}#m-{message.position}"
        return self._actions("message", message, position)

    def run_actions(self, run: RunMetadata) -> list[Action]:
        """What the reader may do to a run."""
        return self._actions("runmetadata", run, f"{self.transcript}?run={run.pk}#run-{run.position}")

    @cached_property
    def may_reveal(self) -> bool:
        """Whether the reader may see what was hidden."""
        return bool(self.request.user.has_perm(REVEAL))

    @cached_property
    def may_branch(self) -> bool:
        return bool(self.site._registry[Session].has_add_permission(self.request))

    @cached_property
    def _may(self) -> dict[str, tuple[bool, bool, bool]]:
        """By the name of a model: whether the reader may change, hide and delete its rows."""
        admins: dict[str, Any] = {"message": self.of_messages, "runmetadata": self.of_runs}
        return {
            name: (
                model_admin.has_change_permission(self.request),
                model_admin.may_redact(self.request),
                model_admin.has_delete_permission(self.request),
            )
            for name, model_admin in admins.items()
        }

    def _actions(self, name: str, row: Any, back: str) -> list[Action]:
        may_change, may_redact, may_delete = self._may[name]
        actions = []
        if may_change and not row.is_redacted:
            actions.append(Action("edit", change_url(type(row), row.pk)))
        if may_redact and not row.is_redacted:
            actions.append(self._action(name, "redact", row, back))
        elif may_redact and self.may_reveal:
            actions.append(self._action(name, "restore", row, back))
        if may_delete:
            actions.append(self._action(name, "delete", row, back))
        return actions

    @cached_property
    def act(self) -> str:
        """Where the actions of the list can be had for this session alone."""
        return self.page("act")

    @staticmethod
    def _action(name: str, action: str, row: Any, back: str) -> Action:
        url = reverse(f"admin:sessions_app_{name}_{action}", args=[row.pk])
        return Action(action, f"{url}?{urlencode({'next': back})}")
