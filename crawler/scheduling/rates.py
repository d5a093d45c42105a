"""How often a site publishes, by weekday and hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from crawler.corpus.reader import CorpusReader
from crawler.corpus.schema import Dataset
from crawler.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

WEEKS = 6
"""Weeks back that are looked at: enough for a weekday's habit, few enough to follow a change of it."""
MIN_ARTICLES = 10
"""With fewer articles nothing is known of the site's habits."""
UNKNOWN_RATE = 1 / 6
"""Articles an hour of a site of which nothing is known: it is looked at four times a day."""
OWN_WEIGHT = 0.5
"""What an hour of a weekday counts beside the same hour of all weekdays: after a few weeks either alone is noise."""
_HOUR = timedelta(hours=1)
_N_DAYS, _N_HOURS = 7, 24


class Rates:
    """Expected articles an hour, an array of 7 weekdays (Monday first) by 24 hours in the site's zone."""

    def __init__(self, per_hour: NDArray[np.float64], zone: ZoneInfo) -> None:
        self.per_hour = per_hour
        self._zone = zone

    def wait(self, moment: datetime, n_articles: float, at_most: timedelta) -> timedelta:
        """How long after `moment` the site is expected to have published `n_articles`; `at_most` at the most."""
        expected, here, end = 0.0, moment.astimezone(UTC), moment + at_most
        while here < end:
            local = here.astimezone(self._zone)
            rate = float(self.per_hour[local.weekday(), local.hour])
            rest = _HOUR - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
            if rate > 0 and expected + rate * (rest / _HOUR) >= n_articles:
                return here + (n_articles - expected) / rate * _HOUR - moment
            expected += rate * (rest / _HOUR)
            here += rest
        return at_most


def publication_rates(times: Iterable[datetime], now: datetime, zone: ZoneInfo) -> Rates:
    """Rates from moments of publication; those older than `WEEKS` or later than `now` do not count."""
    recent = [time for time in times if now - timedelta(weeks=WEEKS) <= time <= now]
    counts = np.zeros((_N_DAYS, _N_HOURS))
    if len(recent) < MIN_ARTICLES:
        return Rates(counts + UNKNOWN_RATE, zone)
    for time in recent:
        local = time.astimezone(zone)
        counts[local.weekday(), local.hour] += 1
    n_weeks = max((now - min(recent)) / timedelta(weeks=1), 1.0)
    per_hour = counts / n_weeks
    return Rates(OWN_WEIGHT * per_hour + (1 - OWN_WEIGHT) * per_hour.mean(axis=0), zone)


def corpus_rates(output: Path, site: str, zone: str, now: datetime) -> Rates:
    """Rates of a site from the articles of the corpus; of what is not known when there is none."""
    try:
        with CorpusReader(output) as reader:
            column = reader.dataset(Dataset.ARTICLES, site).to_table(columns=["published_at"])["published_at"]
    except CorpusError:
        return publication_rates((), now, ZoneInfo(zone))
    return publication_rates(column.drop_null().to_pylist(), now, ZoneInfo(zone))
