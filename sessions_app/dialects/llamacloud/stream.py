"""Server-sent events, framed so that every LlamaCloud SDK can read them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from django.http import StreamingHttpResponse

from sessions_app.dialects.llamacloud.events import Event

MEDIA_TYPE = "text/event-stream"
HEADERS = {
    "Cache-Control": "no-cache",
    "X-Accel-Buffering": "no",
    # Nothing between here and the client may compress the stream, as that holds frames back: GZipMiddleware, proxies.
    "Content-Encoding": "identity",
}


def event_stream(events: Iterable[Event]) -> StreamingHttpResponse:
    """An answer that sends its headers at once, and each event as it comes."""
    return StreamingHttpResponse(frames(events), content_type=MEDIA_TYPE, headers=HEADERS)


def frames(events: Iterable[Event]) -> Iterator[bytes]:
    return map(frame, events)


def frame(event: Event) -> bytes:
    """One event on one line, then a blank one. All but ASCII is escaped: readers split lines at U+2028 and others."""
    return f"data: {json.dumps(event, allow_nan=False)}\n\n".encode("ascii")
