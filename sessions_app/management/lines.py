"""Files of lines, read and written in pieces, packed or not."""

from __future__ import annotations

import gzip
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, TextIO, cast

from tqdm import tqdm

STANDARD = "-"
_GZIP_MAGIC = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_lines(name: str, *, hide_progress: bool) -> Iterator[tuple[int, bytes]]:
    """The lines of a file (``-``: standard input) that are not blank, with their numbers.

    Raises OSError, EOFError or zlib.error where it cannot be read to its end.
    """
    size = None if name == STANDARD else Path(name).stat().st_size
    with (
        _opened(name) as raw,
        unpacked(raw) as content,
        progress(total=size, hide=hide_progress, unit="B", unit_scale=True) as bar,
    ):
        for number, line in enumerate(content, start=1):
            cleaned = (line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line).strip()
            if cleaned:
                yield number, cleaned
            bar.update(len(line) if size is None else raw.tell() - bar.n)


def unpacked(raw: Any) -> AbstractContextManager[Any]:
    """The content of a buffered file, as it is or out of gzip."""
    return gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == _GZIP_MAGIC else nullcontext(raw)


@contextmanager
def whole_file(name: str) -> Iterator[TextIO]:
    """A text file to write, packed where its name ends in ``.gz``; it has its name once it is whole, not before."""
    part = Path(f"{name}.part")
    opened = gzip.open if name.endswith(".gz") else open
    try:
        with cast("TextIO", opened(part, "wt", encoding="utf-8", newline="\n")) as file:
            yield file
        os.replace(part, name)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def progress(*, total: int | None, hide: bool, **options: Any) -> tqdm[Any]:
    """A progress bar on standard error; none where that is no terminal."""
    return tqdm(total=total, disable=True if hide else None, file=sys.stderr, dynamic_ncols=True, **options)


def _opened(name: str) -> AbstractContextManager[Any]:
    return nullcontext(sys.stdin.buffer) if name == STANDARD else Path(name).open("rb")
