"""What an API key may do."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from sessions_app.models import APIKey


class HasAPIKey(BasePermission):
    """Some key is there."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.auth, APIKey)


class MayWrite(BasePermission):
    """A key with the scope ``read`` reads only."""

    message = "This API key may only read"

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.method in SAFE_METHODS or (isinstance(request.auth, APIKey) and request.auth.can_write)
