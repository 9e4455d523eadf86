"""Very many sessions to look at, and to measure with."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from sessions_app.demo.filling import fill
from sessions_app.demo.plenty import Plan
from sessions_app.management import arguments
from sessions_app.management.lines import progress

NUMBERS = {
    "sessions": (100_000, "Sessions to make. Default: 100000."),
    "runs_per_session": (1, "Runs of each session. Default: 1."),
    "messages_per_run": (3, "Messages of each run. Default: 3."),
    "agents": (50, "Agents that the sessions belong to. Default: 50."),
    "users": (1000, "Users that the sessions belong to. Default: 1000."),
    "days": (90, "Spread the sessions over so many days before now. Default: 90."),
}
MAX_DAYS = 36_500


class Command(BaseCommand):
    help = (
        "Fill a project with many made-up sessions: several agents, users, models and outcomes, with tags, errors and "
        "token counts. The same seed makes the same sessions, with times counted back from now; those that are there "
        "already stay as they are, so that an interrupted command can be given again. They are written in portions."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        for name, (default, text) in NUMBERS.items():
            parser.add_argument(f"--{name.replace('_', '-')}", type=int, metavar="N", default=default, help=text)
        parser.add_argument("--seed", type=int, metavar="N", default=0, help="What chance starts from. Default: 0.")
        parser.add_argument(
            "--yes", action="store_true", help="Also fill a project that has sessions, which the new ones mix with."
        )
        arguments.add_project(parser)
        arguments.add_no_progress(parser)
        arguments.add_database(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        for name in NUMBERS:
            if options[name] < 1:
                raise CommandError(f"--{name.replace('_', '-')} must be 1 or above.")
        if options["days"] > MAX_DAYS:
            raise CommandError(f"--days must be {MAX_DAYS} or below.")
        project = arguments.find_project(options["project"], options["database"])
        if not options["yes"] and project.sessions.exists():
            raise CommandError(f"Project {project.project_id} has sessions already. Give --yes to add to them.")
        plan = Plan(**{name: options[name] for name in NUMBERS}, seed=options["seed"], now=timezone.now())
        written = 0
        with progress(total=plan.sessions, hide=arguments.hides_progress(options), unit=" sessions") as bar:
            for planned, new in fill(project, plan):
                written += new
                bar.update(planned)
        if options["verbosity"]:
            there = plan.sessions - written
            self.stdout.write(f"{arguments.number_of(written, 'session')} written, {there} already there.")
