"""Rules of profiles, and the times they give."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.scheduling.rates import publication_rates
from crawler.sites.schedules import Adaptive, Cron, Every, parse_schedule, spread

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
BERLIN = ZoneInfo("Europe/Berlin")
MOMENTS = st.integers(0, 15 * 366 * 86_400).map(
    lambda seconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(0, seconds)
)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("every 6h", Every(timedelta(hours=6))),
        ("every 90 min", Every(timedelta(minutes=90))),
        ("Every 2 days", Every(timedelta(days=2))),
        ("30 5,17 * * *", Cron("30 5,17 * * *")),
        ("adaptive", Adaptive()),
        ("adaptive 30m 12h", Adaptive(timedelta(minutes=30), timedelta(hours=12))),
    ],
)
def test_rules_are_read(text, rule):
    assert parse_schedule(text) == rule


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("every day", "no time from 1m"),
        ("every 0h", "no time from 1m"),
        ("every 9999d", "no time from 1m"),
        ("61 * * * *", "no cron line"),
        ("0 0 31 2 *", "31 2"),
        ("hourly", "no cron line"),
        ("", "no cron line"),
        ("adaptive 2h", "two bounds"),
        ("adaptive 2h 1h", "lesser"),
    ],
)
def test_what_cannot_be_read_is_said_with_the_way_to_write_it(text, complaint):
    with pytest.raises(ValueError, match=complaint) as caught:
        parse_schedule(text)
    assert "write every 6h" in str(caught.value)
    assert "\n" not in str(caught.value)


@given(MOMENTS, st.integers(1, 100_000), st.text())
def test_equal_distances_stay_equal_and_differ_between_sites(moment, minutes, key):
    rule = Every(timedelta(minutes=min(minutes, 500_000)))
    first = rule.next_after(moment, HANOI, spread(key, 1 << 31))
    assert moment < first <= moment + rule.span
    assert rule.next_after(first, HANOI, spread(key, 1 << 31)) == first + rule.span


@given(
    MOMENTS, st.integers(0, 600), st.sampled_from(["30 5,17 * * *", "*/20 6-22 * * 1-5", "0 2 * * *", "30 2 28 * *"])
)
def test_cron_lines_come_in_order_and_none_is_left_out(moment, offset, line):
    rule = Cron(line)
    first = rule.next_after(moment, BERLIN, offset)
    assert first > moment
    middle = moment + (first - moment) / 2
    assert rule.next_after(middle, BERLIN, offset) == first


def test_changed_clocks_neither_drop_nor_double_a_day():
    rule, moment, days = Cron("30 2 * * *"), datetime(2026, 1, 1, tzinfo=UTC), []
    while moment.year == 2026:
        moment = rule.next_after(moment, BERLIN, 0)
        days.append(moment.astimezone(BERLIN).date())
    assert len(days) == len(set(days)) == 366


def test_cron_lines_are_read_in_the_sites_zone():
    due = Cron("30 5 * * *").next_after(datetime(2026, 11, 22, tzinfo=UTC), HANOI, 0)
    assert due == datetime(2026, 11, 22, 22, 30, tzinfo=UTC)


def test_a_site_that_publishes_in_the_morning_is_asked_in_the_morning():
    monday = datetime(2026, 11, 2, tzinfo=HANOI)
    times = [monday + timedelta(days=day, hours=7, minutes=10 * n) for day in range(20) for n in range(6)]
    now = datetime(2026, 11, 21, 20, tzinfo=HANOI)
    rates = publication_rates(times, now, HANOI)
    due = now + rates.wait(now, 3, timedelta(days=2))
    assert datetime(2026, 11, 22, 7, tzinfo=HANOI) < due < datetime(2026, 11, 22, 8, tzinfo=HANOI)
    during = datetime(2026, 11, 23, 7, tzinfo=HANOI)
    assert rates.wait(during, 3, timedelta(days=2)) < timedelta(minutes=45)


def test_of_an_unknown_or_silent_site_nothing_is_assumed():
    now = datetime(2026, 11, 21, 20, tzinfo=UTC)
    assert publication_rates([], now, HANOI).wait(now, 1, timedelta(days=1)) == timedelta(hours=6)
    old = [now - timedelta(days=300)] * 50
    assert publication_rates(old, now, HANOI).wait(now, 3, timedelta(days=1)) == timedelta(hours=18)
