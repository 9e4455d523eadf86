"""What Django, and Django REST framework, leave of the limit: views that do what it does, and nothing else.

There is no middleware, no key, and no JSON to write. ``BENCHMARK_FRAMEWORK`` says which of the two.
"""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="benchmarks",
    USE_TZ=True,
)

from django.core.wsgi import get_wsgi_application  # noqa: E402

application = get_wsgi_application()

from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.views import APIView  # noqa: E402

from benchmarks.limit import answer  # noqa: E402


def bare(request: HttpRequest, asked: str) -> HttpResponse:
    return HttpResponse(answer(request.META), content_type="application/json")


class Bare(APIView):
    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []

    def get(self, request: Request, asked: str) -> HttpResponse:
        return bare(request._request, asked)


VIEWS = {"Django": bare, "Django REST framework": Bare.as_view()}
urlpatterns = [path("<path:asked>", VIEWS[os.environ["BENCHMARK_FRAMEWORK"]])]
