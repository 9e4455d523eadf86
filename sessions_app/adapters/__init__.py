"""Agent frameworks whose own storage classes write into our tables: one package each, named as on PyPI.

A framework is imported only inside its package, so that a site needs none of them.
"""

from __future__ import annotations

from sessions_app import sources

SOURCES = {
    "agno": "sessions_app.adapters.agno.source.open_store",
    "openai-agents": "sessions_app.adapters.openai_agents.source.open_store",
}
"""What opens a framework's own store for an import, by the scheme of its address."""


def register_sources() -> None:
    for scheme, path in SOURCES.items():
        sources.register(scheme, path)
