"""Day and month in the order that the rest of the page confirms."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from crawler.extraction.dates import Clock, Moment


def by_address(moment: Moment, url_days: tuple[int, ...], clock: Clock) -> Moment:
    """`moment`, day and month exchanged where only so it falls on the day, or into the month, of the page's address."""
    if moment.swapped is None or not url_days:
        return moment
    one, other = (_digits(at, clock)[: len(url_days)] == url_days for at in (moment.at, moment.swapped))
    if one == other:
        return moment
    return replace(moment if one else _exchanged(moment), is_undecided=False)


def settle(moment: Moment, others: Iterable[Moment], clock: Clock) -> Moment | None:
    """`moment` as it is, unless its string leaves the order open: then the order that another time on the page has.

    None where nothing decides: no date is better than one that is months off.
    """
    if not moment.is_undecided or moment.swapped is None:
        return moment
    known = {_digits(other.at, clock) for other in others if not other.is_undecided}
    one, other = (_digits(at, clock) in known for at in (moment.at, moment.swapped))
    if one == other:
        return None
    return replace(moment if one else _exchanged(moment), is_undecided=False)


def _exchanged(moment: Moment) -> Moment:
    return replace(moment, at=moment.swapped or moment.at, swapped=moment.at)


def _digits(at: datetime, clock: Clock) -> tuple[int, ...]:
    local = at.astimezone(clock.tz)
    return local.year, local.month, local.day
