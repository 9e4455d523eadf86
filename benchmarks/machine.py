"""What a measurement was taken on."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path


def describe(database: str) -> str:
    """One line: processors, memory, Python and the packages that matter, and the database."""
    processor = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo", "model name")), platform.machine()
    )
    memory = next((int(line.split()[1]) / 2**20 for line in _lines("/proc/meminfo", "MemTotal")), 0)
    packages = ", ".join(f"{name} {version(name)}" for name in ("Django", "djangorestframework", "granian"))
    return (
        f"{os.cpu_count()} x {processor}, {memory:.0f} GiB, {platform.system()} {platform.release()}; "
        f"Python {platform.python_version()}, {packages}; {database}"
    )


def _lines(path: str, beginning: str) -> list[str]:
    file = Path(path)
    return [line for line in file.read_text().splitlines() if line.startswith(beginning)] if file.exists() else []
