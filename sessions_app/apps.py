"""The app's entry in INSTALLED_APPS."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_delete, post_save
from django.utils.translation import gettext_lazy as _


class SessionsAppConfig(AppConfig):
    name = "sessions_app"
    label = "sessions_app"
    verbose_name = _("Agent sessions")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from sessions_app.adapters import register_sources
        from sessions_app.checks import check_search_indexes, check_settings
        from sessions_app.dialects import load_ready, load_settings, load_snippets
        from sessions_app.models import APIKey, Project
        from sessions_app.querysets import forget_changed_keys

        load_settings()
        register_sources()
        load_snippets()
        load_ready()
        checks.register(check_settings, checks.Tags.compatibility)
        checks.register(check_search_indexes, checks.Tags.database)
        for changed in (post_save, post_delete):
            for model in (APIKey, Project):
                name = f"sessions_app.forget_changed_keys.{model.__name__}"
                changed.connect(forget_changed_keys, sender=model, dispatch_uid=name)
