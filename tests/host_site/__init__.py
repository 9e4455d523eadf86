"""A foreign Django site whose settings are as unlike ours as may be. ``tests/test_host_site.py`` runs it."""
