"""What schemathesis must not ask for: it takes 503, the documented answer to ``delete_media=true``, for a fault."""

import schemathesis


@schemathesis.hook
def filter_case(context, case):
    return "delete_media" not in (case.query or {})
