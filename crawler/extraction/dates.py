"""One string to one instant: what a dateline, a meta element or a JSON-LD value says.

Own code, because no library reads the forms of Vietnamese newspapers (`Ngày đăng : 05:40, 02/06/2023`, `5:40 chiều`,
`Cập nhật: 08:39 ngày 07/12/2021`) without swapping day and month or losing the time of day.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from crawler.extraction import date_words as words
from crawler.extraction.day_order import day_of, read_day

EARLIEST = date(1995, 1, 1)
"""No newspaper was on the web in Vietnam before 1997; older dates are events."""
SLACK = timedelta(days=1)
"""How far past the fetch a date may lie: clocks and zones differ, by no more than a day."""
MAX_CHARS = 250
NOON = 12
_MAX_WORDS = 6
"""Words beside the date that a dateline has: section, author; more is a sentence."""
_MAX_WORDS_LABELLED = 12
_GAP = 14
_UNITS = {
    "giay": 1, "second": 1, "phut": 60, "ph": 60, "p": 60, "minute": 60, "min": 60,
    "gio": 3600, "h": 3600, "tieng": 3600, "hour": 3600,
}  # fmt: skip
_DAYS = {"ngay": 1, "day": 1, "tuan": 7, "week": 7, "thang": 30, "nam": 365}
_DAYTIME = re.compile(r"\b(?:sang|trua|chieu|toi|dem)\b")
_IS_ENGLISH = re.compile(r"(?<!\d)(?:0?\d|1[0-2]):\d\d(?::\d\d)? ?[ap]\.?m\b")
_LETTERS = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Moment:
    """What a string says about when."""

    at: datetime
    """UTC; midnight of the site's zone where no time of day is said."""
    has_time: bool = True
    has_zone: bool = False
    """True when the string names its zone."""
    label: str = ""
    """`published`, `modified` or empty, after the words before the date."""
    is_relative: bool = False
    """Counted back from the fetch, so only about right."""
    swapped: datetime | None = None
    """The month-first (or day-first) reading of the same figures where both are dates."""
    is_undecided: bool = False
    """Either reading may be meant: another source of the page must decide."""


@dataclass(frozen=True, slots=True)
class Clock:
    """What relative and incomplete dates are read against."""

    fetched_at: datetime
    """Aware."""
    zone: str = "Asia/Ho_Chi_Minh"

    @property
    def tz(self) -> ZoneInfo:
        """The site's zone; UTC when the system does not know its name."""
        return _zone(self.zone)

    def is_possible(self, at: datetime) -> bool:
        """True for a time between the first newspapers on the web and a day after the fetch."""
        return at.date() >= EARLIEST and at <= self.fetched_at + SLACK


@functools.cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return ZoneInfo("UTC")


def read_moments(raw: str, clock: Clock) -> list[Moment]:
    """What a dateline says: at most one moment per label. Empty for sentences, licences, events and the future."""
    if len(raw) > MAX_CHARS or not raw.strip():
        return []
    text = words.plain(raw)
    if words.STOP.search(text):
        return []
    marks = [
        (match.start(), match.end(), "modified" if match["modified"] else "published")
        for match in words.LABEL.finditer(text)
    ]
    ends = [start for start, _, _ in marks[1:]] + [len(text)] * bool(marks)
    parts = [(text[: marks[0][0]] if marks else text, "")]
    parts += [(text[end:stop], label) for (_, end, label), stop in zip(marks, ends, strict=True)]
    found = [moment for part, label in parts if (moment := _read_part(part, label, text, clock)) is not None]
    possible = [moment for moment in found if clock.is_possible(moment.at)]
    return possible if possible and _is_dateline(parts, has_label=bool(marks)) else []


def has_label(raw: str) -> bool:
    """True when `raw` says whether it is the time of publication or of a change."""
    return words.LABEL.search(words.plain(raw)) is not None


def _is_dateline(parts: list[tuple[str, str]], *, has_label: bool) -> bool:
    """False for sentences. Stripping takes words away, so that a short line needs none."""
    most = _MAX_WORDS_LABELLED if has_label else _MAX_WORDS
    return any(sum(len(_LETTERS.findall(read(part))) for part, _ in parts) <= most for read in (str, _strip))


def read_moment(raw: str, clock: Clock) -> Moment | None:
    """The publication time that a dateline says, or the only time it says; None if it says none."""
    moments = read_moments(raw, clock)
    return next((moment for moment in moments if moment.label != "modified"), moments[0] if moments else None)


def _read_part(text: str, label: str, line: str, clock: Clock) -> Moment | None:
    found = {match.span(): match for pattern in words.DATES for match in pattern.finditer(text)}
    days = {day for match in found.values() if (day := day_of(match)) is not None}
    if not found:
        return _relative(text, label, clock)
    text = words.RELATIVE.sub(lambda match: " " * len(match[0]), text)
    if len(days) != 1 or words.DAY_NAME.search(text):
        return None
    match = next(match for match in found.values() if day_of(match) is not None)
    return _combine(text, match, label, line, clock)


def _combine(text: str, match: re.Match[str], label: str, line: str, clock: Clock) -> Moment | None:
    """The date that `match` found, with the time and zone beside it. A part of the day without a time is an event's."""
    read = read_day(text, match, line)
    clocked = _time_near(text, match.span())
    if read is None or (clocked is None and _DAYTIME.search(text)):
        return None
    at, end = clocked or (time(), 0)
    zone = words.ZONE.search(text, end) if clocked else None
    tz = _offset(zone) or clock.tz
    one = datetime.combine(read.day, at, tz).astimezone(UTC)
    other = datetime.combine(read.other, at, tz).astimezone(UTC) if read.other else None
    moment = Moment(one, clocked is not None, zone is not None, label, swapped=other, is_undecided=read.is_undecided)
    return _past(moment, clock) if _IS_ENGLISH.search(text) else moment


def _past(moment: Moment, clock: Clock) -> Moment:
    """Figures with AM or PM, which may be month first, in the only order that is possible, where just one is."""
    if moment.swapped is None or clock.is_possible(moment.at) == clock.is_possible(moment.swapped):
        return moment
    if clock.is_possible(moment.at):
        return replace(moment, is_undecided=False)
    return replace(moment, at=moment.swapped, swapped=moment.at, is_undecided=False)


def _time_near(text: str, span: tuple[int, int]) -> tuple[time, int] | None:
    """The time of day next to the date, with where it ends: only punctuation, weekday and filler words between."""
    found: list[tuple[int, time, int]] = []
    for match in words.TIME.finditer(text):
        if match.end() > span[0] and match.start() < span[1]:
            continue
        between = _strip(text[match.end() : span[0]] if match.end() <= span[0] else text[span[1] : match.start()])
        if len(between) <= _GAP and not _LETTERS.search(between) and (at := _time(match)) is not None:
            found.append((len(between), at, match.end()))
    return min(found)[1:] if found else None


def _time(match: re.Match[str]) -> time | None:
    """Time of day on the 24-hour clock. `15:20 PM` is 15:20; 12 SA is midnight, 12 CH and 12 trưa noon."""
    hour, half = int(match["h"]), (match["half"] or "").replace(".", "")
    minute, second = int(match["m"] or match["m2"] or 0), int(match["s"] or 0)
    if half in {"pm", "ch", "chieu"} and hour < NOON:
        hour += 12
    elif half in {"am", "sa", "sang", "toi", "dem"} and hour == NOON:
        hour = 0
    elif (half in {"toi", "dem"} and 5 <= hour < 12) or (half == "trua" and hour < 5):  # noqa: PLR2004 - evening, 1 trưa
        hour += 12
    try:
        return time(hour, minute, second)
    except ValueError:
        return None


def _offset(match: re.Match[str] | None) -> tzinfo | None:
    if match is None:
        return None
    if match["z"] or match["utc"]:
        return UTC
    if match["ict"]:
        return timezone(timedelta(hours=7))
    sign = -1 if "-" in (match["sign"], match["sign2"]) else 1
    delta = timedelta(hours=int(match["h"] or match["h2"]), minutes=int(match["m"] or match["m2"] or 0))
    return timezone(sign * delta) if delta < timedelta(hours=15) else None


def _relative(text: str, label: str, clock: Clock) -> Moment | None:
    """`2 giờ trước`, `hôm qua, 08:00`, `vừa xong`, counted back from the fetch."""
    if (match := words.RELATIVE.search(text)) is not None:
        return _ago(match, label, clock)
    if words.JUST_NOW.search(text):
        return Moment(clock.fetched_at.astimezone(UTC), label=label, is_relative=True)
    match = words.DAY_NAME.search(text)
    if match is None:
        return None
    clocked = _time_near(text, match.span())
    days = 0 if match["today"] else 1 if match["yesterday"] else 2
    return _on_day(clock, days, clocked[0], label) if clocked else None


def _ago(match: re.Match[str], label: str, clock: Clock) -> Moment | None:
    count, unit = match["n"] or match["en_n"], match["unit"] or match["en"]
    if count in {"vai", "may"}:
        return None
    n = int(count) if count.isdigit() else 1
    if unit not in _UNITS:
        return _on_day(clock, n * _DAYS[unit], None, label) if unit not in {"thang", "nam"} else None
    seconds = n * _UNITS[unit] + int(match["n2"] or 0) * _UNITS.get(match["unit2"] or "", 0)
    return Moment(clock.fetched_at.astimezone(UTC) - timedelta(seconds=seconds), label=label, is_relative=True)


def _on_day(clock: Clock, n_days: int, clocked: time | None, label: str) -> Moment:
    day = clock.fetched_at.astimezone(clock.tz).date() - timedelta(days=n_days)
    at = datetime.combine(day, clocked or time(), clock.tz).astimezone(UTC)
    return Moment(at, clocked is not None, label=label, is_relative=True)


def _strip(text: str) -> str:
    """`text` without dates, times, zones, weekdays and the words around them."""
    if not _WORD.search(text):
        return " ".join(text.split())
    for pattern in (*words.DATES, words.WEEKDAY, words.TIME, words.ZONE, words.RELATIVE, words.FILLER):
        text = pattern.sub(" ", text)
    return " ".join(text.split())
