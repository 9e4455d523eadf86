"""What Lyzr's views share."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar

from django.db import DEFAULT_DB_ALIAS
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from rest_framework.exceptions import NotFound

from sessions_app import conf, services
from sessions_app.dialects.base import DialectViewSet
from sessions_app.models import Agent, Session
from sessions_app.querysets import SessionQuerySet
from sessions_app.reading import one_session
from sessions_app.transactions import write_in

BULK = ("state", "summary", "details", "opening", "index_ids")
"""What can be large, and that most endpoints do not show."""


_SMALL = (
    *(field.name for field in Session._meta.concrete_fields if field.name not in BULK),
    *(f"agent__{field.name}" for field in Agent._meta.concrete_fields),
)


def new_id() -> str:
    """24 hex digits, as the vendor's ids are."""
    return secrets.token_hex(12)


class LyzrViewSet(DialectViewSet):
    """Finds and makes sessions, each only for a key that may see it."""

    path_ids: ClassVar[frozenset[str]] = DialectViewSet.path_ids | {"user_id"}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """A plain OPTIONS, which the vendor's Python client sends, wants 200 with JSON, and has no key to show."""
        return JsonResponse({}) if request.method == "OPTIONS" else super().dispatch(request, *args, **kwargs)

    def sessions(self) -> SessionQuerySet:
        return Session.objects.visible_to(self.key)

    def find(self, session_id: str, *, bulk: str = "") -> Session:
        """The session, with its agent; of what can be large only ``bulk``. Raises SessionNotFound."""
        seen = _SMALL if not bulk else (*_SMALL, bulk)
        return one_session(self.key, session_id, joined=("agent",), only=seen)

    def check_agent(self, agent_id: str) -> None:
        """Raises NotFound for an agent that nothing has named yet."""
        if not Agent.objects.visible_to(self.key).with_id(agent_id).exists():
            raise NotFound("Agent not found")

    def make(self, *, session_id: str, agent_id: str | None, user_id: str | None, **fields: Any) -> Session:
        """A new session; a key that is bound to a user writes in this user's name. Raises SessionExists."""
        project = self.key.project
        owner = self.key.user_id if self.key.is_bound else user_id

        def write() -> Session:
            agent = services.ensure_agent(project=project, agent_id=agent_id) if agent_id is not None else None
            return services.create_session(project=project, session_id=session_id, agent=agent, user_id=owner, **fields)

        return write_in(project._state.db or DEFAULT_DB_ALIAS, write)

    def deleted(self, session_id: str) -> dict[str, Any]:
        session = self.find(session_id)
        services.delete_sessions(sessions=self.sessions().filter(pk=session.pk))
        return {"session_id": session_id, "deleted": True}


def is_observed() -> bool:
    """Whether answers have the shapes that were seen in the wild, in place of the documented ones."""
    return bool(conf.get("LYZR_RESPONSE_SHAPES") == "observed")
