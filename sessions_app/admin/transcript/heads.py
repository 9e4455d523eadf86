"""What stands above the messages of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString

from sessions_app.admin import moments, numbers
from sessions_app.admin.addresses import change_url
from sessions_app.admin.display import status_label
from sessions_app.admin.transcript.links import Action, Links
from sessions_app.admin.transcript.text import Body, json_body, one_line, plain_body, value_body
from sessions_app.costs import cost_of_run
from sessions_app.models import RunMetadata

DEEPEST = 2
"""Levels that a page indents."""


@dataclass(frozen=True, slots=True)
class RunHead:
    """A run. ``is_begun`` says that its first message stands right below, not in an earlier place."""

    pk: int
    position: int
    run_id: str
    url: str
    agent: str
    model: str
    status: SafeString | str
    is_error: bool
    error: Body | None
    tokens: int
    token_details: str
    cost: str
    duration: str
    time: SafeString
    is_begun: bool = True
    depth: int = 0
    parent: tuple[str, str] | None = None
    is_hidden: bool = False
    original: Body | None = None
    history_url: str = ""
    input: Body | None = None
    content: Body | None = None
    actions: list[Action] = field(default_factory=list)


def run_head(
    run: Any, parents: Mapping[str, Any], links: Links, *, is_begun: bool = True, has_words: bool = False
) -> RunHead:
    """The head of a run; with its own words (``has_words``) where no message says them."""
    parent = parents.get(run.parent_run_id or "")
    original = run.original if links.may_reveal else None
    cost = cost_of_run(run)
    has_history = getattr(run, "has_history", False) and is_begun
    return RunHead(
        pk=run.pk,
        position=run.position,
        run_id=one_line(run.run_id, 255),
        url=change_url(RunMetadata, run.pk),
        agent=one_line(str(run.agent or "")),
        model=one_line(run.model_id),
        status=status_label(run.status),
        is_error=failed(run),
        error=plain_body(run.error, links.run_text(run.pk, "error")) if run.error else None,
        tokens=run.total_tokens,
        token_details=numbers.in_and_out(run.input_tokens, run.output_tokens),
        cost="" if cost is None else numbers.dollars(cost),
        duration="" if run.duration_ms is None else numbers.duration(run.duration_ms),
        time=moments.moment(run.created_at),
        is_begun=is_begun,
        depth=_depth(run, parent),
        parent=_parent(run, parent, links),
        is_hidden=run.is_redacted,
        original=json_body(original) if original is not None else None,
        history_url=f"{links.transcript}?history=1&at={run.first}" if has_history else "",
        input=_words(run, "input", links) if has_words else None,
        content=_words(run, "content", links) if has_words else None,
        actions=links.run_actions(run),
    )


def failed(run: RunMetadata) -> bool:
    """Whether a run went wrong."""
    return run.is_error or run.status == RunMetadata.Status.ERROR


def _words(run: RunMetadata, column: str, links: Links) -> Body | None:
    value = getattr(run, column)
    return None if value is None else value_body(value, links.run_text(run.pk, column))


def _depth(run: RunMetadata, parent: Any) -> int:
    if not run.parent_run_id:
        return 0
    return DEEPEST if parent is not None and parent.parent_run_id else 1


def _parent(run: RunMetadata, parent: Any, links: Links) -> tuple[str, str] | None:
    """The name and address of the run that started this one; no address where it is not here."""
    if not run.parent_run_id:
        return None
    if parent is None:
        return one_line(run.parent_run_id), ""
    return one_line(str(parent.agent or parent.run_id)), f"{links.transcript}?run={parent.pk}#run-{parent.position}"
