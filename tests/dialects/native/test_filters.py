from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from sessions_app import services
from tests import factories

URL = "/api/sessions"


def found(client, *query, **named):
    response = client.get(URL, QUERY_STRING=urlencode([*query, *named.items()]))
    assert response.status_code == 200, response.content
    return {row["session_id"] for row in response.json()["results"]}


def make(project, session_id, **fields):
    return services.create_session(project=project, session_id=session_id, **fields)


def test_without_a_filter_it_is_all(client, project):
    for session_id in ("a", "b"):
        make(project, session_id)
    assert found(client) == {"a", "b"}


def test_agent_and_type(client, project):
    for type_ in ("agent", "team"):
        agent = factories.AgentFactory(project=project, agent_id="x", type=type_)
        make(project, f"x {type_}", type=type_, agent=agent)
    make(project, "other", agent=factories.AgentFactory(project=project, agent_id="X"))
    make(project, "none")
    assert found(client, agent_id="x") == {"x agent", "x team"}
    assert found(client, agent_id="x", type="team") == {"x team"}
    assert found(client, type="agent") == {"x agent", "other", "none"}
    assert found(client, type="workflow") == found(client, agent_id="unknown") == set()


def test_user(client, project):
    for user_id in ("maria", "Maria", "maria ", "m\u00e4ria", None):
        make(project, repr(user_id), user_id=user_id)
    for user_id in ("maria", "Maria", "maria ", "m\u00e4ria"):
        assert found(client, user_id=user_id) == {repr(user_id)}


def test_status_of_the_last_run_and_errors(client, project):
    for session_id, statuses in {
        "a": ["ERROR", "COMPLETED"],
        "b": ["COMPLETED", "ERROR"],
        "c": ["RUNNING"],
        "d": [],
    }.items():
        session = make(project, session_id)
        for status in statuses:
            factories.RunFactory(session=session, status=status)
    assert found(client, status="COMPLETED") == {"a"}
    assert found(client, status="ERROR") == {"b"}
    assert found(client, status="PAUSED") == set()
    for yes in ("true", "1", "True"):
        assert found(client, has_errors=yes) == {"a", "b"}
    for no in ("false", "0"):
        assert found(client, has_errors=no) == {"c", "d"}
    assert found(client, has_errors="") == {"a", "b", "c", "d"}


@pytest.fixture
def texts(project):
    make(project, "by-name", name="Where is my PARCEL?")
    factories.SessionFactory(
        project=project,
        session_id="by-text",
        messages=[{"role": "user", "content": "x"}, {"role": "tool", "content": "parcel 17"}],
    )
    session = make(project, "by-run")
    factories.RunFactory(
        session=session, messages=[{"role": "user", "content": [{"type": "text", "text": "a Parcel"}]}]
    )
    make(project, "the-parcel-itself")
    make(project, "odd", name="100% of a_b \\ 'quoted' \"twice\" \u00fcber \u30bb\u30c3")
    make(project, "none", metadata={"parcel": 1})


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("parcel", {"by-name", "by-text", "by-run", "the-parcel-itself"}),
        ("PARCEL", {"by-name", "by-text", "by-run", "the-parcel-itself"}),
        ("parcel 17", {"by-text"}),
        (" parcel", {"by-run"} | {"by-name"}),
        ("0% o", {"odd"}),
        ("%", {"odd"}),
        ("_", {"odd"}),
        ("a_b", {"odd"}),
        ("aXb", set()),
        ("\\", {"odd"}),
        ("'", {"odd"}),
        ('"twice"', {"odd"}),
        ("\u00fcber", {"odd"}),
        ("\u30bb", {"odd"}),
        ("unheard of", set()),
    ],
)
def test_q_looks_in_name_id_and_messages(client, texts, text, ids):
    assert found(client, q=text) == ids


def test_q_does_not_look_into_other_projects(client, project):
    factories.SessionFactory(messages=[{"role": "user", "content": "parcel"}])
    make(project, "a")
    assert found(client, q="parcel") == set()


def test_tag(client, project):
    make(project, "a", tags=["vip", "x"])
    make(project, "b", tags=["VIP"])
    make(project, "c")
    assert found(client, tag="vip") == {"a"}
    assert found(client, tag="VIP") == {"b"}
    assert found(client, tag="unknown") == set()


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


class TestRanges:
    @pytest.fixture(autouse=True)
    def sessions(self, project):
        for day in (1, 2, 3):
            moment = datetime(2025, 1, day, 12, tzinfo=UTC)
            make(project, str(day), created_at=moment, updated_at=moment.replace(month=2))

    @pytest.mark.parametrize(
        ("query", "ids"),
        [
            ({"created_after": "2025-01-02T12:00:00Z"}, {"2", "3"}),
            ({"created_after": "2025-01-02T12:00:00.000001Z"}, {"3"}),
            ({"created_before": "2025-01-02T12:00:00Z"}, {"1", "2"}),
            ({"created_before": "2025-01-02"}, {"1"}),
            ({"created_after": "2025-01-02T13:00:00+01:00", "created_before": "2025-01-02T12:00:00"}, {"2"}),
            ({"created_after": "1735819200"}, {"2", "3"}),
            ({"created_after": "1735819200.5"}, {"3"}),
            ({"updated_after": "2025-02-02T12:00:00Z"}, {"2", "3"}),
            ({"updated_before": "2025-02-02T12:00:00Z"}, {"1", "2"}),
            ({"updated_before": "2025-01-31"}, set()),
            ({"created_after": "2025-01-02", "updated_before": "2025-02-02T12:00:00Z"}, {"2"}),
            ({"created_after": "0002-01-01", "created_before": "9998-12-31"}, {"1", "2", "3"}),
            ({"created_after": ""}, {"1", "2", "3"}),
        ],
    )
    def test_both_ends_belong_to_it(self, client, query, ids):
        assert found(client, **query) == ids

    @pytest.mark.parametrize(
        "moment",
        [
            "yesterday",
            "0001-01-01",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59",
            "9999-12-31T23:59:59-14:00",
            "2025-13-01",
            "2025-02-30",
            "2025-01-01T25:00",
            "1e20",
            "-1e20",
            "1e400",
            "NaN",
            "inf",
            "-inf",
            "9" * 5000,
            "\x00",
            "null",
        ],
    )
    @pytest.mark.parametrize("name", ["created_after", "created_before", "updated_after", "updated_before"])
    def test_what_is_no_moment_is_422(self, client, name, moment):
        response = client.get(URL, {name: moment})
        assert response.status_code == 422
        assert [(error["loc"], error["type"]) for error in response.json()["detail"]] == [
            (["query", name], "datetime_type")
        ]


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
