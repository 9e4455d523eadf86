"""Sessions whose every word attacks the page that shows it: what runs sets ``window.hacked``, or asks another host."""

from __future__ import annotations

import base64
import json

from sessions_app import services
from sessions_app.models import RunMetadata
from sessions_app.services import NewMessage
from tests import factories

RUN = "window.hacked=1;alert(1)"
SCRIPT = f"</textarea></title></pre></template></script><script>{RUN}</script>"
HANDLERS = f"<img src=x onerror={RUN}><svg onload={RUN}><details open ontoggle={RUN}><input autofocus onfocus={RUN}>"
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{RUN}"><script>{RUN}</script></svg>'
SVG_URI = f"data:image/svg+xml;base64,{base64.b64encode(SVG.encode()).decode()}"
NAMES = [
    SCRIPT,
    HANDLERS,
    f"\"'><b onmouseover={RUN} style=position:fixed;inset:0>'",
    f"javascript:{RUN}",
    "{{ request.user.password }}{% debug %}${7*7}{{constructor.constructor('window.hacked=1')()}}",
    "</style><style>*{display:none}</style><link rel=stylesheet href=//evil.example/x.css>",
    "safe\u202egpj.exe \u2066\u2067 \u061c",
    "שלום עולם — مرحبا بالعالم",
    "🧨👨‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿" * 12,
    "W" * 255,
    "../../../etc/passwd?x=<>&y=%00%0a#'",
    '=HYPERLINK("http://evil.example")',
]
"""For whatever has a name or an id."""
URIS = [
    SVG_URI,
    f"data:text/html,<script>{RUN}</script>",
    f"javascript:{RUN}",
    f"JaVa\tScRiPt:{RUN}",
    f"vbscript:{RUN}",
    "file:///etc/passwd",
    "//evil.example/pixel.png",
    "https://evil.example/pixel.png",
    "blob:https://evil.example/1",
    'https://evil.example/"onload="' + RUN,
    "https://[::bad/x.png",
]
TEXTS = [
    SCRIPT,
    HANDLERS,
    f"<style>body{{background:url(https://evil.example/x)}}</style><iframe srcdoc='<script>{RUN}</script>'></iframe>",
    f"<form action=https://evil.example><button autofocus onfocus={RUN}><base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'><object data=https://evil.example></object>",
    " ".join(f"[link {number}]({uri})" for number, uri in enumerate(URIS)),
    " ".join(f"![picture {number}]({uri})" for number, uri in enumerate(URIS)),
    "\n\n".join(f"[ref{number}]: {uri}\n\n[ref{number}] ![ref{number}]" for number, uri in enumerate(URIS)),
    " ".join(f"<{uri}>" for uri in URIS),
    f"[e](&#106;avascript&colon;{RUN}) &lt;script&gt;{RUN}&lt;/script&gt; <!-- --><script>{RUN}</script> --!>",
    f'[t](https://evil.example/ "x\\" onmouseover={RUN} y=\\"") [![in](https://evil.example/i.png)](javascript:{RUN})',
    f'```"><script>{RUN}</script>\ncode\n```\n\n`<script>{RUN}</script>`',
    f"| a |\n|:--|\n| <b style=color:red onclick={RUN}> |",
    "before \u202eafter \u2066isolated \x00 \x1b[31m \ud800 \x85 \ufeff",
    "{{ 7|add:7 }} {% include 'admin/base.html' %} {% csrf_token %} ${alert(1)} #{7*7} <%= 7*7 %>",
    "expression(alert(1)); } body { display: none } @import url(//evil.example/x.css);",
    "مرحبا בעולם English " * 20,
    "e" + "\u0301" * 3000,
    "[" * 10_000 + "]" * 10_000,
    "> " * 10_000 + "deep",
    "- " * 5_000 + "deep",
    "*a **b " * 3_000,
    "<div>" * 10_000,
    "x" * 1_000_000,
    "| " * 2_000 + "\n" + "|-" * 2_000 + "|\n",
]


def fill(project):
    """A session for each name, all of whose names it is; the last has all texts, as every role says them."""
    sessions = [_named(project, name) for name in NAMES]
    worst = services.create_session(
        project=project, session_id="worst", user_id=SCRIPT, name=SCRIPT, agent=sessions[0].agent, tags=NAMES_OF_TAGS
    )
    services.update_session(session=worst, summary=TEXTS[3], state={name: name for name in NAMES}, metadata=METADATA)
    for number, text in enumerate(TEXTS):
        role = ("user", "assistant", "system", "tool")[number % 4]
        payload = {"role": role, "content": text, "tool_call_id": "none", "reasoning_content": text[:5000]}
        error = NAMES[number % len(NAMES)] * 9 if number % 3 else ""
        factories.RunFactory(session=worst, messages=[payload], error=error, input=text)
    factories.RunFactory(session=worst, messages=_tool_messages(), status=RunMetadata.Status.ERROR, error=SCRIPT)
    services.append_messages(session=worst, messages=[NewMessage(payload) for payload in _media_messages()])
    factories.APIKeyFactory(project=project, name=SCRIPT[:50], user_id=SCRIPT)
    worst.refresh_from_db()
    return worst


NAMES_OF_TAGS = [name[:100] for name in NAMES]
METADATA = {name: [name, {"deeper": name}] for name in NAMES}


def _named(project, name):
    agent = services.ensure_agent(
        project=project, agent_id=name, name=name, model={"provider": name, "name": name, "id": name}
    )
    session = services.create_session(
        project=project, session_id=name, user_id=name, name=name, agent=agent, tags=[name[:100]], metadata={name: name}
    )
    message = {"role": name[:64], "content": name, "name": name}
    run = {"run_id": name, "parent_run_id": name, "agent": agent, "model_provider": name, "model_id": name}
    factories.RunFactory(session=session, messages=[message], error=name, status="ERROR", user_id=name, **run)
    return session


def _tool_messages():
    nested = "[" * 10_000 + "]" * 10_000
    arguments = [SCRIPT, json.dumps({name: name for name in NAMES}), nested, json.dumps({"a": "y" * 1_000_000})]
    calls = [
        {"id": f"{SCRIPT}{number}", "type": "function", "function": {"name": NAMES[number], "arguments": text}}
        for number, text in enumerate(arguments)
    ]
    answers = [
        {"role": "tool", "tool_call_id": call["id"], "name": call["function"]["name"], "content": text}
        for call, text in zip(calls, arguments, strict=True)
    ]
    return [{"role": "assistant", "content": None, "tool_calls": calls}, *answers]


def _media_messages():
    linked = [{"type": "image_url", "image_url": {"url": uri}} for uri in URIS]
    svg = base64.b64encode(SVG.encode()).decode()
    files = [{"type": "file", "file": {"filename": name, "file_id": name}} for name in NAMES]
    return [
        {"role": "user", "content": linked},
        {"role": "user", "content": "x", "images": [{"content": svg, "mime_type": "image/svg+xml"}, *URIS]},
        {"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": svg, "format": SCRIPT}}, *files]},
        {"role": "user", "content": [{"type": SCRIPT, SCRIPT: SCRIPT}], "name": SCRIPT},
        {"role": SCRIPT[:64], "content": {"odd": SCRIPT}},
    ]
