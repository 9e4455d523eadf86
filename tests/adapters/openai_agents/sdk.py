"""What these tests take from the SDK, and the adapter, which needs it. Without it they are skipped."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager

import pytest
from asgiref.sync import async_to_sync

pytest.importorskip("agents", reason="openai-agents is not installed")

from agents import (
    Agent,
    RunConfig,
    Runner,
    Session,
    SessionSettings,
    SQLiteSession,
    Usage,
    function_tool,
    set_tracing_disabled,
)
from agents.memory import OpenAIResponsesCompactionSession
from agents.models.default_models import get_default_model
from agents.testing import ModelStep, ScriptedModel, assistant_message, function_call
from openai.types.responses import ResponseReasoningItem

from sessions_app.adapters.openai_agents import DjangoSession, store
from sessions_app.adapters.openai_agents.hooks import model_of

__all__ = [
    "Agent",
    "DjangoSession",
    "ModelStep",
    "OpenAIResponsesCompactionSession",
    "ResponseReasoningItem",
    "RunConfig",
    "Runner",
    "SQLiteSession",
    "ScriptedModel",
    "Session",
    "SessionSettings",
    "Usage",
    "assistant_message",
    "function_call",
    "function_tool",
    "get_default_model",
    "in_transaction",
    "loop_of_this_thread",
    "model_of",
    "said",
    "set_tracing_disabled",
    "store",
    "wait_for",
]
set_tracing_disabled(True)


def wait_for(coroutine):
    """What a coroutine returns, on an event loop that is closed afterwards."""
    return asyncio.run(coroutine)


def in_transaction(coroutine):
    """What a coroutine returns; its work with the database is part of the test's own transaction."""

    async def run():
        return await coroutine

    return async_to_sync(run)()


@contextmanager
def loop_of_this_thread():
    """``Runner.run_sync`` uses the thread's event loop and leaves it open."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        asyncio.set_event_loop(None)
        loop.close()


def said(*texts):
    """Messages of user and agent in turn."""
    return [{"role": ("user", "assistant")[index % 2], "content": text} for index, text in enumerate(texts)]
