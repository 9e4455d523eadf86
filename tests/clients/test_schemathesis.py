"""The whole OpenAPI document against the live server: no server error, no answer that the document does not know."""

from __future__ import annotations

import os
import subprocess

from tests.clients.conftest import HERE

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
EXAMPLES = os.environ.get("SCHEMATHESIS_EXAMPLES", "10")
"""Random requests of each operation, besides those at the edges of each parameter."""
SEED = os.environ.get("SCHEMATHESIS_SEED", "1")
"""The same requests each time, so that a change is not blamed for what it did not do. Try others by hand."""


def test_the_server_answers_as_the_document_says(live_site, client_environment, tmp_path):
    live_site.manage("load_demo_sessions")
    python = client_environment("schemathesis")
    command = [str(python.parent / "schemathesis"), "run", f"{live_site.url}/schema?format=json", "--checks", CHECKS]
    command += ["--header", f"x-api-key: {live_site.key}", "--phases", "coverage,fuzzing", "--max-examples", EXAMPLES]
    command += ["--seed", SEED]
    environment = os.environ | {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE / "schemathesis")}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
