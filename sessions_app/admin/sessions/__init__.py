from sessions_app.admin.sessions.admin import SessionAdmin

__all__ = ["SessionAdmin"]
