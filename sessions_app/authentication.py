"""From a request's headers to the API key that opens the door."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from sessions_app.models import APIKey

_SCHEMES = {"bearer", "api-key"}


class APIKeyAuthentication(BaseAuthentication):
    """Puts the ``APIKey`` into ``request.auth``.

    Takes ``x-api-key: K``, ``Authorization: Bearer K``, ``Authorization: Api-Key K`` and ``Authorization: K``.
    """

    def authenticate(self, request: Request) -> tuple[AnonymousUser, APIKey] | None:
        secret = secret_of(request)
        if secret is None:
            return None
        key = APIKey.objects.from_secret(secret)
        if key is None:
            raise AuthenticationFailed("Invalid API key", code="invalid_key")
        key.mark_used()
        return AnonymousUser(), key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def secret_of(request: Request) -> str | None:
    """The key that a request carries, of whatever form; None where it carries none."""
    sent: dict[str, str] = request.META  # To look into request.headers would read all of them.
    if secret := sent.get("HTTP_X_API_KEY", "").strip():
        return secret
    header = sent.get("HTTP_AUTHORIZATION", "").strip()
    scheme, space, rest = header.partition(" ")
    if space and scheme.lower() in _SCHEMES:
        return rest.strip()
    return header or None
