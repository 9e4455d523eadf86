"""The host's idea of an error."""

from rest_framework.response import Response


def teapot(error, context):
    return Response({"oops": str(error)}, status=418)
