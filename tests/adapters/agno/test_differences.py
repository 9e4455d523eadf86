"""The same random operations on ours and on two of agno's own databases; every answer is compared.

What differs on purpose is left out: the moments of changes; run ids that two sessions share, objects that came to be
old while somebody else wrote, and run indexes given twice, of which agno's databases lose something.
"""

from __future__ import annotations

import json
import math
from copy import deepcopy

import pytest
from agno.db.base import SessionType
from agno.db.in_memory import InMemoryDb
from agno.db.sqlite import SqliteDb
from agno.run.agent import RunOutput
from agno.run.base import RunStatus
from agno.run.team import TeamRunOutput
from agno.run.workflow import WorkflowRunOutput
from agno.session import AgentSession, TeamSession, WorkflowSession
from agno.session.summary import SessionSummary
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from sessions_app.adapters.agno import DjangoDb
from tests import factories

KINDS = {"a": (AgentSession, RunOutput), "t": (TeamSession, TeamRunOutput), "w": (WorkflowSession, WorkflowRunOutput)}
NAMES = {"a": "agent", "t": "team", "w": "workflow"}
IDS = ["a0", "a1", "t0", "w0"]
UNCOMPARED = {"updated_at", "run_index"}

ids = st.sampled_from(IDS)
users = st.sampled_from([None, "u", "v"])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
objects = st.dictionaries(st.text(max_size=5), values, max_size=4)
states = st.none() | st.fixed_dictionaries({}, optional={"session_state": objects, "session_name": st.text(max_size=9)})
summaries = st.none() | st.builds(SessionSummary, summary=st.text(max_size=9), topics=st.none() | st.just(["x"]))
statuses = st.sampled_from(list(RunStatus))
flags = st.booleans()
kinds = st.none() | st.sampled_from(list(SessionType))


def plain(value):
    """A result as text that can be compared: objects as their dicts, without what may differ."""

    def cleaned(item):
        if isinstance(item, dict):
            return {key: cleaned(inner) for key, inner in item.items() if key not in UNCOMPARED}
        if isinstance(item, list | tuple):
            return [cleaned(inner) for inner in item]
        if hasattr(item, "to_dict"):
            return [type(item).__name__, cleaned(item.to_dict())]
        return "-0.0" if isinstance(item, float) and item == 0 and math.copysign(1, item) < 0 else item

    return json.dumps(cleaned(value), sort_keys=True)


class Databases(RuleBasedStateMachine):
    """Ours beside ``SqliteDb``, which has all methods, and ``InMemoryDb``, which shows rows in a form of its own."""

    def __init__(self):
        super().__init__()
        self.ours = DjangoDb(factories.ProjectFactory())
        self.sqlite = SqliteDb(
            db_engine=create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
        )
        self.sqlite._create_all_tables()
        self.memory = InMemoryDb()

    def teardown(self):
        self.sqlite.db_engine.dispose()

    def compare(self, call, *, memory=True, order=True):
        """Call all; ours must answer as ``SqliteDb``, and, for objects, as ``InMemoryDb``."""
        ours, theirs = call(self.ours), call(self.sqlite)
        if not order:
            ours, theirs = (sorted(map(plain, each)) for each in (ours, theirs))
        assert plain(ours) == plain(theirs)
        if memory:
            also = call(self.memory)
            assert plain(ours) == (plain(also) if order else plain(sorted(map(plain, also))))

    def session(self, session_id, user, data, metadata, summary):
        kind, name = KINDS[session_id[0]][0], NAMES[session_id[0]]
        more = {} if kind is WorkflowSession else {"summary": deepcopy(summary)}
        return kind(
            session_id=session_id,
            user_id=user,
            session_data=deepcopy(data),
            metadata=deepcopy(metadata),
            created_at=1_700_000_000 + IDS.index(session_id),
            **{f"{name}_id": f"the-{name}", f"{name}_data": {"name": "N"}},
            **more,
        )

    @rule(session_id=ids, user=users, data=states, metadata=st.none() | objects, summary=summaries, many=flags)
    def write(self, session_id, user, data, metadata, summary, many):
        def call(db):
            session = self.session(session_id, user, data, metadata, summary)
            return db.upsert_sessions([session]) if many else db.upsert_session(session)

        self.compare(call)

    @rule(session_id=ids, user=users, data=states, metadata=st.none() | objects)
    def write_for_a_row(self, session_id, user, data, metadata):
        def call(db):
            row = db.upsert_session(self.session(session_id, user, data, metadata, None), deserialize=False)
            return row and {key: row.get(key) for key in ("session_id", "user_id", "session_data", "metadata", "runs")}

        self.compare(call)

    @rule(session_id=ids, key=st.sampled_from(["x", "y"]), value=values, name=st.none() | st.text(max_size=5))
    def read_and_change(self, session_id, key, value, name):
        def call(db):
            session = db.get_session(session_id)
            if session is None:
                return None
            session.session_data = {**(session.session_data or {}), "extra": deepcopy(value)}
            state = session.session_data.get("session_state") or {}
            session.session_data["session_state"] = {**state, key: deepcopy(value)}
            if name is not None:
                session.metadata = {**(session.metadata or {}), "name": name}
            return db.upsert_session(session)

        self.compare(call)

    @rule(session_id=ids, number=st.integers(0, 3), status=statuses, said=st.lists(st.text(max_size=5), max_size=3))
    def write_run(self, session_id, number, status, said):
        name = NAMES[session_id[0]]
        run = {
            "run_id": f"{session_id}-{number}",
            f"{name}_id": f"the-{name}",
            "status": status.value,
            "content": said[-1] if said else None,
            "created_at": 1_700_000_000 + number,
            "messages": [
                {"id": str(index), "role": "user", "content": text, "created_at": 1_700_000_000}
                for index, text in enumerate(said)
            ],
            **({"parent_run_id": f"{session_id}-0"} if number == 3 else {}),
        }

        def call(db):
            session = db.get_session(session_id)
            if session is None:
                return None
            known = [each.run_id for each in session.runs]
            index = known.index(run["run_id"]) if run["run_id"] in known else len(known)
            output = KINDS[session_id[0]][1].from_dict(deepcopy(run))
            return db.upsert_run(output, session_id, user_id=session.user_id, run_index=index)

        self.compare(call)

    @rule(session_id=ids, user=users, limit=st.none() | st.integers(1, 3))
    def read(self, session_id, user, limit):
        self.compare(lambda db: db.get_session(session_id, user_id=user, runs_limit=limit))
        names = ("session_id", "session_type", "user_id", "session_data", "metadata", "created_at")

        def row(db):
            found = db.get_session(session_id, user_id=user, deserialize=False, runs_limit=limit)
            return found and {**{name: found.get(name) for name in names}, "runs": found["runs"] or []}

        self.compare(row)

    @rule(
        kind=st.none() | st.sampled_from(list(SessionType)), user=users, has=flags, start=st.none() | st.integers(0, 4)
    )
    def list_all(self, kind, user, has, start):
        since = None if start is None else 1_700_000_000 + start
        asked = {"session_type": kind, "user_id": user, "start_timestamp": since, "include_runs": has}
        self.compare(lambda db: db.get_sessions(**asked), order=False)

    @rule(limit=st.integers(1, 3), page=st.integers(1, 3), order=st.sampled_from([None, "asc", "desc"]))
    def list_pages(self, limit, page, order):
        asked = {"limit": limit, "page": page, "sort_by": "created_at", "sort_order": order}
        self.compare(lambda db: db.get_sessions(**asked, include_runs=True))

        def rows(db):
            found, total = db.get_sessions(**asked, deserialize=False, include_runs=False)
            return [[row["session_id"], row["user_id"], row["session_data"]] for row in found], total

        self.compare(rows)

    @rule(session_id=ids, user=users, name=st.text(max_size=5))
    def rename(self, session_id, user, name):
        kind = SessionType(NAMES[session_id[0]])
        self.compare(lambda db: db.rename_session(session_id, kind, name, user_id=user))

    @rule(session_id=ids, user=users)
    def delete(self, session_id, user):
        self.compare(lambda db: db.delete_session(session_id, user_id=user))

    @rule(session_ids=st.lists(ids, max_size=3), user=users)
    def delete_several(self, session_ids, user):
        self.compare(lambda db: db.delete_sessions(session_ids, user_id=user))

    @rule(session_id=ids, number=st.integers(0, 3), many=flags)
    def delete_run(self, session_id, number, many):
        run_id = f"{session_id}-{number}"
        self.compare(lambda db: db.delete_runs([run_id, "no"]) if many else db.delete_run(run_id))

    @rule(session_id=ids, number=st.integers(0, 3), status=st.none() | statuses, user=users)
    def read_runs(self, session_id, number, status, user):
        self.compare(lambda db: db.get_run(f"{session_id}-{number}"))
        asked = {"session_id": session_id, "status": status, "user_id": user}
        self.compare(lambda db: db.get_runs(**asked), memory=False)
        self.compare(lambda db: db.get_runs(**asked, deserialize=False), memory=False)

    @rule(session_id=ids, number=st.integers(0, 3), user=users, expected=st.sampled_from(["PENDING", "RUNNING"]))
    def cancel(self, session_id, number, user, expected):
        run_id, asked = f"{session_id}-{number}", {"session_id": session_id, "reason": "why"}
        asked |= {"user_id": user, "expected_status": expected}
        if self.sqlite.get_run(run_id) is None:
            assert self.ours.cancel_pending_run(run_id, **asked) is False
            return
        self.compare(lambda db: db.cancel_pending_run(run_id, **asked), memory=False)
        run = self.sqlite.get_run(run_id, deserialize=False)
        for session in self.memory._sessions.values():  # It has no such method.
            session["runs"] = [
                {**run["run_data"]} if each["run_id"] == run_id else each for each in session["runs"] or []
            ]

    @rule(session_id=ids, user=st.sampled_from(["u", "v"]), to=users)
    def give_away(self, session_id, user, to):
        asked = {"previous_user_id": user, "user_id": to}
        self.compare(lambda db: db.reassign_session_owner(session_id, **asked), memory=False)
        found = self.sqlite.get_session(session_id)
        if found is not None:
            self.memory._sessions[session_id]["user_id"] = found.user_id  # It has no such method.


@pytest.mark.django_db
def test_ours_answers_as_agnos_own_databases():
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    options = settings(max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=slow)
    run_state_machine_as_test(Databases, settings=options)
