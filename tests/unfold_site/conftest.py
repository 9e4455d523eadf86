"""These tests need unfold in INSTALLED_APPS: ``tests/test_unfold.py`` runs them with this folder's settings."""

from django.apps import apps

collect_ignore_glob = [] if apps.is_installed("unfold") else ["test_*.py"]
