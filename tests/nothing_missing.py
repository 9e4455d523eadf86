"""A pytest plugin for CI: a test that skips because something is not there is a failure."""

from __future__ import annotations

import re

ABSENCE = re.compile(
    r"absent|missing|unavailable|could not import|no module|no such|\bno \w+ (here|found)|"
    r"not (beside|there|here|present|installed|found|available|reachable|running)",
    re.IGNORECASE,
)
NOT_OURS_TO_SHIP = ("airline.jsonl", "agno-golden.jsonl", "agno-seed-rows.json")
"""Conversations and recordings that lie beside the repository on some machines; it holds none of them."""

absences: list[str] = []


def reason_for_failing(report) -> str | None:
    if not report.skipped or hasattr(report, "wasxfail"):
        return None
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    is_ours = not any(name in reason for name in NOT_OURS_TO_SHIP)
    return f"{report.nodeid}: {reason}" if ABSENCE.search(reason) and is_ours else None


def pytest_runtest_logreport(report):
    if reason := reason_for_failing(report):
        absences.append(reason)


pytest_collectreport = pytest_runtest_logreport


def pytest_sessionfinish(session):
    if absences and not hasattr(session.config, "workerinput"):
        session.exitstatus = 1


def pytest_terminal_summary(terminalreporter):
    if absences:
        terminalreporter.section("skipped for something that is not there")
        for reason in absences:
            terminalreporter.line(reason)
