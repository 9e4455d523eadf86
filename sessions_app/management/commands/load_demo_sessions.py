"""Sessions to look at."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from sessions_app import demo, documents
from sessions_app.documents import Outcome
from sessions_app.management import arguments


class Command(BaseCommand):
    help = (
        "Load a dozen made-up sessions of the last days that show what the store keeps: agents, teams and workflows, "
        "tools, errors, pictures, many scripts. Those that are there already stay as they are."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        arguments.add_project(parser)
        arguments.add_database(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        project = arguments.find_project(options["project"], options["database"])
        outcomes = [documents.write(project, document)[1] for document in demo.documents(timezone.now())]
        loaded = outcomes.count(Outcome.CREATED)
        if options["verbosity"]:
            there = len(outcomes) - loaded
            self.stdout.write(f"{arguments.number_of(loaded, 'demo session')} loaded, {there} already there.")
