"""Strings of dates, each with the instant a reader would give it."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extraction.date_values import read_value
from crawler.extraction.dates import EARLIEST, SLACK, Clock, read_moment, read_moments

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
CLOCK = Clock(datetime(2026, 11, 20, 12, 0, tzinfo=HANOI))
FORMS = (
    "%d/%m/%Y %H:%M",
    "%H:%M, %d/%m/%Y",
    "Ngày đăng : %H:%M, %d-%m-%Y",
    "%Hh%M ngày %d/%m/%Y",
    "%Y-%m-%dT%H:%M",
)
TABLE = [json.loads(line) for line in Path(__file__).with_name("dates.jsonl").read_text("utf-8").splitlines()]


def local(at):
    return at.astimezone(HANOI).replace(tzinfo=None)


def test_the_table_is_long_enough():
    assert len(TABLE) >= 150
    assert sum(row["at"] is None for row in TABLE) >= 30


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["raw"])
def test_string_means_instant(row):
    moment = read_moment(row["raw"], CLOCK)
    if row["at"] is None:
        assert moment is None
        return
    assert moment is not None
    assert local(moment.at) == datetime.fromisoformat(row["at"])
    assert moment.has_time == ("T" in row["at"])
    assert moment.at.tzinfo is UTC


def test_published_and_updated_are_told_apart():
    first, second = read_moments("Ngày đăng: 02/06/2023 05:40 - Cập nhật: 03/06/2023 10:00", CLOCK)
    assert (first.label, second.label) == ("published", "modified")
    assert second.at - first.at == timedelta(days=1, hours=4, minutes=20)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("9/11/2021 3:29:47 PM", "2021-09-11T15:29:47"),
        ("9/5/2026 1:30:00 PM", "2026-09-05T13:30:00"),
        ("12/1/2021 12:00:05 AM", "2021-12-01T00:00:05"),
        ("11/09/2021 15:29:47", "2021-09-11T15:29:47"),
        ("20251022T192552+0700", "2025-10-22T19:25:52"),
        ("20251022", "2025-10-22"),
        ("1772816700", "2026-03-07T00:05:00"),
        ("1772816700000", "2026-03-07T00:05:00"),
        ("2026-03-07T00:05:00.000+07:00", "2026-03-07T00:05:00"),
        ("1", None),
        ("0000-00-00 00:00:00", None),
        ("0001-01-01T00:00:00", None),
        ("2099-01-01T00:00:00Z", None),
        ("", None),
    ],
)
def test_machines_write_dates_too(raw, expected):
    moment = read_value(raw, CLOCK)
    assert (moment and local(moment.at)) == (datetime.fromisoformat(expected) if expected else None)


@pytest.mark.parametrize(
    ("raw", "language", "expected"),
    [
        ("2 février 2024 à 10:30", "fr", "2024-02-02T10:30"),
        ("3. März 2024, 08:15 Uhr", "de", "2024-03-03T08:15"),
        ("14 de mayo de 2023", "es", "2023-05-14"),
        ("8 marca 2022", "pl", "2022-03-08"),
        ("2022", "de", None),
        ("März", "de", None),
    ],
)
def test_other_languages_are_read(raw, language, expected):
    moment = read_value(raw, Clock(CLOCK.fetched_at, "Asia/Ho_Chi_Minh"), language)
    assert (moment and local(moment.at)) == (datetime.fromisoformat(expected) if expected else None)


def test_the_other_order_is_kept_beside_an_ambiguous_date():
    moment = read_moment("02/06/2023 05:40", CLOCK)
    assert moment is not None
    assert local(moment.swapped) == datetime(2023, 2, 6, 5, 40)  # noqa: DTZ001 - local


def test_a_site_abroad_keeps_its_zone():
    moment = read_moment("02/06/2023 05:40", Clock(CLOCK.fetched_at, "Europe/Paris"))
    assert moment is not None
    assert moment.at == datetime(2023, 6, 2, 3, 40, tzinfo=UTC)


def test_an_unknown_zone_is_utc():
    assert str(Clock(CLOCK.fetched_at, "Nowhere/Atlantis").tz) == "UTC"


@given(st.text(max_size=300))
def test_any_text_is_read_or_not_but_never_raises(raw):
    for moment in [*read_moments(raw, CLOCK), read_value(raw, CLOCK)]:
        if moment is not None:
            assert moment.at.date() >= EARLIEST
            assert moment.at <= CLOCK.fetched_at + SLACK


@given(st.datetimes(min_value=datetime(1997, 1, 2), max_value=datetime(2026, 11, 19)))  # noqa: DTZ001 - local
def test_every_minute_survives_every_common_form(at):
    at = at.replace(second=0, microsecond=0)
    for form in FORMS:
        moment = read_moment(at.strftime(form), CLOCK)
        assert moment is not None
        assert local(moment.at) == at


def test_long_hostile_strings_cost_nothing():
    started = time.process_time()
    for bomb in ("1/1/" * 60, "0" * 250, "thu " * 60, "12:00 " * 40, "cap nhat " * 25, "-" * 250, "ngày " * 100_000):
        read_moments(bomb, CLOCK)
        read_value(bomb, CLOCK)
    assert time.process_time() - started < 1
