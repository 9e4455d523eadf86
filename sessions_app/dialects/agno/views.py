"""AgentOS' endpoints."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_app import __version__, conf, exceptions, services
from sessions_app.dialects.agno import (
    bodies,
    errors,
    history,
    listing,
    openapi,
    parameters,
    rows,
    runs,
    serializers,
    stored,
)
from sessions_app.dialects.agno.bodies import ABSENT, Body, BodyParser
from sessions_app.dialects.agno.databases import SESSION_TABLE, database_alias
from sessions_app.dialects.agno.errors import session_not_found
from sessions_app.dialects.agno.parameters import Reader
from sessions_app.dialects.agno.serializers import without_nulls
from sessions_app.dialects.base import MAX_ERRORS, DialectViewSet
from sessions_app.dialects.health import OpenToAll
from sessions_app.dialects.problems import InvalidRequest, Problem
from sessions_app.dialects.wire import json_response
from sessions_app.jsontext import RawList
from sessions_app.mappings.agno.sessions import store_session
from sessions_app.models import Session
from sessions_app.querysets import SessionQuerySet, project_behind
from sessions_app.reading import Along, Wanted, one_session

AGENTOS_VERSION = "3.1.10"
OS_ID = "django-agent-sessions"


class AgentOSViewSet(DialectViewSet):
    """What AgentOS' endpoints share."""

    parser_classes = [BodyParser]
    http_method_names = ["get", "post", "put", "patch", "delete"]  # HEAD is 405 there.

    def error_response(self, problem: Problem, error: Exception) -> Response:
        return errors.error_response(problem, error, self.request)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        if response.status_code == 405:
            response.headers["Allow"] = next(iter(self.action_map), "get").upper()
        elif response.status_code == 204 and isinstance(response, Response):
            response.add_post_render_callback(_as_json)
        return response

    def asked(self, readers: dict[str, Reader]) -> tuple[dict[str, Any], list[Any]]:
        asked, wrong = parameters.read(self.request._request.GET, readers)
        if self.key.is_bound:
            asked["user_id"] = self.key.user_id
        return asked, wrong

    def checked(self, readers: dict[str, Reader]) -> dict[str, Any]:
        """The query parameters. Raises InvalidRequest with all that is wrong."""
        asked, wrong = self.asked(readers)
        self.refuse(wrong)
        return asked

    def refuse(self, wrong: list[Any]) -> None:
        if wrong:
            raise InvalidRequest(wrong[:MAX_ERRORS])

    def sent(self) -> Body:
        data: Any = self.request.data
        return data if isinstance(data, Body) else Body(ABSENT)

    def visible(self, asked: dict[str, Any]) -> SessionQuerySet:
        """The sessions of the asked database that the caller, and the asked user, may see."""
        sessions = Session.objects.using(database_alias(asked)).visible_to(self.key)
        return sessions.filter(user_id=asked["user_id"]) if "user_id" in asked else sessions

    def find(self, session_id: str, asked: dict[str, Any], unknown: str, along: Along | None = None) -> Session:
        """The session that path and query mean, with what will be shown of it ``along``; ``unknown`` is what is said of
        one that is not there.
        """
        try:
            session = one_session(
                self.key,
                session_id,
                using=database_alias(asked),
                user_id=asked.get("user_id"),
                joined=("agent",),
                only=serializers.SHOWN,
                along=along,
            )
        except exceptions.SessionNotFound:
            raise NotFound(unknown) from None
        if asked.get("type") not in (None, session.type):
            raise NotFound(session_not_found(session_id, asked["type"]))
        return session


def _as_json(response: Any) -> None:
    """AgentOS says so of an empty body, too."""
    response.headers["Content-Type"] = "application/json"


class SessionViewSet(AgentOSViewSet):
    """Sessions of agents, teams and workflows."""

    @openapi.sessions
    def index(self, request: Request) -> HttpResponse:
        asked = self.checked(parameters.SESSIONS)
        return json_response(listing.page(self.key, database_alias(asked), asked))

    @openapi.create_session
    def create(self, request: Request) -> HttpResponse:
        body = self.sent()
        asked, wrong = self.asked(parameters.CREATE)
        given = bodies.optional(body, bodies.CREATE, wrong)
        self.refuse(wrong)
        if self.key.is_bound:
            given["user_id"] = self.key.user_id
        session = self.store(asked.get("type", "agent"), given, database_alias(asked))
        return self.shown(session, status=201)

    @openapi.delete_sessions
    def destroy_many(self, request: Request) -> Response:
        body = self.sent()
        asked, wrong = self.asked(parameters.DELETE)
        given = bodies.bulk(body, wrong)
        self.refuse(wrong)
        if len(given["session_ids"]) != len(given["session_types"]):
            raise ParseError(errors.LENGTHS_DIFFER)
        self.remove(asked, given["session_ids"])
        return Response(status=204)

    @openapi.session_detail
    def retrieve(self, request: Request, session_id: str) -> HttpResponse:
        asked = self.checked(parameters.SESSION)
        unknown, said = session_not_found(session_id, asked.get("type")), history.wanted()
        return self.shown(self.find(session_id, asked, unknown, along=said), said)

    @openapi.update_session
    def partial_update(self, request: Request, session_id: str) -> HttpResponse:
        body = self.sent()
        asked, wrong = self.asked(parameters.SESSION)
        given = bodies.mandatory(body, bodies.UPDATE, wrong)
        self.refuse(wrong)
        session = self.find(session_id, asked, session_not_found(session_id))
        return self.shown(self.change(session, given), with_nulls=True)

    @openapi.rename_session
    def rename(self, request: Request, session_id: str) -> HttpResponse:
        body = self.sent()
        asked, wrong = self.asked(parameters.SESSION)
        name = bodies.new_name(body, wrong)
        self.refuse(wrong)
        session = self.find(session_id, asked, session_not_found(session_id))
        return self.shown(self.change(session, {"session_name": name}), with_nulls=True)

    @openapi.delete_session
    def destroy(self, request: Request, session_id: str) -> Response:
        self.remove(self.checked(parameters.DELETE), [session_id])
        return Response(status=204)

    def shown(
        self, session: Session, wanted: Wanted | None = None, *, with_nulls: bool = False, status: int = 200
    ) -> HttpResponse:
        detail = serializers.session_detail(session)
        shown = detail if with_nulls else without_nulls(detail)
        if session.type != Session.Type.WORKFLOW:
            shown["chat_history"] = RawList(history.chat_history(session, wanted or history.wanted()))
        return json_response(shown, status=status)

    def store(self, type_: str, given: dict[str, Any], alias: str) -> Session:
        """A new session. Raises Conflict in the words that fit what the caller may see."""
        project = project_behind(self.key, alias)
        if project is None:
            raise NotFound("The API key's project is not in this database")
        try:
            return store_session(project, rows.new_row(type_, given))
        except exceptions.SessionExists:
            session_id = given["session_id"]
            visible = Session.objects.using(alias).visible_to(self.key).filter(session_id=session_id).exists()
            raise errors.Conflict(errors.session_exists(session_id) if visible else errors.ID_IS_TAKEN) from None

    def change(self, session: Session, given: dict[str, Any]) -> Session:
        """The session with what ``given`` names, which a workflow's summary does not belong to."""
        columns = {"session_name": "name", "session_state": "state"}
        fields: dict[str, Any] = {columns.get(name, name): value for name, value in given.items()}
        if "metadata" in fields:
            fields["metadata"] = rows.without_reserved(fields["metadata"])
        if "summary" in fields:
            fields["summary"] = bodies.stored_summary(fields["summary"])
            if session.type == Session.Type.WORKFLOW:
                del fields["summary"]
        try:
            return services.update_session(session=session, **fields)
        except exceptions.SessionNotFound:
            raise NotFound(session_not_found(session.session_id)) from None

    def remove(self, asked: dict[str, Any], session_ids: list[str]) -> None:
        """Delete those of the sessions that are there and may be seen."""
        visible = self.visible(asked)
        if asked.get("delete_media"):
            raise errors.NoMediaStorage
        rows.delete_sessions(visible, session_ids)


class RunViewSet(AgentOSViewSet):
    """The runs of a session."""

    @openapi.runs
    def index(self, request: Request, session_id: str) -> HttpResponse:
        session, asked = self.asked_session(session_id)
        return json_response(RawList(stored.shown_texts(session, asked)))

    @openapi.run_previews
    def previews(self, request: Request, session_id: str) -> Response:
        session, asked = self.asked_session(session_id)
        return Response([runs.preview(run) for run in stored.shown_runs(session, asked)])

    @openapi.run
    def retrieve(self, request: Request, session_id: str, run_id: str) -> HttpResponse:
        asked = self.checked(parameters.SESSION)
        session = self.find(session_id, asked, errors.session_of_runs_not_found(session_id))
        if not session.run_count:
            raise NotFound(f"Session with ID {session_id} has no runs")
        try:
            return json_response(runs.shown_alone(stored.one_run(session, run_id), session))
        except exceptions.RunNotFound:
            raise NotFound(f"Run with ID {run_id} not found in session {session_id}") from None

    def asked_session(self, session_id: str) -> tuple[Session, dict[str, Any]]:
        """The session that path and query mean, with its runs where they can come along, and what they must be."""
        asked = self.checked(parameters.RUNS)
        asked["status"] = [status.upper() for status in self.request.query_params.getlist("status")]
        if unknown := set(asked["status"]) - set(errors.STATUSES):
            raise ParseError(errors.unknown_statuses(unknown))
        not_found = errors.session_of_runs_not_found(session_id)
        return self.find(session_id, asked, not_found, along=stored.wanted(asked)), asked


class ConfigViewSet(AgentOSViewSet):
    """What this server keeps."""

    @openapi.config
    def retrieve(self, request: Request) -> Response:
        names = list(conf.get("DB_IDS"))
        databases = [
            {"db_id": name, "domain_config": {"display_name": name}, "tables": [SESSION_TABLE]} for name in names
        ]
        nothing: dict[str, Any] = {name: [] for name in ("agents", "teams", "workflows", "interfaces")}
        shown = {"os_id": OS_ID, "databases": names, "session": {"dbs": databases}, **nothing, "company": None}
        return Response(shown)


class PublicViewSet(OpenToAll, AgentOSViewSet):
    """What anybody may ask: whether the server is up, and what it is."""

    def info(self, request: Request) -> Response:
        counts = {f"{kind}_count": 0 for kind in Session.Type.values}
        mcp = {"enabled": False, "path": None, "oauth": None, "tool_run_endpoint": False}
        versions = {"os_version": __version__, "agno_version": AGENTOS_VERSION}
        named = {"os_id": OS_ID, "name": "Agent sessions", **versions}
        return Response({**named, **counts, "mcp": mcp, "auth_mode": "security_key", "user_isolation": True})


class UnknownRouteViewSet(AgentOSViewSet):
    """A path that nothing answers: 404, and 401 for whoever has no key. A plain OPTIONS, which some clients send to
    any path, is answered without.
    """

    schema = None  # type: ignore[assignment]
    is_for_the_rest = True
    path_ids = frozenset()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return JsonResponse({}) if request.method == "OPTIONS" else super().dispatch(request, *args, **kwargs)

    def not_found(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        raise NotFound("Not Found")
