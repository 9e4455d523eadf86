"""First steps with AgentOSClient."""

from __future__ import annotations

from sessions_app.snippets import Program, Wire, register

OPENING = """\
import asyncio

from agno.client import AgentOSClient

client = AgentOSClient("@URL@")
headers = {"Authorization": "Bearer @KEY@"}  # for every call
"""
READ = f"""\
{OPENING}
found = asyncio.run(client.get_sessions(headers=headers))
print([session.session_id for session in found.data])
"""
WRITE = f"""\
{OPENING}

async def main():
    made = await client.create_session(agent_id="first-steps", user_id="maria", headers=headers)
    return await client.get_session(made.session_id, headers=headers)


print(asyncio.run(main()))
"""

register(
    Wire(
        title="Agno AgentOS",
        route="agno-sessions",
        path="/sessions",
        programs=(Program(client="Python, AgentOSClient", install="pip install agno fastapi", read=READ, write=WRITE),),
    )
)
