"""``make demo``: a store in SQLite with sessions to look at, a key, an admin login, and a server in front of them."""

# ruff: noqa: T201

from __future__ import annotations

import io
import os
import secrets
import socket
import sys
from pathlib import Path
from urllib.parse import quote

import django
from django.core.management import call_command

BASE_DIR = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
KEY_NAME = "make demo"
ADMIN = "admin"
PLENTY = {"sessions": 180, "runs_per_session": 2, "messages_per_run": 4, "agents": 3, "users": 30, "days": 70}
"""Sessions beside the demo's own ones."""


def main() -> None:
    port = port_of(os.environ.get("PORT", "8000"))
    os.chdir(BASE_DIR)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "project.settings",
        "DEBUG": "1",
        "DATABASE_URL": f"sqlite:///{BASE_DIR / 'db.sqlite3'}",
    }
    django.setup()
    call_command("migrate", verbosity=0)
    load_sessions()
    show(f"http://{HOST}:{port}", new_key(), new_password())
    serve(port)


def port_of(text: str) -> int:
    """The port to serve on. Exits with a sentence where that is not possible."""
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SystemExit(f"PORT must be a number from 1 to 65535, not {text!r}.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(text)))
        except OSError as error:
            raise SystemExit(f"Cannot serve on {HOST}:{text} ({error.strerror}). Try: make demo PORT=8137") from None
    return int(text)


def load_sessions() -> None:
    """The demo sessions, and plainer ones among them, so that a month of figures has something to show."""
    silent = {"stdout": io.StringIO(), "stderr": io.StringIO()}
    call_command("load_demo_sessions", **silent)
    call_command("fill_agent_sessions", yes=True, no_progress=True, **PLENTY, **silent)


def new_key() -> str:
    """A fresh API key of the project that the demo sessions are in; the key of an earlier demo goes."""
    from sessions_app.models import APIKey

    APIKey.objects.filter(name=KEY_NAME).delete()
    output = io.StringIO()
    call_command("create_agent_api_key", KEY_NAME, stdout=output, stderr=io.StringIO())
    return output.getvalue().strip()


def new_password() -> str:
    """A fresh random password of the admin, who is made when new."""
    from django.contrib.auth.models import User

    admin, _ = User.objects.get_or_create(username=ADMIN)
    password = secrets.token_urlsafe(12)
    admin.set_password(password)
    admin.is_active = admin.is_staff = admin.is_superuser = True
    admin.save()
    return password


def show(site: str, key: str, password: str) -> None:
    from sessions_app.models import Session

    finished = Session.objects.filter(type=Session.Type.AGENT, last_run_status="COMPLETED").exclude(agent=None)
    session = finished.select_related("agent").latest("message_count", "created_at")
    agent_id, session_id = quote(session.agent.agent_id, safe=""), quote(session.session_id, safe="")  # type: ignore[union-attr]
    print(f"API key: {key}")
    print(f"Admin: {site}/admin/ user {ADMIN} password {password}")
    print(f"Docs: {site}/docs")
    print("Try:")
    print(f'  curl -H "x-api-key: {key}" "{site}/v1/agent/{agent_id}/sessions"')
    print(f'  curl -H "Authorization: Bearer {key}" "{site}/api/v1/chat/{session_id}/summary"')
    print(f'  curl -H "Authorization: Bearer {key}" "{site}/sessions/{session_id}?type=agent"')
    print("Ctrl-C stops the server.", flush=True)


def serve(port: int) -> None:
    """Become the server: one process with a few threads, which is what SQLite is good at."""
    options = ["--interface", "wsgi", "--host", HOST, "--port", str(port), "--workers", "1", "--blocking-threads", "4"]
    command = [sys.executable, "-m", "granian", *options, "--log-level", "warning", "project.wsgi:application"]
    os.execv(sys.executable, command)  # noqa: S606


if __name__ == "__main__":
    main()
