"""Sessions in the admin: each part of it has a module of its own."""

from __future__ import annotations

from django.contrib import admin

from sessions_app.admin.sessions.actions import SessionActions
from sessions_app.admin.sessions.listing import SessionList
from sessions_app.admin.sessions.overview import SessionOverview
from sessions_app.admin.sessions.page import SessionPage
from sessions_app.admin.sessions.transcript import SessionTranscript
from sessions_app.models import Session


@admin.register(Session)
class SessionAdmin(SessionList, SessionActions, SessionPage, SessionTranscript, SessionOverview):
    """Sessions. Their counts and sums follow from runs and messages, which have lists of their own."""
