"""The reference site's settings, as the tests use them. DATABASE_URL chooses the database."""

import atexit
import os
import shutil
import tempfile

os.environ.setdefault("SECRET_KEY", "tests")

from project.settings import *  # noqa: F403
from project.settings import DATABASES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True  # Else each test client lists all static files anew, which takes longer than most tests.

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, since threads that share a database in memory meet "table is locked" where a file would make them wait.
    _directory = tempfile.mkdtemp(prefix="agent-sessions-tests-")
    atexit.register(shutil.rmtree, _directory, ignore_errors=True)
    # Else a browser's kept connection to a test's server would keep the file open for tests that come later.
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"]["TEST"] = {"NAME": os.path.join(_directory, "test.sqlite3")}
