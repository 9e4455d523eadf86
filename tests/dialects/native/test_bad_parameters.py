"""Parameters of a list that are unknown, wrong, empty or repeated."""

from __future__ import annotations

import pytest

from tests.dialects.native.finding import URL, found, make


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("agent=x", ["agent"]),
        ("agent_id=%00", ["agent_id"]),
        ("agent_id=" + "x" * 256, ["agent_id"]),
        ("type=robot", ["type"]),
        ("user_id=%00", ["user_id"]),
        ("status=DONE", ["status"]),
        ("q=%00", ["q"]),
        ("tag=%00", ["tag"]),
        ("has_errors=maybe", ["has_errors"]),
        ("sort=name", ["sort"]),
        ("sort=--tokens", ["sort"]),
        ("limit=5", ["limit"]),
        ("metadata=x", ["metadata"]),
        ("meta.data=x", ["meta.data"]),
        ("sort=x&agent=x&type=robot&page_size=0", ["agent", "page_size", "sort", "type"]),
    ],
)
def test_a_bad_parameter_is_422(client, query, names):
    response = client.get(f"{URL}?{query}")
    assert response.status_code == 422
    assert sorted(error["loc"] for error in response.json()["detail"]) == [["query", name] for name in names]


@pytest.mark.parametrize("name", ["agent_id", "type", "user_id", "status", "q", "tag", "sort", "page_size", "cursor"])
def test_an_empty_parameter_is_not_given_or_422(client, project, name):
    make(project, "a", user_id="")
    response = client.get(f"{URL}?{name}=")
    assert response.status_code in {200, 422}


def test_of_a_repeated_parameter_the_last_counts(client, project):
    make(project, "a", user_id="a")
    make(project, "b", user_id="b")
    assert found(client, ("user_id", "a"), ("user_id", "b")) == {"b"}
