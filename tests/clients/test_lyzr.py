"""Lyzr's own Python client."""

from __future__ import annotations


def test_its_session_surface(run_client):
    assert "all well" in run_client("lyzr", "session_surface.py")
