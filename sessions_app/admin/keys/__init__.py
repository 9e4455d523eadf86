"""API keys: made here, shown once, revoked. What would give a key away never reaches a page, an address or a log."""

from sessions_app.admin.keys.admin import APIKeyAdmin

__all__ = ["APIKeyAdmin"]
