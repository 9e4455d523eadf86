"""Drives all of lyzr-agent-api that has to do with sessions. Arguments: the server's address and a key."""

from __future__ import annotations

import re
import sys
from urllib.parse import quote

import httpx
from lyzr_agent_api import AgentAPI, HTTPValidationError, Session

url, key = sys.argv[1:3]
api = AgentAPI(base_url=url, x_api_key=key, timeout=30)
ours = httpx.Client(base_url=url, headers={"x-api-key": key}, timeout=30)


def raises(status, call, *arguments, **keywords):
    try:
        answer = call(*arguments, **keywords)
    except httpx.HTTPStatusError as error:
        response = error.response
    else:
        raise AssertionError(f"{status} expected, got {answer!r}")
    assert response.status_code == status, response.text
    assert isinstance(response.json()["detail"], str)


def invalid(answer, *loc):
    assert isinstance(answer, HTTPValidationError), answer
    assert list(loc) in [error.loc for error in answer.detail], answer


# A session from its beginning to its end.
made = api.create_session_endpoint(json_body=Session(user_id="u@x.org", metadata={"title": "Parcel"}))
session_id = made["session_id"]
assert re.fullmatch("[0-9a-f]{24}", session_id)
for timeout in (30, None):
    got = api.get_session_endpoint(session_id, timeout=timeout)
    assert got.keys() == {"active", "session_id", "_id", "user_id", "created_at"}
    assert (got["active"], got["session_id"], got["user_id"]) == (False, session_id, "u@x.org")
    assert got["_id"] != session_id
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}", got["created_at"])
changed = api.update_session_endpoint(session_id, json_body=Session(user_id="u@x.org", metadata={"title": "Box"}))
assert changed == {"session_id": session_id, "metadata": {"title": "Box"}}
assert api.update_session_endpoint(session_id, json_body=Session("u@x.org", None))["metadata"] == {}
raises(409, api.update_session_endpoint, session_id, json_body=Session(user_id="other", metadata={}))

# What another wire wrote is read here.
assert api.get_session_history_endpoint(session_id) == {"history": []}
assert api.get_session_payload_endpoint(session_id) == {"summary": {}}
assert api.get_activities_by_user_session("u@x.org", session_id) == []
call = {"id": "c", "type": "function", "function": {"name": "find", "arguments": '{"n": 1}'}}
run = {
    "run_id": "r",
    "messages": [
        {"role": "user", "content": "Wo ist mein Päckchen? 📦"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "Tuesday", "tool_call_id": "c"},
        {"role": "assistant", "content": "Tuesday."},
    ],
}
assert ours.post(f"/api/sessions/{session_id}/runs", json=run).status_code == 201
assert ours.patch(f"/api/sessions/{session_id}", json={"summary": {"topics": ["a"]}}).status_code == 200
history = api.get_session_history_endpoint(session_id)["history"]
assert [item["content"] for item in history] == ["Wo ist mein Päckchen? 📦", "Tuesday."]
assert [item["role"] for item in history] == ["user", "assistant"]
assert api.get_session_history_endpoint(session_id, unix=None)["history"] == history
assert isinstance(api.get_session_history_endpoint(session_id, unix=True)["history"][0]["created_at"], float)
assert api.get_session_payload_endpoint(session_id) == {"summary": {"topics": ["a"]}}
activities = api.get_activities_by_user_session("u@x.org", session_id)
assert [item["log_data"]["content"] for item in activities] == ['ACTION: find({"n": 1})', "OBSERVATION: Tuesday"]
assert len({item["_id"] for item in activities}) == 2

# Users.
rows = api.get_user_sessions_endpoint("u@x.org")
assert [row["session_id"] for row in rows] == [session_id]
assert rows[0].keys() == {"session_id", "created_at"}
assert api.get_user_sessions_endpoint("nobody") == []
assert api.get_activities_by_user_session("nobody", session_id) == []
assert api.get_activities_by_user_session("u@x.org", "nothing") == []

# Odd ids, which this client puts into the path as they are.
for odd in ("a@b.c", "two words", "Grüße-日本", "123", "THREAD-1:2", "683f4657fcc016e56d66dbe8-o6aq76s9a5"):
    assert ours.post("/v3/sessions", json={"session_id": odd}).status_code == 200
    assert api.get_session_endpoint(odd)["session_id"] == odd
    assert api.get_session_history_endpoint(odd) == {"history": []}
    assert api.update_session_endpoint(odd, json_body=Session("default_user", {"a": odd}))["metadata"] == {"a": odd}
    assert ours.get(f"/v1/sessions/{quote(odd, safe='')}").json()["session_id"] == odd

# What goes wrong.
for read in (api.get_session_endpoint, api.get_session_history_endpoint, api.get_session_payload_endpoint):
    raises(404, read, "nothing")
    invalid(read("x" * 256), "path", "session_id")
raises(404, api.update_session_endpoint, "nothing", json_body=Session("u", {}))
invalid(api.create_session_endpoint(json_body=Session(user_id=None, metadata={})), "body", "user_id")
invalid(api.create_session_endpoint(json_body=Session(user_id="u", metadata=[])), "body", "metadata")
invalid(api.get_session_history_endpoint(session_id, unix="maybe"), "query", "unix")
invalid(api.get_activities_by_user_session("", ""), "query", "session_id")
raises(401, AgentAPI(base_url=url, x_api_key="wrong").get_session_endpoint, session_id)

# What needs no session. The client has no call for deletion.
assert isinstance(api.health_check(), dict)
for path in ("v1/sessions/", f"v1/sessions/{session_id}", "v2/activities", "v3/sessions/x/tree"):
    assert api.cors_(path) == {}
deleted = ours.delete(f"/v1/sessions/{session_id}")
assert (deleted.status_code, isinstance(deleted.json(), dict)) == (200, True)
raises(404, api.get_session_endpoint, session_id)

sys.stdout.write("all well")
