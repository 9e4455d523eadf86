"""Settings that this dialect alone reads."""

from sessions_app import conf

conf.register("AGNO_CHAT_HISTORY_SKIPS_ROLES", check_id="sessions_app.E101", default=(), problem=conf.list_of_text)
conf.register("AGNO_COMPLETE_LIST_ROWS", check_id="sessions_app.E102", default=False, problem=conf.boolean)
