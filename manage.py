#!/usr/bin/env python
"""Runs Django's commands for the reference site."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    if "SECRET_KEY" not in os.environ:
        os.environ.setdefault("DEBUG", "1")  # A machine of one's own. The servers' entry points assume no such thing.
    execute_from_command_line(sys.argv)
