"""The host's own page and API, all our URLs under a prefix, and one of our dialects alone under another."""

from django.contrib import admin
from django.urls import include, path
from rest_framework.decorators import api_view
from rest_framework.response import Response


@api_view(["GET"])
def weather(request):
    return Response({"weather": "fine"})


urlpatterns = [
    path("admin/", admin.site.urls),
    path("weather/", weather),
    path("agents/", include("sessions_app.urls")),
    path("lyzr-only/", include("sessions_app.dialects.lyzr.urls")),
]
