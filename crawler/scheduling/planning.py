"""When a site is due next, by its rule and, for an adaptive one, by what it published so far."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crawler.errors import ProfileError
from crawler.sites.schedules import Adaptive, Cron, parse_schedule, spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime, timedelta

    from crawler.scheduling.rates import Rates
    from crawler.sites.profile import SiteProfile
    from crawler.sites.schedules import Schedule

MAX_COUNTED = 10_000
"""Missed due times are counted up to here: a minute's rule after a week of sleep."""


@dataclass(frozen=True)
class ScheduledSite:
    """A site with a schedule."""

    key: str
    text: str
    """The rule as the profile has it."""
    zone: str
    rule: Schedule


def scheduled_sites(profiles: Mapping[str, SiteProfile]) -> dict[str, ScheduledSite]:
    """Those of the sites that have a schedule. Raises ProfileError for one that cannot be read."""
    sites = {}
    for key, profile in profiles.items():
        if not profile.schedule:
            continue
        try:
            rule = parse_schedule(profile.schedule)
        except ValueError as error:
            raise ProfileError(f"{key}: schedule: {error}") from None
        sites[key] = ScheduledSite(key, profile.schedule, profile.time_zone, rule)
    return sites


class Planner:
    """Due times of the scheduled sites."""

    def __init__(
        self,
        sites: Mapping[str, ScheduledSite],
        *,
        spread_seconds: int = 0,
        rates: Callable[[ScheduledSite], Rates] | None = None,
        n_articles: float = 1.0,
    ) -> None:
        """`spread_seconds`: cron lines come up to so much later, each site always by the same time.

        `rates`: how often a site publishes; asked for adaptive rules, whose sites are due when `n_articles` new
        articles are expected.
        """
        self.sites = dict(sites)
        self._spread_seconds = spread_seconds
        self._rates = rates
        self._n_articles = n_articles

    def next_after(self, key: str, moment: datetime) -> datetime:
        """The first due time of the site later than `moment`; of an adaptive one, which was crawled at `moment`."""
        site = self.sites[key]
        if isinstance(site.rule, Adaptive):
            return moment + self._adaptive_wait(site, site.rule, moment)
        # a rule of equal distances spreads over the whole distance, a cron line means nearly what it says
        offset = spread(key, self._spread_seconds) if isinstance(site.rule, Cron) else spread(key, 1 << 31)
        return site.rule.next_after(moment, ZoneInfo(site.zone), offset)

    def n_missed(self, key: str, due_at: datetime, now: datetime) -> int:
        """Due times later than `due_at` and not later than `now`."""
        if isinstance(self.sites[key].rule, Adaptive):
            return 0
        n, moment = 0, self.next_after(key, due_at)
        while moment <= now and n < MAX_COUNTED:
            n, moment = n + 1, self.next_after(key, moment)
        return n

    def _adaptive_wait(self, site: ScheduledSite, rule: Adaptive, moment: datetime) -> timedelta:
        wait = self._rates(site).wait(moment, self._n_articles, rule.at_most) if self._rates else rule.at_most
        return min(max(wait, rule.at_least), rule.at_most)


def due_times(planner: Planner, begin: Mapping[str, datetime], end: datetime) -> Iterator[tuple[datetime, str]]:
    """What is due until `end`, in order of time: (moment, site). `begin`: the next due time of each site."""
    heap = [(moment, site) for site, moment in begin.items() if moment <= end]
    heapq.heapify(heap)
    while heap:
        moment, site = heapq.heappop(heap)
        yield moment, site
        following = planner.next_after(site, moment)
        if following <= end:
            heapq.heappush(heap, (following, site))
