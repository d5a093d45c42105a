"""Which figure is the day and which the month: day first, unless the string itself says otherwise."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from crawler.extraction import date_words as words

MONTHS = 12
_US_SHAPE = re.compile(
    r"(?:\W*(?:posted|published|updated|modified|date|on|at)\b)*"
    r"\W*(?P<d>[1-9]\d?)/(?P<m>[1-9]\d?)/(?:19|20)\d\d,? (?P<h>[1-9]|1[0-2]):\d\d(?::\d\d)? ?[ap]\.?m\b\W*"
)
"""`6/2/2023 5:40 PM`, alone or after an English label: how .NET prints a time in its default culture, unpadded."""


@dataclass(frozen=True, slots=True)
class Day:
    """The date that figures make, and the one they make in the other order."""

    day: date
    other: date | None = None
    """None where only one order makes a date, or both the same."""
    is_undecided: bool = False
    """Nothing in the string tells which of the two is meant."""


def read_day(text: str, match: re.Match[str], line: str) -> Day | None:
    """The date that `match`, one of the date patterns in the plain `text`, writes; None for figures that make none.

    `text` is the part of the plain `line` that belongs to the date.

    Day first, as Vietnam writes. Month first where the weekday beside it says so, and in `6/2/2023 5:40 PM`, where
    AM or PM and an unpadded figure are those of .NET's default culture; where that shape has two digits everywhere
    (`10/11/2023 10:40 PM`) it may also be a Vietnamese page's own form, so that nothing is decided.
    """
    day = day_of(match)
    if day is None:
        return None
    is_numeric = match.re is words.DMY and day.day <= MONTHS and day.day != day.month
    if not is_numeric:
        return Day(day)
    other = date(day.year, day.day, day.month)
    if (weekday := _weekday(text)) is not None:
        sure = [one for one in (day, other) if one.weekday() == weekday]
        return Day(sure[0]) if len(sure) == 1 else Day(day, other)
    if (shape := _US_SHAPE.fullmatch(line)) is None:
        return Day(day, other)
    is_unpadded = any(len(shape[name]) == 1 for name in "dmh")
    return Day(other, day) if is_unpadded else Day(day, other, is_undecided=True)


def day_of(match: re.Match[str]) -> date | None:
    """The date that `match` of one of the date patterns writes, day first where both orders make one."""
    month = match["m"]
    number = int(month) if month.isdigit() else words.MONTHS.get(month) or words.MONTHS.get(month[:3], 0)
    year = int(match["y"]) + (2000 if len(match["y"]) == 2 else 0)  # noqa: PLR2004 - two digits
    try:
        return date(year, number, int(match["d"]))
    except ValueError:
        return _month_first_day(match, year, number)


def _month_first_day(match: re.Match[str], year: int, number: int) -> date | None:
    """`12/21/2025`: no other order makes it a date."""
    try:
        return date(year, int(match["d"]), number) if match.re is words.DMY else None
    except ValueError:
        return None


def _weekday(text: str) -> int | None:
    match = words.WEEKDAY.search(text)
    if match is None:
        return None
    return 6 if match["sunday"] else words.WEEKDAYS[match["vi"] or match["t"] or match["en"]]
