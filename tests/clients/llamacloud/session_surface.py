"""LlamaCloud's Python SDK: every chat operation, sync and async, in strict mode.

Arguments: address, key, read-only key.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
import uuid
from urllib.parse import quote

import httpx
import llama_cloud
from llama_cloud import AsyncLlamaCloud, LlamaCloud

URL, KEY, READ_ONLY_KEY = sys.argv[1:4]
ODD_IDS = ["a@b.c", "two words", "セッション-é", "100%", "a?b#c", "x:y;z,w"]
MESSAGES = [
    {"role": "system", "content": "Be kind."},
    {"role": "user", "content": "How many?\u2028Really?"},
    {
        "role": "assistant",
        "content": None,
        "reasoning_content": "I count.",
        "tool_calls": [
            {"id": "call-1", "type": "function", "function": {"name": "count", "arguments": '{"of": "ships"}'}},
            {"id": "call-2", "type": "function", "function": {"name": "count", "arguments": "[1]"}},
        ],
    },
    {"role": "tool", "tool_call_id": "call-1", "content": "3"},
    {"role": "tool", "tool_call_id": "call-2", "content": None},
    {"role": "assistant", "content": "Three."},
]


def options(key=KEY):
    return {"api_key": key, "base_url": URL, "max_retries": 0, "_strict_response_validation": True}


async def done(value):
    """What a call gives, of the sync client or the async one."""
    return await value if inspect.isawaitable(value) else value


async def everything(pages):
    """All items, by the SDK's own auto-pagination."""
    if hasattr(pages, "__aiter__"):
        return [item async for item in pages]
    return list(pages)


async def events_of(chat, session_id, **arguments):
    """The events of a stream, read as the SDK's users do."""
    streaming = chat.with_streaming_response.stream(session_id, **arguments)
    if hasattr(streaming, "__aenter__"):
        async with streaming as response:
            lines = [line async for line in response.iter_lines()]
    else:
        with streaming as response:
            lines = list(response.iter_lines())
    assert response.headers["content-type"] == "text/event-stream"
    assert response.headers["cache-control"] == "no-cache"
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]


async def fails(error, call):
    try:
        await done(call())
    except error as raised:
        return raised
    raise AssertionError(f"no {error.__name__}")


async def walk(client, chat):
    made = [await done(chat.create()) for _ in range(5)]
    assert len({session.session_id for session in made}) == 5
    for session in made:
        assert (session.index_ids, session.generated_title, session.job_metadata) == (None, None, None)
        assert session.shared_access == "read_only"
    listed = await everything(chat.list(page_size=2))
    assert [session.session_id for session in listed][:5] == [session.session_id for session in reversed(made)]
    assert len({session.session_id for session in listed}) == len(listed)
    assert len(await everything(chat.list(page_size=None, page_token=None))) == len(listed)

    bound = await done(chat.create(index_ids=["idx-1", "idx-2"], shared_access="query"))
    assert (bound.index_ids, bound.shared_access) == (["idx-1", "idx-2"], "query")
    await streams(client, chat, bound.session_id)
    assert await done(chat.delete(bound.session_id)) is None
    await fails(llama_cloud.NotFoundError, lambda: chat.retrieve(bound.session_id))
    await errors(chat, made[0].session_id)


async def streams(client, chat, session_id):
    prompt = "Grüße?\u2028\x85 日本 👩‍👧"
    events = await events_of(chat, session_id, index_ids=["idx-1"], prompt=prompt, require_all_indexes=True)
    assert events[0] == {"type": "user_input", "content": prompt}
    assert (events[-1]["type"], events[-1]["is_error"]) == ("stop", True)
    assert events[-1]["error"]
    full = await done(chat.retrieve(session_id))
    assert [event.to_dict() for event in full.events] == events
    assert [type(event).__name__ for event in full.events] == ["EventUserInputEvent", "EventStopEvent"]
    assert full.index_ids == ["idx-1"]
    summary = await done(chat.get_summary(session_id))
    assert summary.generated_title == "Grüße? 日本 👩‍👧"
    assert (summary.job_metadata.is_error, summary.job_metadata.error) == (True, events[-1]["error"])
    path = f"/api/v1/chat/{session_id}/messages/stream"
    body = {"index_ids": [], "prompt": "Once more"}
    stream_class = llama_cloud.AsyncStream if isinstance(client, AsyncLlamaCloud) else llama_cloud.Stream
    parsed = client.post(path, cast_to=object, body=body, stream=True, stream_cls=stream_class[object])
    assert [event["type"] for event in await everything(await done(parsed))] == ["user_input", "stop"]
    locked = await fails(
        llama_cloud.UnprocessableEntityError, lambda: chat.stream(session_id, index_ids=["other"], prompt="x")
    )
    assert locked.body["detail"][0]["loc"] == ["body", "index_ids"]


async def errors(chat, session_id):
    await fails(llama_cloud.NotFoundError, lambda: chat.get_summary("unknown"))
    await fails(llama_cloud.NotFoundError, lambda: chat.delete("unknown"))
    await fails(llama_cloud.NotFoundError, lambda: chat.stream("unknown", index_ids=[], prompt="x"))
    await fails(llama_cloud.NotFoundError, lambda: chat.retrieve(session_id, project_id=str(uuid.uuid4())))
    await fails(llama_cloud.UnprocessableEntityError, lambda: chat.retrieve(session_id, project_id="x"))
    await fails(llama_cloud.UnprocessableEntityError, lambda: chat.create(index_ids=[str(n) for n in range(11)]))
    await fails(llama_cloud.UnprocessableEntityError, lambda: chat.create(shared_access="write"))


async def refusals(client_class, surface):
    wrong, reader = surface(client_class(**options("wrong.key"))), surface(client_class(**options(READ_ONLY_KEY)))
    await fails(llama_cloud.AuthenticationError, lambda: wrong.get_summary("x"))
    await fails(llama_cloud.AuthenticationError, wrong.create)
    assert await everything(reader.list())
    await fails(llama_cloud.PermissionDeniedError, reader.create)
    await fails(llama_cloud.PermissionDeniedError, lambda: reader.stream("shown@b.c", index_ids=[], prompt="x"))
    await fails(llama_cloud.PermissionDeniedError, lambda: reader.delete("shown@b.c"))


async def odd_ids(chat, write):
    """Sessions that our REST API wrote, under ids that no LlamaCloud would make."""
    for session_id in ODD_IDS:
        write(session_id)
        full = await done(chat.retrieve(session_id))
        assert full.session_id == (await done(chat.get_summary(session_id))).session_id == session_id
        kinds = ["user_input", "thinking", "tool_call", "tool_call", "tool_result", "tool_result", "text", "stop"]
        assert [event.type for event in full.events] == kinds
        assert [event.arguments for event in full.events[2:4]] == [{"of": "ships"}, {"value": [1]}]
        results = [(event.call_id, event.name, event.result) for event in full.events[4:6]]
        assert results == [("call-1", "count", "3"), ("call-2", "count", None)]
        assert full.job_metadata.is_error is False
        await events_of(chat, session_id, index_ids=["idx"], prompt="And?")
        await done(chat.delete(session_id))


def write(session_id):
    url = f"{URL}/api/sessions/{quote(session_id, safe='')}/runs?create=true"
    httpx.post(url, json={"messages": MESSAGES}, headers={"x-api-key": KEY}).raise_for_status()


def plain(chat):
    """The plain method gives the whole stream as text, where nothing is validated."""
    session = chat.create()
    body = chat.stream(session.session_id, index_ids=[], prompt="x")
    assert isinstance(body, str)
    assert body.startswith("data: {")
    assert body.endswith("}\n\n")


async def main():
    surfaces = [lambda client: client.chat, lambda client: client.beta.chat]
    write("shown@b.c")
    for surface in surfaces:
        client, aclient = LlamaCloud(**options()), AsyncLlamaCloud(**options())
        await walk(client, surface(client))
        await walk(aclient, surface(aclient))
        await refusals(LlamaCloud, surface)
        await refusals(AsyncLlamaCloud, surface)
        await odd_ids(surface(client), write)
        await odd_ids(surface(aclient), write)
        plain(surface(LlamaCloud(**{**options(), "_strict_response_validation": False})))


asyncio.run(main())
sys.stdout.write("ok\n")
