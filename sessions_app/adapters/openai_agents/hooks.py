"""What the SDK tells hooks of a run, and not the session: which model is asked."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from agents import Agent, RunContextWrapper, RunHooks
from agents.items import TResponseInputItem
from agents.models.default_models import get_default_model

from sessions_app.adapters.openai_agents.store import Model

OPENAI = "openai"
_GATEWAYS = ("litellm/", "any-llm/")
"""Prefixes of names that say who asks the model, and not whose it is."""


class ModelHooks(RunHooks[Any]):
    """``Runner.run(agent, "Hello", session=session, hooks=session.hooks)``: the run's model is kept with the run."""

    def __init__(self) -> None:
        self.models: WeakKeyDictionary[RunContextWrapper[Any], Model] = WeakKeyDictionary()

    async def on_llm_start(
        self,
        context: RunContextWrapper[Any],
        agent: Agent[Any],
        system_prompt: str | None,
        input_items: list[TResponseInputItem],
    ) -> None:
        """Remember the model until the session is given what it said."""
        if model := model_of(agent.model):
            self.models[context] = model


def model_of(given: Any) -> Model | None:
    """Whose model it is, and its id, of an agent's ``model``: a name, an object that knows its name, or None."""
    name = get_default_model() if given is None else given if isinstance(given, str) else getattr(given, "model", None)
    if not isinstance(name, str) or not name:
        return None
    for prefix in _GATEWAYS:
        name = name.removeprefix(prefix)
    provider, slash, model_id = name.partition("/")
    if slash:
        return Model(provider, model_id)
    return Model(OPENAI if given is None or isinstance(given, str) else "", name)
