"""First steps with our own API."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sessions_app.snippets import Program, Wire, register

READ = """\
curl -H "x-api-key: @KEY@" "@URL@/api/sessions"
"""
WRITE = """\
curl -X POST "@URL@/api/sessions/first-steps/messages?create=true" \\
  -H "x-api-key: @KEY@" -H "Content-Type: application/json" \\
  -d '[{"role": "user", "content": "Hello"}]'

curl -H "x-api-key: @KEY@" "@URL@/api/sessions"
"""

register(
    Wire(
        title=_("REST API"),
        route="session-list",
        path="/api/sessions",
        programs=(Program(client="curl", install="", read=READ, write=WRITE),),
        rank=0,
    )
)
