"""Settings that this dialect alone reads."""

from sessions_app import conf

conf.register("LLAMACLOUD_STREAM_JSON", check_id="sessions_app.E301", default=False, problem=conf.boolean)
conf.register("MAX_PROMPT_LENGTH", check_id="sessions_app.E302", default=None, problem=conf.positive_or_none)
