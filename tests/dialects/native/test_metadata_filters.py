"""``?metadata.key=value``: what a list compares with what, and which keys it refuses."""

from __future__ import annotations

import pytest

from tests.dialects.native.finding import URL, found, make

METADATA = {
    "text": {"v": "web"},
    "text 2": {"v": "2"},
    "number 1": {"v": 1},
    "number 2": {"v": 2},
    "float 1": {"v": 1.0},
    "float": {"v": 0.5},
    "zero": {"v": 0},
    "true": {"v": True},
    "text true": {"v": "true"},
    "false": {"v": False},
    "null": {"v": None},
    "text null": {"v": "null"},
    "empty": {"v": ""},
    "object": {"v": {"v": "web"}},
    "list": {"v": ["first", {"v": "deep"}]},
    "umlaut": {"v": "\u00fc\u30bb", "\u00fc": "x"},
    "quotes": {"v": "a'b\"c\\d", "k'": "x", "a b": "x", "%s": "%s"},
    "large": {"v": 9007199254740993},
    "nothing": None,
}


class TestMetadata:
    @pytest.fixture(autouse=True)
    def sessions(self, project):
        for session_id, metadata in METADATA.items():
            make(project, session_id, metadata=metadata)

    @pytest.mark.parametrize(
        ("path", "value", "ids"),
        [
            ("v", "web", {"text"}),
            ("v", "WEB", set()),
            ("v", "we", set()),
            ("v", "1", {"number 1", "float 1"}),
            ("v", "2", {"text 2", "number 2"}),
            ("v", "1.0", {"number 1", "float 1"}),
            ("v", "0.5", {"float"}),
            ("v", "0", {"zero"}),
            ("v", "true", {"true", "text true"}),
            ("v", "false", {"false"}),
            ("v", "null", {"null", "text null"}),
            ("v", "", {"empty"}),
            ("v", "\u00fc\u30bb", {"umlaut"}),
            ("v", "a'b\"c\\d", {"quotes"}),
            ("v", "9007199254740993", {"large"}),
            ("v", "{}", set()),
            ("v", "NaN", set()),
            ("v", "1e400", set()),
            ("v", "9" * 5000, set()),
            ("v", "\ufffd", set()),
            ("v.v", "web", {"object"}),
            ("v.0", "first", {"list"}),
            ("v.1.v", "deep", {"list"}),
            ("v.v.v", "web", set()),
            ("\u00fc", "x", {"umlaut"}),
            ("k'", "x", {"quotes"}),
            ("a b", "x", {"quotes"}),
            ("%s", "%s", {"quotes"}),
            ("$", "x", set()),
            ("*", "web", set()),
            ("[0]", "web", set()),
            ("unknown", "web", set()),
        ],
    )
    def test_it_compares_a_key(self, client, path, value, ids):
        assert found(client, (f"metadata.{path}", value)) == ids

    def test_filters_add_up(self, client, project):
        make(project, "both", metadata={"v": "web", "n": {"x": 5}})
        assert found(client, ("metadata.v", "web"), ("metadata.n.x", "5")) == {"both"}
        assert found(client, ("metadata.v", "web"), ("metadata.v", "1")) == set()

    @pytest.mark.parametrize(
        "name",
        [
            "metadata.",
            "metadata..",
            "metadata..a",
            "metadata.a.",
            "metadata.a..b",
            "metadata.\x00",
            "metadata.-1",
            "metadata.2147483648",
            "metadata." + "9" * 30,
            "metadata." + ".".join("a" * 31),
            "metadata." + "a." * 5000 + "a",
        ],
        ids=lambda name: ascii(name)[:30],
    )
    def test_a_broken_key_is_422(self, client, name):
        response = client.get(URL, {name: "1", "metadata.fine": "1"})
        assert response.status_code == 422
        assert [error["loc"] for error in response.json()["detail"]] == [["query", name]]

    def test_a_value_with_a_null_character_is_422(self, client):
        response = client.get(f"{URL}?metadata.a=%00")
        assert [error["loc"] for error in response.json()["detail"]] == [["query", "metadata.a"]]

    def test_30_levels_are_fine(self, client):
        assert found(client, ("metadata." + ".".join("a" * 30), "1")) == set()

    def test_50_filters_are_fine_and_more_are_not(self, client):
        assert found(client, *[(f"metadata.k{n}", "1") for n in range(50)]) == set()
        response = client.get(URL, {f"metadata.k{n}": "1" for n in range(51)})
        assert (response.status_code, response.json()["detail"][0]["loc"]) == (422, ["query"])
