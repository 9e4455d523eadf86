"""The reference site as one that uses django-unfold."""

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS, MIDDLEWARE

INSTALLED_APPS = ["unfold", *INSTALLED_APPS]
MIDDLEWARE = [each for each in MIDDLEWARE if not each.startswith("project.csp")]  # Unfold has scripts in its pages.
