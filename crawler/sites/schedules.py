"""When a site is due: `every 6h`, a cron line, or `adaptive`, as a profile writes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zlib import crc32

from cronsim import CronSim, CronSimError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=366)
ADAPTIVE_BOUNDS = (timedelta(minutes=15), timedelta(days=1))
"""Least and greatest distance of two adaptive crawls, unless the rule names its own."""
HELP = "write every 6h, a cron line such as 30 5,17 * * *, adaptive, or adaptive 30m 12h"
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_SPAN = re.compile(r"([0-9]{1,6})\s?(m|h|d|w)(?:in|ours?|ays?|eeks?)?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Every:
    """At equal distances, counted from a moment that differs from site to site."""

    span: timedelta

    def next_after(self, moment: datetime, zone: ZoneInfo, offset: int) -> datetime:  # noqa: ARG002 - as Cron's
        """The first due time later than `moment`. `offset`: any number; moves all due times by it within `span`."""
        phase = _EPOCH + timedelta(seconds=offset % int(self.span.total_seconds()))
        return phase + ((moment - phase) // self.span + 1) * self.span


@dataclass(frozen=True, slots=True)
class Cron:
    """At the times of a cron line, read in the site's zone; `offset` seconds later, so that sites do not start at once.

    A time that a change of the clocks leaves out comes right after the change; one that it repeats comes once.
    """

    line: str

    def next_after(self, moment: datetime, zone: ZoneInfo, offset: int) -> datetime:
        """The first due time later than `moment`."""
        late = timedelta(seconds=offset)
        found: datetime = next(CronSim(self.line, (moment - late).astimezone(zone)))
        return found.astimezone(UTC) + late


@dataclass(frozen=True, slots=True)
class Adaptive:
    """Soon after the site is expected to have published something, within bounds."""

    at_least: timedelta = ADAPTIVE_BOUNDS[0]
    at_most: timedelta = ADAPTIVE_BOUNDS[1]


Schedule = Every | Cron | Adaptive


def parse_schedule(text: str) -> Schedule:
    """Read the `schedule` of a profile. Raises ValueError with one line on what is wrong and how to write it."""
    words = text.strip().lower()
    if words.startswith("every "):
        return Every(_span(words.removeprefix("every ")))
    if words.split()[:1] == ["adaptive"]:
        return _adaptive(words.split()[1:])
    try:
        next(CronSim(text.strip(), datetime.now(UTC)))
    except CronSimError as error:
        raise ValueError(f"{text!r} is no cron line ({error}); {HELP}") from None
    except StopIteration:
        raise ValueError(f"{text!r} never comes; {HELP}") from None
    return Cron(text.strip())


def spread(key: str, width: int) -> int:
    """A number of seconds below `width` that is always the same for `key` and differs between keys."""
    return crc32(key.encode()) % max(width, 1)


def _adaptive(words: list[str]) -> Adaptive:
    if not words:
        return Adaptive()
    if len(words) != len(ADAPTIVE_BOUNDS):
        raise ValueError(f"'adaptive {' '.join(words)}': two bounds are needed; {HELP}")
    at_least, at_most = map(_span, words)
    if at_least > at_most:
        raise ValueError(f"'adaptive {' '.join(words)}': the first bound is the lesser one; {HELP}")
    return Adaptive(at_least, at_most)


def _span(text: str) -> timedelta:
    found = _SPAN.fullmatch(text.strip())
    span = int(found[1]) * _UNITS[found[2]] if found else timedelta()
    if not SHORTEST <= span <= LONGEST:
        raise ValueError(f"{text!r} is no time from 1m to 366d; {HELP}")
    return span
