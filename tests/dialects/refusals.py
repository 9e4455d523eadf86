"""What those hear who are refused."""

from __future__ import annotations

WRONG = {"detail": "Invalid API key"}


def assert_refused(response, *statuses, sent=""):
    """Says so in our shape."""
    asked = [response.request[name][:200] for name in ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING")]
    assert response.status_code in (statuses or range(400, 500)), (asked, sent[:200], response.content[:200])
    assert response["Content-Type"] == "application/json"
    detail = response.json()["detail"]
    if response.status_code == 422:
        assert detail
        for error in detail:
            assert error.keys() >= {"loc", "msg", "type"}
            assert error["loc"][0] in {"path", "query", "body"}
            assert all(isinstance(step, str | int) for step in error["loc"])
            assert isinstance(error["msg"], str)
            assert isinstance(error["type"], str)
    else:
        assert isinstance(detail, str)
