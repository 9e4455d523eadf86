"""What AgentOS answered, replayed on our store: the same requests in the same order, and the same answers.

``AGNO_GOLDEN`` and ``AGNO_SEED_ROWS`` name the files; without them they are looked for beside the repository.
"""

from __future__ import annotations

import json
import os
import re
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from sessions_app import services
from sessions_app.mappings.agno.runs import run_dict, store_run
from sessions_app.mappings.agno.sessions import session_data, store_session
from tests.conftest import Client

CONTRACTS = Path(__file__).resolve().parents[3].parent / "shared" / "contracts"
GOLDEN = Path(os.environ.get("AGNO_GOLDEN", CONTRACTS / "agno-golden.jsonl"))
SEED_ROWS = Path(os.environ.get("AGNO_SEED_ROWS", CONTRACTS / "agno-seed-rows.json"))
SECRET = "OSK_golden"
SETTINGS = {"DB_IDS": {"golden-db": "default"}, "AGNO_CHAT_HISTORY_SKIPS_ROLES": ("system", "tool")}

missing = [path for path in (GOLDEN, SEED_ROWS) if not path.exists()]
pytestmark = pytest.mark.skipif(bool(missing), reason=f"not there: {', '.join(map(str, missing))}")
RECORDS = [] if missing else [json.loads(line) for line in GOLDEN.read_text().splitlines() if line.strip()]
SERVERS = [name for name, _ in groupby(RECORDS, lambda record: record["server"])]


def load(project):
    """The rows of AgentOS' two tables in ours. Runs do not move their session's ``updated_at``."""
    rows = json.loads(SEED_ROWS.read_text())
    stored = {row["session_id"]: store_session(project, row) for row in rows["sessions"]}
    for row in sorted(
        rows["runs"], key=lambda row: (row.get("run_index") or 0, row.get("created_at") or 0, row["run_id"])
    ):
        store_run(stored[row["session_id"]], row["run_data"])
    for session in stored.values():
        services.update_session(session=session, updated_at=session.updated_at)


def send(record, key):
    request = record["request"]
    headers = {name: value.replace(SECRET, key.secret) for name, value in request.get("headers", {}).items()}
    if record["server"] == "open":
        headers["Authorization"] = f"Bearer {key.secret}"
    content_type = headers.pop("Content-Type", "application/json")
    options: dict[str, Any] = {"headers": headers}
    if "raw" in request:
        options |= {"data": request["raw"].encode(), "content_type": content_type}
    elif "json" in request:
        options |= {"data": json.dumps(request["json"]).encode(), "content_type": content_type}
    path, _, query = request["path"].partition("?")
    return Client().generic(request["method"], path, QUERY_STRING=query, **options)


def body_of(response):
    is_json = response.headers.get("Content-Type", "").startswith("application/json")
    return json.loads(response.content) if is_json and response.content else None


def without(value, paths, path="$"):
    """``value`` with the type's name in place of what lies at one of ``paths``."""
    if path in paths:
        return f"<{type(value).__name__}>"
    if isinstance(value, dict):
        return {key: without(item, paths, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, list):
        return [without(item, paths, f"{path}[{index}]") for index, item in enumerate(value)]
    return value


def difference(expected, ours, path="$"):
    """The first place where two bodies differ."""
    if isinstance(expected, dict) and isinstance(ours, dict):
        for key in [*expected, *(key for key in ours if key not in expected)]:
            if key not in expected or key not in ours:
                return f"{path}.{key} is {'missing' if key in expected else 'too much'}: {(expected | ours)[key]!r}"
            if found := difference(expected[key], ours[key], f"{path}.{key}"):
                return found
        return None
    if isinstance(expected, list) and isinstance(ours, list) and len(expected) == len(ours):
        found = (difference(*pair, f"{path}[{index}]") for index, pair in enumerate(zip(expected, ours, strict=True)))
        return next(filter(None, found), None)
    return None if _same(expected, ours) else f"{path}: {expected!r} expected, not {ours!r}"


def _same(expected, ours):
    return expected == ours and isinstance(expected, bool) == isinstance(ours, bool)


def off(record, response):
    """What is wrong with our answer; None where nothing is."""
    recorded = record["response"]
    if recorded is None and record["expect"] == "same":
        return "status 500" if response.status_code == 500 else None
    if record["expect"] == "ours-differs":
        return off_our_way(record, response)
    if response.status_code != recorded["status"]:
        return f"status {recorded['status']} expected, not {response.status_code}: {response.content[:300]!r}"
    paths = set(record["volatile"])
    return difference(without(recorded.get("json"), paths), without(body_of(response), paths))


def off_our_way(record, response):
    """A record that we answer differently on purpose: what its sentence says holds, and we do differ."""
    sentence, recorded, body = record["ours"], record["response"], body_of(response)
    if response.status_code >= 500:
        return f"status {response.status_code}"
    stated = re.match(r"(?P<status>[1-5]\d\d)\b(?:\s+(?:\"(?P<double>[^\"]*)\"|`(?P<tick>[^`]*)`))?", sentence)
    if stated and int(stated["status"]) != response.status_code:
        return f"status {stated['status']} expected, not {response.status_code}"
    text = stated and (stated["double"] or stated["tick"])
    if text and body != {"detail": text}:
        return f"{text!r} expected, not {body!r}"
    if record["slug"] in BY_HAND and not BY_HAND[record["slug"]](body):
        return f"not as {sentence!r} says: {body!r}"
    if recorded is not None and (recorded["status"], recorded.get("json")) == (response.status_code, body):
        return "we answer as upstream does"
    return None


def newest_first(body):
    ids = [row["session_id"] for row in body["data"]]
    moments = [row["created_at"] for row in body["data"]]
    return bool(ids) and moments == sorted(moments, reverse=True) and ids[0] == "sess-inputonly"


BY_HAND = {
    "list-name-unicode": lambda body: [row["session_name"] for row in body["data"]] == ["Ünïcode 100% _x_"],
    "list-sort-unknown": newest_first,
    "list-sort-session-name": newest_first,
    "patch-wrong-type-readback": lambda body: body["session_name"] == "x" * 500,
    "info": lambda body: body["auth_mode"] == "security_key" and body["agent_count"] == 0,
}


@pytest.mark.parametrize("server", dict.fromkeys(SERVERS))
def test_every_record_is_answered_as_recorded(server, project, key):
    load(project)
    found = []
    with override_settings(AGENT_SESSIONS=SETTINGS):
        for record in (record for record in RECORDS if record["server"] == server):
            request = record["request"]
            if problem := off(record, send(record, key)):
                found.append(f"{record['slug']} ({request['method']} {request['path']}): {problem}")
    assert not found, "\n" + "\n".join(found)


def test_every_seed_run_comes_out_equal(project):
    load(project)
    seed = json.loads(SEED_ROWS.read_text())
    for row in seed["runs"]:
        session = project.sessions.get(session_id=row["session_id"])
        run = session.runs.get(run_id=row["run_id"])
        payloads = [message.payload for message in run.messages.in_order()]
        assert run_dict(run, payloads, session) == row["run_data"]
    for row in seed["sessions"]:
        session = project.sessions.get(session_id=row["session_id"])
        assert session_data(session) == row["session_data"]


def test_the_comparison_sees_differences():
    assert difference({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}) == "$.a[1].b: 2 expected, not 3"
    assert difference({"a": 1}, {}) == "$.a is missing: 1"
    assert difference({}, {"a": None}) == "$.a is too much: None"
    assert difference([True], [1]) is not None
    assert difference({"a": [1.5, None]}, {"a": [1.5, None]}) is None
    assert without({"a": {"b": "x"}, "c": ["y"]}, {"$.a.b", "$.c[0]"}) == {"a": {"b": "<str>"}, "c": ["<str>"]}
