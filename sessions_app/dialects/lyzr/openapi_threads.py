"""How Lyzr's operations of ``/v3`` are described."""

from __future__ import annotations

from sessions_app.dialects.lyzr import inputs, serializers
from sessions_app.dialects.lyzr.openapi import MAKE, MOMENT, SESSION_ID, WRITE, operation

ROOT: dict[str, object] = {
    "session_id": "t-1",
    "user_id": "u1",
    "org_id": "0b0c1f4e-4a3c-4a52-8a4c-4f8a4d5f6c7e",
    "agent_id": "683f4657fcc016e56d66dbe8",
    "metadata": {},
    "created_at": MOMENT,
    "updated_at": None,
    "parent_session_id": None,
    "branched_from_message_id": None,
    "root_session_id": None,
    "source": None,
}
MESSAGE_ID = "00000000002a000000000003"
BRANCH = {
    **ROOT,
    "session_id": "t-2",
    "parent_session_id": "t-1",
    "branched_from_message_id": MESSAGE_ID,
    "root_session_id": "t-1",
}
MESSAGE = {
    "id": MESSAGE_ID,
    "role": "assistant",
    "content": "It arrives on Tuesday.",
    "agent_id": "683f4657fcc016e56d66dbe8",
    "created_at": MOMENT,
}
PAGE = {"total": 1, "limit": 20, "offset": 0, "has_more": False}

thread_create = operation(
    "createLyzrThread",
    "Create a session with an id of one's own",
    "It belongs to the user of the key, else to `default_user`. An id that is taken is a 409.",
    serializers.LyzrThreadSerializer,
    ROOT,
    errors=(*MAKE, 409),
    request=inputs.LyzrNewThreadSerializer,
)
thread_list = operation(
    "listLyzrThreads",
    "List sessions, page by page",
    "Newest first.",
    serializers.LyzrThreadsSerializer,
    {"sessions": [ROOT], **PAGE},
    errors=(422,),
    parameters=[inputs.LyzrSessionListParameters],
)
thread_retrieve = operation(
    "getLyzrThread",
    "Get a session and where it branches from",
    "Parent and root are null where it branches from none.",
    serializers.LyzrThreadSerializer,
    ROOT,
    parameters=[SESSION_ID],
)
thread_update = operation(
    "updateLyzrThread",
    "Replace a session's metadata",
    "All that was there goes.",
    serializers.LyzrThreadSerializer,
    ROOT,
    errors=WRITE,
    parameters=[SESSION_ID],
    request=inputs.LyzrThreadUpdateSerializer,
)
thread_delete = operation(
    "deleteLyzrThread",
    "Delete a session, but not its branches",
    "With all its messages. Its branches have copies of what they share with it.",
    serializers.LyzrDeletedSessionSerializer,
    {"session_id": "t-1", "deleted": True},
    errors=(403, 404, 422),
    parameters=[SESSION_ID],
)
thread_messages = operation(
    "listLyzrThreadMessages",
    "List a session's messages, page by page",
    "What user and assistant said, oldest first; with `role` that role's messages.",
    serializers.LyzrThreadMessagesSerializer,
    {"messages": [MESSAGE], **PAGE},
    parameters=[SESSION_ID, inputs.LyzrMessageListParameters],
)
branch_create = operation(
    "createLyzrBranch",
    "Branch a session from a message on",
    "The branch has copies of all messages up to and with this one. A message of another session is a 422.",
    serializers.LyzrThreadSerializer,
    BRANCH,
    errors=WRITE,
    parameters=[SESSION_ID],
    request=inputs.LyzrNewBranchSerializer,
)
branch_list = operation(
    "listLyzrBranches",
    "List a session's branches",
    "Those that branch from the session itself, oldest first.",
    serializers.LyzrBranchesSerializer,
    {"branches": [BRANCH], "total": 1, "has_more": False},
    parameters=[SESSION_ID],
)
branch_tree = operation(
    "getLyzrTree",
    "Get the whole tree that a session is in",
    "Whichever of the tree's sessions is asked for.",
    serializers.LyzrTreeSerializer,
    {"root_session_id": "t-1", "nodes": [ROOT, BRANCH], "truncated": False},
    parameters=[SESSION_ID],
)
branch_ancestry = operation(
    "getLyzrAncestry",
    "Get the sessions that a session descends from",
    "The root first, the session itself last.",
    serializers.LyzrAncestrySerializer,
    {"ancestry": [ROOT, BRANCH]},
    parameters=[SESSION_ID],
)
