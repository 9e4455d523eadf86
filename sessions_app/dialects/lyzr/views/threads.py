"""``/v3/sessions``"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from sessions_app import services
from sessions_app.dialects.lyzr import messages, openapi_threads, threads
from sessions_app.dialects.lyzr.inputs import (
    LyzrMessageListParameters,
    LyzrNewBranchSerializer,
    LyzrNewThreadSerializer,
    LyzrSessionListParameters,
    LyzrThreadUpdateSerializer,
)
from sessions_app.dialects.lyzr.serializers import LyzrThreadMessageSerializer, LyzrThreadSerializer
from sessions_app.dialects.lyzr.threads import Lineage
from sessions_app.dialects.lyzr.views.base import LyzrViewSet, new_id
from sessions_app.dialects.problems import invalid
from sessions_app.models import Message, Session

DEFAULT_USER = "default_user"
MESSAGE_COLUMNS = ("session_id", "position", "role", "text", "created_at", "run__agent__agent_id")


class ThreadsViewSet(LyzrViewSet):
    """Shows sessions as ``/v3`` has them."""

    def shown(self, rows: Iterable[Session]) -> list[dict[str, Any]]:
        sessions = list(rows)
        lineage = Lineage.of(self.sessions(), sessions)
        context = {"lineage": lineage, "org_id": str(self.key.project.organization_id)}
        show = LyzrThreadSerializer(context=context).to_representation
        return [show(session) for session in sessions]

    def shown_one(self, session_id: str) -> dict[str, Any]:
        return self.shown([threads.for_showing(self.sessions()).with_id(session_id)])[0]

    def shown_many(self, keys: list[int]) -> list[dict[str, Any]]:
        """Those of the sessions that are still there, in the order of ``keys``."""
        rows = {row.pk: row for row in threads.for_showing(self.sessions()).filter(pk__in=keys)}
        return self.shown(rows[key] for key in keys if key in rows)


class ThreadViewSet(ThreadsViewSet):
    """Sessions whose ids their callers choose."""

    @openapi_threads.thread_create
    def create(self, request: Request) -> Response:
        asked = self.body(LyzrNewThreadSerializer)
        source = asked.get("source")
        session = self.make(
            session_id=asked["session_id"],
            agent_id=asked.get("agent_id"),
            user_id=DEFAULT_USER,
            metadata=asked.get("metadata") or {},
            details=None if source is None else {"source": source},
        )
        return Response(self.shown_one(session.session_id))

    @openapi_threads.thread_list
    def page(self, request: Request) -> Response:
        asked = self.query(LyzrSessionListParameters)
        rows = self.sessions().order_by("-created_at", "-pk")
        if asked.get("agent_id"):
            rows = rows.for_agent(asked["agent_id"])
        part = slice(asked["offset"], asked["offset"] + asked["limit"])
        if asked.get("source"):
            keys = threads.begun_at(rows, asked["source"])
            return Response({"sessions": self.shown_many(keys[part]), **paging(asked, len(keys))})
        return Response({"sessions": self.shown(threads.for_showing(rows)[part]), **paging(asked, rows.count())})

    @openapi_threads.thread_retrieve
    def retrieve(self, request: Request, session_id: str) -> Response:
        return Response(self.shown_one(session_id))

    @openapi_threads.thread_update
    def partial_update(self, request: Request, session_id: str) -> Response:
        session, asked = self.find(session_id), self.body(LyzrThreadUpdateSerializer)
        services.update_session(session=session, metadata=asked["metadata"] or {})
        return Response(self.shown_one(session_id))

    @openapi_threads.thread_delete
    def destroy(self, request: Request, session_id: str) -> Response:
        return Response(self.deleted(session_id))

    @openapi_threads.thread_messages
    def messages(self, request: Request, session_id: str) -> Response:
        asked, session = self.query(LyzrMessageListParameters), self.find(session_id)
        roles = [asked["role"]] if asked.get("role") else messages.SPEAKERS
        rows = messages.with_text(Message.objects.conversation(session), roles)
        if asked.get("after"):
            rows = rows.filter(created_at__gt=asked["after"])
        page = rows.select_related("run__agent").only(*MESSAGE_COLUMNS)[asked["offset"] :][: asked["limit"]]
        items = list(messages.contents(page))
        shown = LyzrThreadMessageSerializer(items, many=True, context={"session": session}).data
        return Response({"messages": shown, **paging(asked, rows.count())})


class BranchViewSet(ThreadsViewSet):
    """How sessions descend from each other."""

    @openapi_threads.branch_create
    def create(self, request: Request, session_id: str) -> Response:
        session, asked = self.find(session_id), self.body(LyzrNewBranchSerializer)
        position = threads.position_of(session, asked["from_message_id"])
        if position is None:
            raise invalid(("body", "from_message_id"), "The session has no such message")
        fields: Any = {"name": asked["branch_name"]} if asked.get("branch_name") else {}
        fields |= {"metadata": asked["metadata"]} if asked.get("metadata") is not None else {}
        branch = services.branch_session(
            session=session, position=position, session_id=asked.get("new_session_id") or new_id(), **fields
        )
        return Response(self.shown_one(branch.session_id))

    @openapi_threads.branch_list
    def branches(self, request: Request, session_id: str) -> Response:
        branches = self.sessions().filter(parent=self.find(session_id)).order_by("created_at", "pk")
        shown = self.shown(threads.for_showing(branches))
        return Response({"branches": shown, "total": len(shown), "has_more": False})

    @openapi_threads.branch_tree
    def tree(self, request: Request, session_id: str) -> Response:
        session = self.find(session_id)
        root = Lineage.of(self.sessions(), [session]).ancestry(session.pk)[0]
        nodes, is_truncated = threads.family(self.sessions(), root)
        shown = self.shown(nodes)
        return Response({"root_session_id": shown[0]["session_id"], "nodes": shown, "truncated": is_truncated})

    @openapi_threads.branch_ancestry
    def ancestry(self, request: Request, session_id: str) -> Response:
        session = self.find(session_id)
        keys = Lineage.of(self.sessions(), [session]).ancestry(session.pk)
        return Response({"ancestry": self.shown_many(keys)})


def paging(asked: dict[str, Any], total: int) -> dict[str, Any]:
    limit, offset = asked["limit"], asked["offset"]
    return {"total": total, "limit": limit, "offset": offset, "has_more": offset + limit < total}
