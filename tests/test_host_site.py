"""The wheel, installed into a foreign site whose settings are hostile, and called over a real socket."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 60

pytestmark = pytest.mark.xdist_group("host_site")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy of what goes into it, so that no build leaves its traces in the repository."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("sessions_app", "tests", "project", "templates"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target), str(source)]
    subprocess.run(build, check=True, capture_output=True)
    [built] = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def site(wheel, tmp_path_factory):
    """Runs Python in a folder with the host site beside the installed wheel, far from the repository."""
    folder = tmp_path_factory.mktemp("host")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder / "packages")]
    subprocess.run([*install, "--no-index", str(wheel)], check=True, capture_output=True)
    shutil.copytree(ROOT / "tests" / "host_site", folder / "host_site")
    return Site(folder)


class Site:
    def __init__(self, folder):
        self.folder = folder
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")}
        self.environment |= {
            "DJANGO_SETTINGS_MODULE": "host_site.settings",
            "HOST_SITE_DATABASE": str(folder / "host.sqlite3"),
            "PYTHONPATH": os.pathsep.join([str(folder / "packages"), str(folder)]),
        }

    def python(self, *arguments):
        command = [sys.executable, *arguments]
        done = subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def serve(self, port, log):
        command = [sys.executable, "-m", "django", "runserver", "--noreload", f"127.0.0.1:{port}"]
        return subprocess.Popen(command, cwd=self.folder, env=self.environment, stdout=log, stderr=log)


@pytest.fixture(scope="module")
def key(site):
    site.python("-m", "django", "migrate", "--verbosity", "0")
    key = site.python("-m", "django", "create_agent_api_key", "host site").strip()
    site.python("-m", "host_site.seed")
    return key


@pytest.fixture(scope="module")
def http(site, key):
    """A client of the running site. It follows no redirect."""
    port = free_port()
    log_file = site.folder / "server.log"
    with log_file.open("w") as log, site.serve(port, log) as server:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as client:
                wait_for(client, server, log_file)
                yield client
        finally:
            server.terminate()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(client, server, log_file):
    deadline = time.monotonic() + READY_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            client.get("/weather/")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"The host site does not answer:\n{log_file.read_text()}")


def test_the_wheel_holds_the_app_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        shipped = set(archive.namelist())
    tops = {name.split("/")[0] for name in shipped}
    assert tops == {"sessions_app", next(top for top in tops if top.endswith(".dist-info"))}
    for path in (ROOT / "sessions_app").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert path.relative_to(ROOT).as_posix() in shipped
    assert {"sessions_app/py.typed", "sessions_app/migrations/0001_initial.py"} <= shipped
    for dialect in ("agno", "llamacloud", "lyzr", "native", "otlp"):
        assert f"sessions_app/dialects/{dialect}/README.md" in shipped


def test_the_site_runs_the_installed_wheel(site, key):
    imported = site.python("-c", "import sessions_app; print(sessions_app.__file__)").strip()
    assert Path(imported) == site.folder / "packages" / "sessions_app" / "__init__.py"


def test_the_site_passes_its_checks_and_needs_no_migration(site, key):
    site.python("-m", "django", "check", "--fail-level", "WARNING")
    site.python("-m", "django", "makemigrations", "--check", "--dry-run")


def test_the_host_keeps_its_own_ways(http):
    answer = http.get("/weather/")
    assert answer.status_code == 418
    assert answer.headers["content-type"].startswith("text/html")


def test_the_admin_works_with_the_hosts_users(http):
    assert http.get("/admin/login/").status_code == 200


SUMMARY = {"summary": {"summary": "A table for two."}}
CHAT_SUMMARY = {
    "session_id": "booking-1",
    "last_updated_at": "2025-09-05T16:02:09.000000",
    "shared_access": "read_only",
    "generated_title": "A table for two, please.",
    "index_ids": None,
    "job_metadata": {
        "error": None,
        "export_config_ids": None,
        "is_error": False,
        "total_input_tokens": 12345,
        "total_output_tokens": 6,
        "turns": 1,
    },
}
ANSWERS = {
    "/agents/v1/sessions/booking-1/summary": SUMMARY,
    "/agents/v1/agent/booking/sessions": {"sessions": ["booking-1"]},
    "/agents/api/v1/chat/booking-1/summary": CHAT_SUMMARY,
    "/lyzr-only/v1/sessions/booking-1/summary": SUMMARY,
    "/lyzr-only/v1/agent/booking/sessions": {"sessions": ["booking-1"]},
}
AGENT_SESSION = "/agents/sessions/booking-1"
NATIVE = ("/agents/api/agents", "/agents/api/sessions", "/agents/api/sessions/booking-1")
READS = (*ANSWERS, AGENT_SESSION, *NATIVE)
ACCEPTS = ("*/*", "application/json", "text/html", "application/json; version=3")


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("path", ANSWERS)
def test_the_documented_endpoints_answer_in_their_own_shape(http, key, path, slash):
    for accept in ACCEPTS:
        answer = http.get(path + slash, headers={"x-api-key": key, "accept": accept})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        assert answer.json() == ANSWERS[path]


@pytest.mark.parametrize("slash", ["", "/"])
def test_timestamps_are_utc_whatever_the_hosts_time_zone(http, key, slash):
    answer = http.get(AGENT_SESSION + slash, params={"type": "agent"}, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200
    assert answer.json()["created_at"] == answer.json()["updated_at"] == "2025-09-05T16:02:09Z"
    native = http.get(f"/agents/api/sessions/booking-1{slash}", headers={"x-api-key": key}).json()
    assert native["created_at"].startswith("2025-09-05T16:02:09")
    assert native["created_at"].endswith("Z")


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("path", READS)
def test_a_missing_or_wrong_key_is_401(http, path, slash):
    for headers in ({}, {"x-api-key": "wrong"}, {"Authorization": "Bearer abcdefgh.wrong"}):
        answer = http.get(path + slash, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/json"
        assert isinstance(answer.json()["detail"], str)


@pytest.mark.parametrize(
    "path",
    [
        "/agents/v1/sessions/unknown/summary",
        "/agents/v1/agent/unknown/sessions",
        "/agents/api/v1/chat/unknown/summary",
        "/agents/sessions/unknown",
        "/agents/api/sessions/unknown",
        "/lyzr-only/v1/sessions/unknown/summary",
    ],
)
def test_what_is_unknown_is_404(http, key, path):
    answer = http.get(path, headers={"x-api-key": key})
    assert answer.status_code == 404
    assert isinstance(answer.json()["detail"], str)


@pytest.mark.parametrize(
    ("path", "loc"),
    [
        ("/agents/sessions/booking-1?type=sailor", ["query", "type"]),
        ("/agents/api/v1/chat/booking-1/summary?project_id=7", ["query", "project_id"]),
        (f"/agents/v1/sessions/{'x' * 256}/summary", ["path", "session_id"]),
        (f"/lyzr-only/v1/agent/{'x' * 256}/sessions", ["path", "agent_id"]),
    ],
)
def test_what_is_wrong_is_422_with_its_place(http, key, path, loc):
    answer = http.get(path, headers={"x-api-key": key})
    assert answer.status_code == 422
    [problem] = answer.json()["detail"]
    assert problem["loc"] == loc
    assert {"loc", "msg", "type"} <= problem.keys()


@pytest.mark.parametrize("slash", ["", "/"])
def test_sessions_are_written_as_json_with_and_without_a_slash(http, key, slash):
    headers = {"x-api-key": key}
    session_id = f"written{len(slash)}"
    new = {"session_id": session_id, "agent_id": "booking", "metadata": {"weird": 1}}
    assert http.post(f"/agents/api/sessions{slash}", json=new, headers=headers).status_code == 201
    messages = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Grüezi"}]
    path = f"/agents/api/sessions/{session_id}"
    assert http.post(f"{path}/messages{slash}", json=messages, headers=headers).status_code == 201
    assert http.get(path + slash, headers=headers).json()["metadata"] == {"weird": 1}
    assert http.delete(path + slash, headers=headers).status_code == 204
    assert http.get(path + slash, headers=headers).status_code == 404


def test_a_wrong_body_is_422_with_its_place(http, key):
    answer = http.post("/agents/api/sessions", json={"session_id": {"a": 1}}, headers={"x-api-key": key})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"][0] == "body"


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_openapi_document_is_ours(http, slash):
    document = http.get(f"/agents/schema{slash}", params={"format": "json"})
    assert document.status_code == 200
    described = json.loads(document.text)
    assert described["info"]["title"] == "Agent sessions"
    assert {"/agents/v1/sessions/{session_id}/summary", "/agents/sessions/{session_id}"} <= described["paths"].keys()
    assert all(path.startswith(("/agents/", "/lyzr-only/")) for path in described["paths"])
    assert "/weather/" not in described["paths"]


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_docs_need_no_other_server(http, slash):
    page = http.get(f"/agents/docs{slash}")
    assert page.status_code == 200
    assert re.findall(r"https?://[^\s\"'<>]+", page.text) == []
    files = re.findall(r"(?:src|href)=\"([^\"]+)\"", page.text)
    assert len(files) >= 3
    for file in files:
        assert http.get(file).status_code == 200


def test_one_dialect_alone_serves_nothing_else(http, key):
    for path in ("sessions/booking-1", "api/sessions", "api/v1/chat/booking-1/summary", "schema", "docs"):
        assert http.get(f"/lyzr-only/{path}", headers={"x-api-key": key}).status_code == 404
