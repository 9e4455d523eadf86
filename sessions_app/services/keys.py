"""API keys that are shut out."""

from __future__ import annotations

from django.db.models import QuerySet

from sessions_app.models import APIKey
from sessions_app.querysets import forget_changed_keys
from sessions_app.transactions import atomic_write


@atomic_write
def revoke_keys(*, keys: QuerySet[APIKey]) -> list[APIKey]:
    """Shut keys out for good. Gives those that were still let in."""
    revoked = list(keys.order_by().select_for_update().filter(revoked=False))
    keys.model._default_manager.using(keys.db).filter(pk__in=[key.pk for key in revoked]).update(revoked=True)
    forget_changed_keys(using=keys.db)
    return revoked
