"""Databases that are made for a measurement, and dropped after it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Server:
    """Where databases are made: ``address`` is a URL without a database's name, or a folder for SQLite's files."""

    address: str

    @property
    def name(self) -> str:
        if self.is_sqlite:
            import sqlite3

            return f"SQLite {sqlite3.sqlite_version}"
        return f"PostgreSQL {self._psql('postgres', 'SHOW server_version').strip()}"

    @property
    def is_sqlite(self) -> bool:
        return "://" not in self.address

    def make(self, name: str) -> str:
        """An empty database; its URL."""
        self.drop(name)
        if not self.is_sqlite:
            self._psql("postgres", f'CREATE DATABASE "{name}"')
        return self.url(name)

    def drop(self, name: str) -> None:
        if self.is_sqlite:
            for file in Path(self.address).glob(f"{name}.sqlite3*"):
                file.unlink()
        else:
            self._psql("postgres", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def url(self, name: str) -> str:
        return f"sqlite:///{self.address}/{name}.sqlite3" if self.is_sqlite else f"{self.address}/{name}"

    def _psql(self, database: str, sql: str) -> str:
        command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", self.url(database), "-c", sql]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def sqlalchemy_url(url: str) -> str:
    """The URL as SQLAlchemy wants it, with the driver that is installed for it."""
    parts = urlsplit(url)
    return url if parts.scheme == "sqlite" else parts._replace(scheme="postgresql+psycopg").geturl()


def site(url: str) -> dict[str, str]:
    """The reference site's environment with this database, whatever the shell says: DEBUG would log each statement."""
    return {"DATABASE_URL": url, "SECRET_KEY": "benchmarks", "DEBUG": ""}
