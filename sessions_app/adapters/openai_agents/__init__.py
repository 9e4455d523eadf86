"""Sessions of the OpenAI Agents SDK in our tables."""

from sessions_app.adapters.openai_agents.session import DjangoSession

__all__ = ["DjangoSession"]
