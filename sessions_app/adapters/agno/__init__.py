"""Agno's sessions and runs in our tables: ``Agent(db=DjangoDb())``."""

from sessions_app.adapters.agno.database import AsyncDjangoDb, DjangoDb

__all__ = ["AsyncDjangoDb", "DjangoDb"]
