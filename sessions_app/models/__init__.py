"""The schema. A project is the tenant: everything else belongs to exactly one."""

from sessions_app.models.agents import Agent
from sessions_app.models.messages import Message
from sessions_app.models.projects import APIKey, Project
from sessions_app.models.runs import RunMetadata
from sessions_app.models.sessions import Session, Tag
from sessions_app.models.telemetry import Span, Trace
from sessions_app.models.usage import TokenUsage

__all__ = ["APIKey", "Agent", "Message", "Project", "RunMetadata", "Session", "Span", "Tag", "TokenUsage", "Trace"]
