from __future__ import annotations


def test_agno_os_client(run_client):
    """All session methods of agno's ``AgentOSClient``, unmodified."""
    run_client("agno", "session_surface.py")
