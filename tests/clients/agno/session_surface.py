"""Every session method of AgentOSClient, in use: ``session_surface.py URL KEY``."""

import asyncio
import sys
import uuid

import httpx
from agno.client import AgentOSClient
from agno.db.base import SessionType
from agno.os.schema import AgentSessionDetailSchema, TeamSessionDetailSchema, WorkflowSessionDetailSchema

URL, KEY = sys.argv[1:3]
HEADERS = {"Authorization": f"Bearer {KEY}"}
PREFIX = f"surface-{uuid.uuid4().hex[:8]}"
USER = f"{PREFIX}-maria"
ODD_IDS = ["a@b.c", "with spaces in it", "sess-ünï-日本", "plus+and=equals", "(brackets)[]", "colon:semi;comma,"]
TYPES = {
    SessionType.AGENT: AgentSessionDetailSchema,
    SessionType.TEAM: TeamSessionDetailSchema,
    SessionType.WORKFLOW: WorkflowSessionDetailSchema,
}


async def refused(call, status, detail):
    response = None
    try:
        await call
    except httpx.HTTPStatusError as error:
        response = error.response
    assert response is not None, f"{status} expected"
    assert (response.status_code, response.json()["detail"]) == (status, detail)


async def each_type(client):
    for type_, schema in TYPES.items():
        session_id = f"{PREFIX}-{type_.value}"
        made = await client.create_session(
            session_type=type_,
            session_id=session_id,
            user_id=USER,
            session_name=f"Über {type_.value} 100%",
            session_state={"step": 1, "nested": {"null": None}},
            metadata={"channel": "web"},
            **{f"{type_.value}_id": f"{PREFIX}-component"},
            headers=HEADERS,
        )
        assert isinstance(made, schema), made
        for asked in (type_, None):
            found = await client.get_session(session_id, session_type=asked, headers=HEADERS)
            assert isinstance(found, schema), found
            assert found.session_name == f"Über {type_.value} 100%"
            assert found.session_state == {"step": 1, "nested": {"null": None}}
            assert found.metadata == {"channel": "web"}
        again = client.create_session(session_type=type_, session_id=session_id, headers=HEADERS)
        text = f"Session with id '{session_id}' already exists. Use PATCH /sessions/{session_id} to update it."
        await refused(again, 409, text)


async def changes(client):
    session_id = f"{PREFIX}-agent"
    renamed = await client.rename_session(session_id, "Renamed", session_type=SessionType.AGENT, headers=HEADERS)
    assert (renamed.session_name, renamed.session_state["step"]) == ("Renamed", 1)
    changed = await client.update_session(
        session_id,
        session_type=SessionType.AGENT,
        session_state={"step": 2},
        metadata={"tags": ["a"]},
        summary={"summary": "A talk.", "updated_at": "2025-10-21T14:30:00Z"},
        user_id=USER,
        headers=HEADERS,
    )
    assert (changed.session_name, changed.session_state) == ("Renamed", {"step": 2})
    assert changed.metadata == {"tags": ["a"]}
    assert changed.session_summary == {"summary": "A talk.", "updated_at": "2025-10-21T14:30:00+00:00"}
    wrong = client.rename_session(session_id, "x", session_type=SessionType.TEAM, headers=HEADERS)
    await refused(wrong, 404, f"Team Session with id '{session_id}' not found")
    other = client.update_session(session_id, session_name="x", user_id="other", headers=HEADERS)
    await refused(other, 404, f"Session with id '{session_id}' not found")


async def lists(client):
    agent_id = f"{PREFIX}-listed"
    for number in range(7):
        await client.create_session(
            session_id=f"{PREFIX}-{number}", session_name=f"Name {number}", agent_id=agent_id, headers=HEADERS
        )
    seen, page = [], 1
    while True:
        found = await client.get_sessions(
            session_type=SessionType.AGENT,
            component_id=agent_id,
            limit=3,
            page=page,
            sort_by="session_id",
            sort_order="asc",
            headers=HEADERS,
        )
        assert (found.meta.page, found.meta.limit, found.meta.total_count, found.meta.total_pages) == (page, 3, 7, 3)
        if not found.data:
            break
        seen += [row.session_id for row in found.data]
        page += 1
    assert seen == [f"{PREFIX}-{number}" for number in range(7)]
    by_name = await client.get_sessions(component_id=agent_id, session_name="nAME 3", headers=HEADERS)
    assert [row.session_id for row in by_name.data] == [f"{PREFIX}-3"]
    by_user = await client.get_sessions(user_id=USER, session_name="über", headers=HEADERS)
    assert {row.session_id for row in by_user.data} == {f"{PREFIX}-team", f"{PREFIX}-workflow"}
    table = await client.get_sessions(user_id=USER, db_id="default", table="agno_sessions", headers=HEADERS)
    assert table.meta.total_count == 3
    await refused(client.get_sessions(db_id="nope", headers=HEADERS), 404, "No database found with id 'nope'")


async def runs(client):
    session_id = f"{PREFIX}-agent"
    statuses = ["COMPLETED", "ERROR", "COMPLETED"]
    async with httpx.AsyncClient(base_url=URL, headers=HEADERS) as native:
        for number, status in enumerate(statuses):
            question = {"role": "user", "content": f"Frage {number}?"}
            answer = {"role": "assistant", "content": f"Antwort {number}."}
            run = {"run_id": f"run {number}", "status": status, "messages": [question, answer], "content": "ä" * 300}
            run["created_at"] = 1757088129 + number
            response = await native.post(f"/api/sessions/{session_id}/runs", json=run)
            assert response.status_code == 201, response.text
    found = await client.get_session_runs(session_id, headers=HEADERS)
    assert [run.run_id for run in found] == ["run 0", "run 1", "run 2"]
    assert [run.run_input for run in found] == ["Frage 0?", "Frage 1?", "Frage 2?"]
    assert [message["role"] for message in found[0].messages] == ["user", "assistant"]
    failed = await client.get_session_runs(session_id, status=["error", "PAUSED"], headers=HEADERS)
    assert [run.run_id for run in failed] == ["run 1"]
    later = await client.get_session_runs(session_id, created_after=1757088130, user_id=USER, headers=HEADERS)
    assert [run.run_id for run in later] == ["run 1", "run 2"]
    one = await client.get_session_run(session_id, "run 2", headers=HEADERS)
    assert (one.run_id, one.content) == ("run 2", "ä" * 300)
    previews = await client.aget_session_run_previews(session_id, created_before=1757088129, headers=HEADERS)
    assert [(run.run_id, run.content_preview) for run in previews] == [("run 0", "ä" * 280)]
    in_thread = await asyncio.to_thread(client.get_session_run_previews, session_id, headers=HEADERS)
    assert len(in_thread) == 3
    detail = await client.get_session(session_id, headers=HEADERS)
    assert len(detail.chat_history) == 6
    nothing = client.get_session_run(f"{PREFIX}-team", "x", headers=HEADERS)
    await refused(nothing, 404, f"Session with ID {PREFIX}-team has no runs")
    unknown = client.get_session_run(session_id, "x", headers=HEADERS)
    await refused(unknown, 404, f"Run with ID x not found in session {session_id}")
    await refused(client.get_session_runs("nope", headers=HEADERS), 404, "Session with ID nope not found")


async def odd_ids(client):
    for odd in ODD_IDS:
        session_id = f"{PREFIX} {odd}"
        made = await client.create_session(session_id=session_id, agent_id="odd", headers=HEADERS)
        assert made.session_id == session_id
        renamed = await client.rename_session(session_id, odd, headers=HEADERS)
        assert renamed.session_name == odd
        assert (await client.get_session(session_id, headers=HEADERS)).session_id == session_id
        assert await client.get_session_runs(session_id, headers=HEADERS) == []
        await client.delete_session(session_id, headers=HEADERS)
        await refused(client.get_session(session_id, headers=HEADERS), 404, f"Session with id '{session_id}' not found")


async def deletes(client):
    ids = [f"{PREFIX}-{number}" for number in range(7)]
    await client.delete_session(ids[0], headers=HEADERS)
    await client.delete_session(ids[0], headers=HEADERS)
    await client.delete_session(ids[1], user_id="other", headers=HEADERS)
    assert (await client.get_session(ids[1], headers=HEADERS)).session_id == ids[1]
    await client.delete_sessions(ids, [SessionType.AGENT] * 7, headers=HEADERS)
    found = await client.get_sessions(component_id=f"{PREFIX}-listed", headers=HEADERS)
    assert (found.data, found.meta.total_count) == ([], 0)


async def doors(client):
    await refused(client.get_sessions(), 401, "Authorization header required")
    wrong = {"Authorization": "Bearer wrong"}
    await refused(client.get_session("x", headers=wrong), 401, "Invalid authentication token")
    for config in (
        await client.aget_config(headers=HEADERS),
        await asyncio.to_thread(client.get_config, headers=HEADERS),
    ):
        assert config.databases == ["default"]
        assert config.session.dbs[0].tables == ["agno_sessions"]


async def main():
    client = AgentOSClient(base_url=URL, timeout=60)
    for part in (each_type, changes, lists, runs, odd_ids, deletes, doors):
        await part(client)
        sys.stdout.write(f"{part.__name__} is well\n")


asyncio.run(main())
