"""Every write that touches more than one row, or that must see what others write.

Keyword arguments in, model instances out, ``exceptions`` raised. Each is one transaction, but for ``ensure_agent`` and
``get_or_create_session``, which look first whether there is anything to write, and ``retitle_sessions``, which has one
for each session. ``build_session`` writes nothing: it makes the rows that ``insert_sessions`` stores.
"""

from sessions_app.services.agents import Mention, delete_agent, ensure_agent, ensure_agents
from sessions_app.services.batches import retitle_sessions, tag_sessions
from sessions_app.services.branches import branch_session
from sessions_app.services.keys import revoke_keys
from sessions_app.services.messages import NewMessage, append_messages, delete_message, update_message
from sessions_app.services.moving import move_session
from sessions_app.services.portions import BuiltSession, NewSession, build_session, insert_sessions
from sessions_app.services.redaction import redact_message, redact_run, rehide, restore_message, restore_run
from sessions_app.services.rewriting import rewrite_run
from sessions_app.services.runfields import RunFields
from sessions_app.services.runs import delete_run, record_run, update_run
from sessions_app.services.sessions import (
    SessionFields,
    clear_session,
    create_session,
    delete_sessions,
    get_or_create_session,
    update_session,
)

__all__ = [
    "BuiltSession",
    "Mention",
    "NewMessage",
    "NewSession",
    "RunFields",
    "SessionFields",
    "append_messages",
    "branch_session",
    "build_session",
    "clear_session",
    "create_session",
    "delete_agent",
    "delete_message",
    "delete_run",
    "delete_sessions",
    "ensure_agent",
    "ensure_agents",
    "get_or_create_session",
    "insert_sessions",
    "move_session",
    "record_run",
    "redact_message",
    "redact_run",
    "rehide",
    "restore_message",
    "restore_run",
    "retitle_sessions",
    "revoke_keys",
    "rewrite_run",
    "tag_sessions",
    "update_message",
    "update_run",
    "update_session",
]
