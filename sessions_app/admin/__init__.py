"""The store in the Django admin: every model readable, searchable and editable, at any size."""

from sessions_app.admin.agents import AgentAdmin
from sessions_app.admin.keys import APIKeyAdmin
from sessions_app.admin.messages import MessageAdmin
from sessions_app.admin.projects import ProjectAdmin
from sessions_app.admin.runs import RunAdmin
from sessions_app.admin.sessions import SessionAdmin
from sessions_app.admin.tags import TagAdmin

__all__ = ["APIKeyAdmin", "AgentAdmin", "MessageAdmin", "ProjectAdmin", "RunAdmin", "SessionAdmin", "TagAdmin"]
