"""What a process keeps for seconds, and what it counts."""

from __future__ import annotations

import pytest
from django.db import transaction

from sessions_app import counting, remembered, services
from sessions_app.models import APIKey
from sessions_app.querysets import APIKeyManager
from sessions_app.remembered import Remembered


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 100.0

    monkeypatch.setattr(remembered, "monotonic", lambda: Clock.now)
    return Clock


def test_a_value_lasts_its_seconds(clock):
    values = Remembered(size=10)
    values.keep("a", 1, seconds=5)
    clock.now += 4.9
    assert values.get("a") == 1
    clock.now += 0.1
    assert values.get("a") is None


def test_an_unknown_name(clock):
    assert Remembered(size=10).get("a") is None


def test_no_more_than_its_size_is_kept(clock):
    values = Remembered(size=2)
    for name in "abc":
        values.keep(name, name, seconds=5)
    assert [values.get(name) for name in "abc"] == [None, None, "c"]


def test_what_was_found_out_before_all_was_forgotten_is_not_kept(clock):
    values = Remembered(size=2)
    since = values.clearings
    values.clear()
    values.keep("a", 1, seconds=5, since=since)
    assert values.get("a") is None
    values.keep("a", 2, seconds=5, since=values.clearings)
    assert values.get("a") == 2


class TestTotals:
    def count(self, *answers):
        left = list(answers)
        return lambda: left.pop(0)

    def test_a_small_one_is_counted_each_time(self):
        count = self.count(counting.EXACT, 7)
        assert [counting.total(count, named="a") for _ in range(2)] == [counting.EXACT, 7]

    def test_a_large_one_lasts_five_seconds(self, clock):
        count = self.count(counting.EXACT + 1, 2)
        assert [counting.total(count, named="a") for _ in range(3)] == [counting.EXACT + 1] * 3
        clock.now += 5
        assert counting.total(count, named="a") == 2

    def test_each_name_has_its_own(self):
        assert counting.total(self.count(2000), named="a") == 2000
        assert counting.total(self.count(3000), named="b") == 3000

    def test_a_site_may_count_each_time(self, settings):
        settings.AGENT_SESSIONS = {"COUNT_MEMORY_SECONDS": 0}
        count = self.count(2000, 2001)
        assert [counting.total(count, named="a") for _ in range(2)] == [2000, 2001]


class TestPlaces:
    def test_the_nearest_before_a_place(self):
        known = counting.places(named="a")
        for place in (40, 20, 60, 20):
            known.add(place, f"row {place}")
        assert [known.before(place) for place in (0, 19, 20, 59, 1000)] == [
            (0, None),
            (0, None),
            (20, "row 20"),
            (40, "row 40"),
            (60, "row 60"),
        ]

    def test_they_last_five_seconds_from_the_first_on(self, clock):
        counting.places(named="a").add(20, "row")
        clock.now += 4
        counting.places(named="a").add(40, "row")
        clock.now += 1
        assert counting.places(named="a").before(40) == (0, None)

    def test_a_site_may_walk_from_the_start_each_time(self, settings):
        settings.AGENT_SESSIONS = {"COUNT_MEMORY_SECONDS": 0}
        counting.places(named="a").add(20, "row")
        assert counting.places(named="a").before(20) == (0, None)


class TestKeys:
    """A key that is shut out in this process is out at once, however the requests of others fall."""

    URL = "/api/sessions"

    def test_one_that_is_revoked_while_it_is_looked_up(self, client, key, monkeypatch):
        look_up = APIKeyManager._look_up

        def overtaken(manager, secret):
            found = look_up(manager, secret)
            services.revoke_keys(keys=APIKey.objects.filter(pk=key.pk))
            return found

        with monkeypatch.context() as patched:
            patched.setattr(APIKeyManager, "_look_up", overtaken)
            assert client.get(self.URL).status_code == 200  # It had been let in before.
        assert client.get(self.URL).status_code == 401

    @pytest.mark.django_db(transaction=True)
    def test_one_that_is_used_before_its_revocation_is_committed(self, client, key, monkeypatch):
        as_before = APIKey.objects.get(pk=key.pk)
        with transaction.atomic():
            services.revoke_keys(keys=APIKey.objects.filter(pk=key.pk))
            with monkeypatch.context() as patched:
                patched.setattr(APIKeyManager, "_look_up", lambda manager, secret: as_before)
                assert client.get(self.URL).status_code == 200
        assert client.get(self.URL).status_code == 401
