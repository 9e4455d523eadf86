"""Settings that this dialect alone reads."""

from sessions_app import conf

conf.register(
    "LYZR_RESPONSE_SHAPES",
    check_id="sessions_app.E201",
    default="documented",
    problem=conf.one_of("documented", "observed"),
)
