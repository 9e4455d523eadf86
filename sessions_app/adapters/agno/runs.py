"""The run methods of agno's ``BaseDb``, as ``SqliteDb`` means them."""

from __future__ import annotations

import json
from typing import Any

from agno.db.utils import validate_pagination
from django.db.models import F, Q, TextField
from django.db.models.functions import Cast

from sessions_app import services
from sessions_app.adapters.agno import writing
from sessions_app.adapters.agno.objects import plain, run_object, run_type
from sessions_app.adapters.agno.reading import run_rows
from sessions_app.adapters.agno.store import Store
from sessions_app.adapters.threads import from_anywhere
from sessions_app.exceptions import RunNotFound
from sessions_app.models import RunMetadata
from sessions_app.querysets import RunQuerySet
from sessions_app.text import is_storable

_SORTS = {
    **{name: name for name in ("run_id", "user_id", "parent_run_id", "status", "created_at", "updated_at")},
    "session_id": "session__session_id",
    "run_index": "position",
}


class RunMethods(Store):
    @from_anywhere
    def get_run(self, run_id: str, deserialize: bool | None = True) -> Any:
        """The run as an object or as a row; None where there is none. Of several in this project: the newest."""
        rows = run_rows(self._runs(run_id=run_id).order_by("-created_at", "-pk")[:1])
        return (run_object(rows[0]) if deserialize else rows[0]) if rows else None

    @from_anywhere
    def get_runs(
        self,
        session_id: str | None = None,
        user_id: str | None = None,
        agent_id: str | None = None,
        team_id: str | None = None,
        workflow_id: str | None = None,
        status: Any = None,
        limit: int | None = None,
        page: int | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
        deserialize: bool | None = True,
    ) -> Any:
        """Runs as objects, or ``(rows, how many there are)``; in their session's order unless asked otherwise."""
        validate_pagination(limit, page)
        found = self._runs(session__session_id=session_id, user_id=user_id, status=getattr(status, "value", status))
        for kind, component_id in (("agent", agent_id), ("team", team_id), ("workflow", workflow_id)):
            if component_id is not None:
                found = _of_component(found, kind, component_id)
        total = 0 if deserialize else found.count()
        listed = _in_order(found, sort_by, sort_order)
        if limit is not None:
            start = ((page or 1) - 1) * limit
            listed = listed[start : start + limit]
        rows = run_rows(listed)
        return [run_object(row) for row in rows] if deserialize else (rows, total)

    @from_anywhere
    def upsert_run(self, run: Any, session_id: str, user_id: str | None = None, run_index: int | None = None) -> None:
        """Write one run, object or dict. Its place among the session's runs is set once: ``run_index`` where that is
        free, else the next one. Raises ValueError without a run id, SessionNotFound.
        """
        data = run if isinstance(run, dict) else run.to_dict()
        if data.get("run_id") is None:
            raise ValueError("Run must have a run_id")
        row = {"user_id": user_id, "run_type": run_type(run)}
        position = data.get("run_index") if run_index is None else run_index
        place = position if type(position) is int else None
        writing.write_run(self.project, session_id, plain(data), row, place)

    @from_anywhere
    def delete_run(self, run_id: str) -> bool:
        """Delete a run, in every session of this project that has one of this id; whether there was any."""
        return self._delete_runs([run_id]) > 0

    @from_anywhere
    def delete_runs(self, run_ids: list[str]) -> None:
        """As ``delete_run`` for each."""
        self._delete_runs(run_ids)

    @from_anywhere
    def cancel_pending_run(
        self,
        run_id: str,
        *,
        session_id: str,
        reason: str,
        user_id: str | None = None,
        expected_status: str = "PENDING",
    ) -> bool:
        """Cancel a run that still waits or runs, as expected, in one write; whether it did."""
        if expected_status not in writing.CANCELLABLE:
            raise ValueError("Only Pending or Running runs can be cancelled by recovery")
        run = self._runs(run_id=run_id, session__session_id=session_id).order_by().first()
        try:
            return run is not None and writing.cancel_run(
                run, reason=reason, user_id=user_id, expected_status=expected_status
            )
        except (RunNotFound, RunMetadata.DoesNotExist):
            return False

    def _runs(self, **asked: str | None) -> RunQuerySet:
        """The project's runs with these values; None asks for nothing."""
        wanted = {name: value for name, value in asked.items() if value is not None}
        runs = RunMetadata.objects.using(self.using).filter(session__project=self.project)
        return runs.filter(**wanted) if all(map(is_storable, wanted.values())) else runs.none()

    def _delete_runs(self, run_ids: list[str]) -> int:
        found = [run for run_id in dict.fromkeys(run_ids) for run in self._runs(run_id=run_id)]
        for run in found:
            services.delete_run(run=run)
        return len(found)


def _of_component(runs: RunQuerySet, kind: str, component_id: str) -> RunQuerySet:
    """Runs of this agent, team or workflow: as the one that ran, or as the one for which another one ran."""
    if not is_storable(component_id):
        return runs.none()
    said = f'"{kind}_id":{json.dumps(component_id, ensure_ascii=False)}'
    ran = Q(agent__type=kind, agent__agent_id=component_id)
    return runs.alias(said=Cast("details", TextField())).filter(ran | Q(said__contains=said))


def _in_order(runs: RunQuerySet, sort_by: str | None, sort_order: str | None) -> RunQuerySet:
    column = _SORTS.get(sort_by or "")
    if column is None:
        return runs.order_by("position", "created_at", "pk")
    first = F(column).asc(nulls_first=True) if sort_order == "asc" else F(column).desc(nulls_last=True)
    return runs.order_by(first, "position", "pk")
