"""From a checked body to what the services take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rest_framework.exceptions import PermissionDenied

from sessions_app import formats, services
from sessions_app.dialects.native.serializers import EnvelopeSerializer, MessagesSerializer
from sessions_app.dialects.problems import InvalidRequest, flatten, invalid
from sessions_app.documents.parse import is_envelope
from sessions_app.exceptions import Location
from sessions_app.models import APIKey, Session
from sessions_app.services import NewMessage
from sessions_app.services.agents import agent_of


def new_user(key: APIKey, asked: dict[str, Any]) -> Any:
    """``{"user_id": ...}`` of what is new: a key bound to a user writes in this user's name."""
    return ({"user_id": key.user_id} if key.is_bound else {}) | changed_user(key, asked)


def changed_user(key: APIKey, asked: dict[str, Any]) -> Any:
    """``{"user_id": ...}`` where the body names one; a key bound to a user may name no other."""
    if key.is_bound and asked.get("user_id", key.user_id) != key.user_id:
        raise PermissionDenied(f"This API key acts for the user {key.user_id!r} only")
    return {"user_id": asked["user_id"]} if "user_id" in asked else {}


def agent_for(key: APIKey, asked: dict[str, Any], type_: str, session: Session | None = None) -> Any:
    """``{"agent": ...}`` where the body names one (null: none). Raises PermissionDenied.

    A key bound to a user may mention an agent, but not describe it: agents belong to the whole project. That of the
    ``session`` that is written to is not looked up.
    """
    if key.is_bound and {"agent_name", "model"} & asked.keys():
        raise PermissionDenied("This API key acts for one user; agents belong to the whole project")
    if "agent_id" not in asked:
        return {}
    if asked["agent_id"] is None:
        return {"agent": None}
    agent = services.ensure_agent(
        project=key.project,
        agent_id=asked["agent_id"],
        type=type_,
        name=asked.get("agent_name", ""),
        model=asked.get("model"),
        in_hand=agent_of(session) if session else None,
    )
    return {"agent": agent}


def session_fields(asked: dict[str, Any]) -> Any:
    """The columns that a session's body sets by their own names."""
    names = services.SessionFields.__annotations__.keys() - {"agent", "user_id", "parent"}
    return {name: asked[name] for name in names if name in asked}


def run_fields(asked: dict[str, Any]) -> Any:
    """The columns that a run's body sets by their own names."""
    names = services.RunFields.__annotations__.keys() - {"agent", "user_id"}
    fields = {name: asked[name] for name in names if name in asked}
    model = asked.get("model", {})
    return fields | {f"model_{name}": model[name] for name in ("provider", "id") if name in model}


@dataclass(frozen=True, slots=True)
class SentMessages:
    """Messages of a body: each a native payload, or an envelope ``{"payload", "format", "created_at"}`` around one.

    ``where`` leads to their list; a message that is the body itself lies in none (``is_list``).
    """

    items: list[Any]
    where: Location = ("body",)
    format: str = formats.DEFAULT
    is_list: bool = True

    def new(self) -> list[NewMessage]:
        """What the services take. Raises InvalidRequest."""
        return [self._new(index, item) for index, item in enumerate(self.items)]

    def way_to(self, index: Any, *inner: str | int) -> Location:
        """Where in the request the ``inner`` of a message lies."""
        way = (*self.where, index) if self.is_list else self.where
        return (*way, "payload", *inner) if is_envelope(self.items[index]) else (*way, *inner)

    def _new(self, index: int, item: Any) -> NewMessage:
        if not is_envelope(item):
            return NewMessage(item, self.format)
        serializer = EnvelopeSerializer(data=item)
        if not serializer.is_valid():
            raise InvalidRequest(list(flatten(serializer.errors, self.way_to(index)[:-1])))
        asked = serializer.validated_data
        return NewMessage(asked["payload"], asked.get("format", self.format), asked.get("created_at"))


def sent_messages(body: Any) -> SentMessages:
    """The messages of a body in one of its three forms: one message, a list, ``{"messages": [...], "format": ...}``."""
    if isinstance(body, list):
        sent = SentMessages(body)
    elif isinstance(body, dict) and "messages" in body and "role" not in body and "payload" not in body:
        serializer = MessagesSerializer(data=body)
        if not serializer.is_valid():
            raise InvalidRequest(list(flatten(serializer.errors, ("body",))))
        asked = serializer.validated_data
        sent = SentMessages(asked["messages"], ("body", "messages"), asked["format"])
    else:
        return SentMessages([body], is_list=False)
    if not sent.items:
        raise invalid(sent.where, "List should have at least 1 item", "too_short")
    return sent


def parent_of(sessions: Any, asked: dict[str, Any]) -> Any:
    """``{"parent": ...}`` where the body names one. Raises InvalidRequest for one that is not there."""
    if "parent_session_id" not in asked:
        return {}
    parent = sessions.filter(session_id=asked["parent_session_id"]).first()
    if parent is None:
        raise invalid(("body", "parent_session_id"), "There is no such session", "value_error")
    return {"parent": parent}
