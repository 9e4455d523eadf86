"""Every endpoint that the app serves, with ids that ``store`` has and a body that would be taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sessions_app import services
from sessions_app.models import Agent, Session
from tests import factories

OWNER = "maria"
IDS = {"session_id": "s-1", "agent_id": "a-1", "run_id": "r-1", "position": "0", "user_id": OWNER}
SESSION = "api/sessions/<str:session_id>"
CHAT = "api/v1/chat/<str:session_id>"
MESSAGE = {"role": "user", "content": "changed"}


@dataclass(frozen=True)
class Endpoint:
    method: str
    route: str
    body: Any = None
    query: str = ""
    is_list: bool = field(default=False, kw_only=True)
    """Answers with an empty list, where others would say 404."""
    makes: bool = field(default=False, kw_only=True)
    """Makes something new for whoever calls it."""
    is_silent: bool = field(default=False, kw_only=True)
    """Gives everybody the same answer, whatever is there."""
    takes_all: bool = field(default=False, kw_only=True)
    """Any JSON object is a body that it takes."""
    done: int = field(default=200, kw_only=True)

    def __str__(self):
        return f"{self.method} {self.route}{self.query}"

    def url(self, slash=False):
        path = self.route
        for name, value in IDS.items():
            path = path.replace(f"<str:{name}>", value)
        return f"/{path}{'/' if slash else ''}{self.query}"


AGNO_SESSION = "sessions/<str:session_id>"
AGNO = [
    Endpoint("get", "sessions", is_list=True),
    Endpoint("get", "sessions", query="?component_id=a-1&session_name=PARCEL&sort_by=agent_id", is_list=True),
    Endpoint("post", "sessions", {"session_id": "new"}, makes=True, done=201),
    Endpoint("delete", "sessions", {"session_ids": ["s-1"], "session_types": ["agent"]}, is_silent=True, done=204),
    Endpoint("get", AGNO_SESSION),
    Endpoint("get", AGNO_SESSION, query="?type=agent&db_id=default&table=agno_sessions"),
    Endpoint("patch", AGNO_SESSION, {"session_name": "changed"}),
    Endpoint("delete", AGNO_SESSION, is_silent=True, done=204),
    Endpoint("post", f"{AGNO_SESSION}/rename", {"session_name": "changed"}),
    Endpoint("get", f"{AGNO_SESSION}/runs"),
    Endpoint("get", f"{AGNO_SESSION}/run-previews"),
    Endpoint("get", f"{AGNO_SESSION}/runs/<str:run_id>"),
    Endpoint("get", "config", is_silent=True),
]

V1_SESSION, V3_SESSION = "v1/sessions/<str:session_id>", "v3/sessions/<str:session_id>"
NO_MESSAGE = "0" * 24
LYZR = [
    Endpoint("post", "v1/sessions", {"user_id": OWNER, "metadata": {"title": "new"}}, makes=True),
    Endpoint("post", V1_SESSION, {"user_id": OWNER}, makes=True, takes_all=True),
    Endpoint("get", V1_SESSION, query="?timeout=30"),
    Endpoint("put", V1_SESSION, {"user_id": OWNER, "metadata": {"title": "changed"}}),
    Endpoint("delete", V1_SESSION),
    Endpoint("get", f"{V1_SESSION}/history", query="?unix=false"),
    Endpoint("get", f"{V1_SESSION}/<str:agent_id>/history"),
    Endpoint("get", f"{V1_SESSION}/conversation"),
    Endpoint("get", f"{V1_SESSION}/summary"),
    Endpoint("get", "v1/agent/<str:agent_id>/sessions"),
    Endpoint("get", "v1/agent/<str:agent_id>/published/sessions"),
    Endpoint("get", "v1/users/<str:user_id>/sessions", is_list=True),
    Endpoint("get", "v2/activities", query="?user_id=maria&session_id=s-1", is_list=True),
    Endpoint("get", "v3/sessions", is_list=True),
    Endpoint("post", "v3/sessions", {"session_id": "new"}, makes=True),
    Endpoint("get", V3_SESSION),
    Endpoint("patch", V3_SESSION, {"metadata": {"title": "changed"}}),
    Endpoint("delete", V3_SESSION),
    Endpoint("get", f"{V3_SESSION}/messages"),
    # A table cannot know the ids of messages: tests.dialects.lyzr.test_branches branches from one that is there.
    Endpoint("post", f"{V3_SESSION}/branch", {"from_message_id": NO_MESSAGE}, done=422),
    Endpoint("get", f"{V3_SESSION}/branches"),
    Endpoint("get", f"{V3_SESSION}/tree"),
    Endpoint("get", f"{V3_SESSION}/ancestry"),
]

SPAN = {
    "traceId": "5b8efff798038103d269b633813fc60c",
    "spanId": "eee19b7ec3c1b174",
    "name": "chat gpt-4o",
    "attributes": [
        {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
        {"key": "gen_ai.conversation.id", "value": {"stringValue": "new"}},
    ],
}
OTLP = [Endpoint("post", "v1/traces", {"resourceSpans": [{"scopeSpans": [{"spans": [SPAN]}]}]}, makes=True)]
"""Its errors are in OTLP's shape: tests.dialects.otlp looks at them."""

ENDPOINTS = [
    Endpoint("get", "api/agents", is_list=True),
    Endpoint("post", "api/agents", {"agent_id": "new"}, makes=True, done=201),
    Endpoint("get", "api/agents/<str:agent_id>"),
    Endpoint("patch", "api/agents/<str:agent_id>", {"name": "changed"}),
    Endpoint("delete", "api/agents/<str:agent_id>", done=409),
    Endpoint("get", "api/sessions", is_list=True),
    Endpoint("get", "api/sessions", query="?q=parcel", is_list=True),
    Endpoint("get", "api/sessions", query="?agent_id=a-1&user_id=maria&metadata.channel=web", is_list=True),
    Endpoint("post", "api/sessions", {"session_id": "new"}, makes=True, done=201),
    Endpoint("delete", "api/sessions", {"session_ids": [IDS["session_id"]]}, is_list=True),
    Endpoint("get", SESSION),
    Endpoint("patch", SESSION, {"name": "changed", "agent_id": "brand-new"}),
    Endpoint("delete", SESSION, done=204),
    Endpoint("get", f"{SESSION}/export"),
    Endpoint("get", f"{SESSION}/export", query="?as=markdown"),
    Endpoint("get", f"{SESSION}/export", query="?as=openai"),
    Endpoint("get", f"{SESSION}/messages"),
    Endpoint("post", f"{SESSION}/messages", MESSAGE, done=201),
    Endpoint("post", f"{SESSION}/messages", [MESSAGE], "?create=true&agent_id=brand-new", makes=True, done=201),
    Endpoint("get", f"{SESSION}/messages/<str:position>"),
    Endpoint("patch", f"{SESSION}/messages/<str:position>", {"payload": MESSAGE}),
    Endpoint("delete", f"{SESSION}/messages/<str:position>", done=204),
    Endpoint("get", f"{SESSION}/runs"),
    Endpoint("post", f"{SESSION}/runs", {"run_id": "r-2", "messages": [MESSAGE]}, done=201),
    Endpoint("post", f"{SESSION}/runs", {"run_id": "r-1"}),
    Endpoint("post", f"{SESSION}/runs", {"run_id": "r-2"}, "?create=true&agent_id=brand-new", makes=True, done=201),
    Endpoint("get", f"{SESSION}/runs/<str:run_id>"),
    Endpoint("patch", f"{SESSION}/runs/<str:run_id>", {"content": "changed", "messages": [MESSAGE]}),
    Endpoint("delete", f"{SESSION}/runs/<str:run_id>", done=204),
    Endpoint("get", "api/v1/chat", is_list=True),
    Endpoint("post", "api/v1/chat", {"index_ids": ["idx-1"]}, makes=True),
    Endpoint("get", CHAT),
    Endpoint("delete", CHAT, done=204),
    Endpoint("get", f"{CHAT}/summary"),
    Endpoint("post", f"{CHAT}/messages/stream", {"index_ids": [], "prompt": "And now?"}),
    *LYZR,
    *AGNO,
    *OTLP,
]


def call(client, endpoint, slash=False):
    options = {} if endpoint.body is None else {"data": endpoint.body}
    url = endpoint.url(slash)
    if endpoint.query and slash:
        url = endpoint.url().replace(endpoint.query, f"/{endpoint.query}")
    return getattr(client, endpoint.method)(url, **options)


def fill(project):
    """A project with everything that ``IDS`` names, all of it of the user ``OWNER``."""
    agent = factories.AgentFactory(project=project, agent_id=IDS["agent_id"], type=Agent.Type.AGENT, name="Support")
    session = services.create_session(
        project=project,
        session_id=IDS["session_id"],
        agent=agent,
        user_id=OWNER,
        metadata={"channel": "web"},
        state={"step": 1},
        summary={"summary": "A parcel."},
        tags=["parcel"],
    )
    factories.RunFactory(
        session=session,
        run_id=IDS["run_id"],
        agent=agent,
        user_id=OWNER,
        messages=[
            {"role": "user", "content": "Where is my parcel?"},
            {"role": "assistant", "content": "Here.", "reasoning_content": "A parcel."},
        ],
        usage={"input_tokens": 5, "output_tokens": 7},
    )
    return Session.objects.get(pk=session.pk)
