"""Pages that start after a row."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from sessions_app.exceptions import InvalidValue
from sessions_app.keyset import page
from sessions_app.models import Session
from tests import factories

START = datetime(2025, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def make(project, count, **columns):
    """``count`` sessions; a column given as a function gets the number of each."""
    rows = [
        Session(
            project=project,
            session_id=f"{number:05}",
            **{name: value(number) if callable(value) else value for name, value in columns.items()},
        )
        for number in range(count)
    ]
    return Session.objects.bulk_create(rows)


def walk(order, size, *, queryset=None):
    """All pages from the first to the last."""
    pages, token = [], None
    while True:
        pages.append(page(Session.objects.all() if queryset is None else queryset, order=order, size=size, token=token))
        token = pages[-1].next
        if token is None:
            return pages


def walk_back(order, size, token):
    """All pages from the one before ``token`` to the first, the first of them first."""
    pages = []
    while token is not None:
        pages.insert(0, page(Session.objects.all(), order=order, size=size, token=token))
        token = pages[0].previous
    return pages


def ids(pages):
    return [row.session_id for found in pages for row in found.items]


def expected(order):
    sign = "-" if order.startswith("-") else ""
    return list(Session.objects.order_by(order, f"{sign}pk").values_list("session_id", flat=True))


ORDERS = ["total_tokens", "-total_tokens", "created_at", "-created_at", "session_id", "-session_id", "id", "-id"]


@pytest.fixture
def rows(project):
    """Ten sessions, some of them equal in every column that they are ordered by."""
    return make(
        project,
        10,
        total_tokens=lambda n: n // 3,
        created_at=lambda n: START + timedelta(microseconds=n // 4),
    )


@pytest.mark.parametrize("size", [1, 2, 3, 5, 9, 10, 11])
@pytest.mark.parametrize("order", ORDERS)
def test_it_walks_to_the_end_and_back(rows, order, size):
    pages = walk(order, size)
    assert ids(pages) == expected(order)
    assert [len(found.items) for found in pages[:-1]] == [size] * (len(pages) - 1)
    assert pages[0].previous is None
    back = walk_back(order, size, pages[-1].previous)
    assert ids(back) == ids(pages[:-1])
    assert all(found.next is not None for found in back)


@pytest.mark.parametrize("order", ["message_count", "-message_count", "updated_at", "-updated_at"])
def test_many_equal_values_cost_no_row(project, order):
    make(project, 1500, message_count=7, updated_at=START)
    pages = walk(order, 400)
    assert ids(pages) == expected(order)
    assert [len(found.items) for found in pages] == [400, 400, 400, 300]
    assert ids(walk_back(order, 400, pages[-1].previous)) == expected(order)[:1200]


@pytest.mark.parametrize("order", ["total_tokens", "-total_tokens"])
def test_new_rows_shift_nothing(project, order):
    make(project, 6, total_tokens=lambda n: 10 * n)
    first = page(Session.objects.all(), order=order, size=2)
    for tokens in (-1, 11, 15, 25, 60):
        factories.SessionFactory(project=project, session_id=f"new {tokens}", total_tokens=max(tokens, 0))
    rest, token = [], first.next
    while token:
        rest.append(page(Session.objects.all(), order=order, size=2, token=token))
        token = rest[-1].next
    last = first.items[-1]
    everything = expected(order)
    assert ids(rest) == everything[everything.index(last.session_id) + 1 :]
    back = walk_back(order, 2, rest[0].previous)
    assert ids(back) == everything[: everything.index(last.session_id) + 1]


def test_a_deleted_row_breaks_no_page(rows):
    first = page(Session.objects.all(), order="session_id", size=3)
    Session.objects.filter(session_id__in=["00002", "00003"]).delete()
    assert ids([page(Session.objects.all(), order="session_id", size=3, token=first.next)]) == [
        "00004",
        "00005",
        "00006",
    ]


def test_it_keeps_the_filters_and_related_rows_of_its_queryset(rows, django_assert_num_queries):
    queryset = Session.objects.filter(total_tokens=1).select_related("project")
    with django_assert_num_queries(2):
        pages = walk("-id", 2, queryset=queryset)
        assert [row.project.pk for found in pages for row in found.items] == [rows[0].project.pk] * 3


def test_nothing_gives_an_empty_page(project):
    assert page(Session.objects.all(), order="-id", size=5) == page(Session.objects.none(), order="id", size=1)
    assert page(Session.objects.all(), order="-id", size=5).items == []


def test_an_empty_token_is_the_first_page(rows):
    assert ids([page(Session.objects.all(), order="id", size=2, token="")]) == ["00000", "00001"]


def test_microseconds_are_kept(project):
    make(project, 3, created_at=lambda n: START + timedelta(microseconds=n))
    assert [len(found.items) for found in walk("-created_at", 1)] == [1, 1, 1]


def encoded(value):
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).decode().rstrip("=")


BAD_TOKENS = {
    "garbage": "garbage",
    "one letter": "a",
    "not ascii": "ä",
    "surrogate": "\ud800",
    "nul": "\x00",
    "not base64": "!!!!",
    "not json": encoded("{"),
    "not utf-8": base64.urlsafe_b64encode(b"\xff\xfe\xfd").decode(),
    "null": encoded(None),
    "number": encoded(5),
    "text": encoded('"abcd"'),
    "object": encoded({"a": 1, "b": 2, "c": 3, "d": 4}),
    "too short": encoded(["-id", 0, 5]),
    "too long": encoded(["-id", 0, 5, 5, 5]),
    "deep": encoded("[" * 100_000 + "]" * 100_000),
    "other order": encoded(["-total_tokens", 0, 5, 5]),
    "other direction": encoded(["id", 0, 5, 5]),
    "no value": encoded(["-id", 0, None, 5]),
    "value of another kind": encoded(["-id", 0, "x", 5]),
    "list as value": encoded(["-id", 0, [5], 5]),
    "huge value": encoded(["-id", 0, 2**63, 5]),
    "infinite value": encoded('["-id",0,1e999,5]'),
    "nan value": encoded('["-id",0,NaN,5]'),
    "endless value": encoded(f'["-id",0,{"9" * 5000},5]'),
    "huge id": encoded(["-id", 0, 5, 2**63]),
    "small id": encoded(["-id", 0, 5, -(2**63) - 1]),
    "id as text": encoded(["-id", 0, 5, "5"]),
    "id null": encoded(["-id", 0, 5, None]),
}


@pytest.mark.parametrize("token", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
def test_a_token_that_it_did_not_make_is_refused(rows, token):
    with pytest.raises(InvalidValue) as caught:
        page(Session.objects.all(), order="-id", size=5, token=token)
    assert caught.value.code == "invalid_cursor"


@pytest.mark.parametrize(
    ("order", "value"),
    [
        ("created_at", "yesterday"),
        ("created_at", 5),
        ("created_at", ""),
        ("created_at", "2025-13-01T00:00:00Z"),
        ("created_at", "0001-01-01T00:00:00+23:59"),
        ("created_at", "9999-12-31T23:59:59-23:59"),
        ("created_at", []),
        ("session_id", "a\x00"),
        ("session_id", "a\ud800"),
    ],
)
def test_a_forged_value_is_refused(rows, order, value):
    with pytest.raises(InvalidValue):
        page(Session.objects.all(), order=order, size=5, token=encoded([order, 0, value, 5]))


@pytest.mark.parametrize(
    ("order", "value"),
    [("created_at", "2025-01-01T00:00:00"), ("created_at", "2025-01-01"), ("-session_id", "x"), ("id", 2**63 - 1)],
)
def test_a_forged_but_possible_value_is_only_another_start(rows, order, value):
    found = page(Session.objects.all(), order=order, size=5, token=encoded([order, 0, value, 5]))
    assert len(found.items) in {0, 5}


def test_a_token_of_another_order_is_refused(rows):
    token = page(Session.objects.all(), order="-id", size=2).next
    assert len(page(Session.objects.all(), order="-id", size=2, token=token).items) == 2
    for order in ("id", "-total_tokens"):
        with pytest.raises(InvalidValue):
            page(Session.objects.all(), order=order, size=2, token=token)


def test_a_token_is_safe_in_a_url(rows):
    for found in walk("-created_at", 1):
        assert found.next is None or found.next.replace("-", "").replace("_", "").isalnum()
