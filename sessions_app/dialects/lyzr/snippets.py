"""First steps with lyzr-agent-api."""

from __future__ import annotations

from sessions_app.snippets import Program, Wire, register

READ = """\
from lyzr_agent_api import AgentAPI

api = AgentAPI(base_url="@URL@", x_api_key="@KEY@")
print(api.get_user_sessions_endpoint("maria"))
"""
WRITE = """\
from lyzr_agent_api import AgentAPI, Session

api = AgentAPI(base_url="@URL@", x_api_key="@KEY@")
session = api.create_session_endpoint(json_body=Session(user_id="maria", metadata={"title": "First steps"}))
print(api.get_session_endpoint(session["session_id"]))
"""

register(
    Wire(
        title="Lyzr",
        route="lyzr-sessions",
        path="/v1/sessions",
        programs=(
            Program(client="Python, lyzr-agent-api", install="pip install lyzr-agent-api", read=READ, write=WRITE),
        ),
    )
)
