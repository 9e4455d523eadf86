"""What frameworks leave of the limit: views that do what it does, and nothing else.

There is no key, no URL to choose among, and no JSON to write. ``BENCHMARK_FRAMEWORK`` is ``django``, ``drf``
(Django REST framework), or ``headers``: Django with the middleware by which the reference site adds headers to answers.
"""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings

from project import settings as site

FRAMEWORK = os.environ["BENCHMARK_FRAMEWORK"]
HEADERS = site.MIDDLEWARE[: site.MIDDLEWARE.index("sessions_app.middleware.APIMiddleware")]
settings.configure(
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=HEADERS if FRAMEWORK == "headers" else [],
    CORS_ALLOWED_ORIGINS=site.CORS_ALLOWED_ORIGINS,
    CORS_URLS_REGEX=site.CORS_URLS_REGEX,
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


urlpatterns = [path("<path:asked>", Bare.as_view() if FRAMEWORK == "drf" else bare)]
