"""The WSGI entry: ``granian --interface wsgi project.wsgi:application``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
_site = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The site. A whole answer goes out as a list, which granian sends at once; anything else it asks for one piece
    after the other, which costs small answers some 5 %.
    """
    answer = _site(environ, start_response)
    if not isinstance(answer, HttpResponse):  # A stream, or a file.
        return answer
    body = [answer.content]
    answer.close()
    return body
