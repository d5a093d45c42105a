"""When a fetch that failed is worth another try, and when a host asks to be left alone."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from crawler.archive.exchange import Exchange
    from crawler.options import RunOptions
    from crawler.state.urls import KnownUrl

RETRY_STATUSES = frozenset({408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
"""Answers that say "not now": timeouts, overload, and what proxies in front of a dead server say."""
PAGE_FAILURES = frozenset({"http_500", "truncated", "too_large", "not_in_archive", "not_archivable"})
"""Failures that say more about one page than about its host."""
FINAL_FAILURES = frozenset({"too_large", "private_address"})
"""Failures that another try would not change."""
_ENDS = re.compile(rb"</(?:html|body|urlset|sitemapindex|rss|feed|rdf:rdf)\s*>", re.IGNORECASE)
_END_BYTES = 4096
RETRY_WINDOW = timedelta(minutes=2)
"""A run waits for addresses that may be tried again within this time; later ones are the next run's."""
MAX_PAUSE = timedelta(days=1)
"""Longest Retry-After that is believed: no header switches a site off for ever."""


@dataclass(slots=True)
class _Host:
    n_in_a_row: int = 0
    """Failures since the last answer that was of use."""
    last_reason: str = ""
    paused_until: datetime | None = None
    """It asked to be left alone until then."""


class Retries:
    """The retry plan of one run, host by host: what one of them asks for says nothing of a site's others.

    A host is that of an address' canonical spelling, with its port.
    """

    def __init__(self, options: RunOptions) -> None:
        self._attempts = options.fetch_attempts
        self._backoff = options.fetch_backoff
        self._max_in_a_row = options.host_failures_max
        self.n_answered = 0
        self._last_reason = ""
        self._hosts: defaultdict[str, _Host] = defaultdict(_Host)

    def answered(self, url: str) -> None:
        """The host of `url` gave what it was asked for."""
        self.n_answered += 1
        self._host(url).n_in_a_row = 0

    def failed(self, url: str, reason: str) -> None:
        """It did not; `reason` is a code."""
        host = self._host(url)
        host.n_in_a_row += reason not in PAGE_FAILURES
        host.last_reason = self._last_reason = reason

    def _host(self, url: str) -> _Host:
        return self._hosts[urlsplit(url).netloc]

    def problems(self, home: str, *, is_over: bool = False) -> list[str]:
        """A line for each host that this run asks for nothing more; or, when it `is_over`, why it came to nothing."""
        closed = sorted(self.closed())
        if is_over and self._last_reason and not self.n_answered and all(map(self._is_down, closed)):
            return [f"{home}: nothing could be fetched ({self._last_reason}); try again later"]
        return [self._problem(name) for name in closed]

    def _is_down(self, name: str) -> bool:
        return self._hosts[name].n_in_a_row >= self._max_in_a_row

    def _problem(self, name: str) -> str:
        host = self._hosts[name]
        if self._is_down(name):
            why = f"{host.n_in_a_row} requests in a row failed, the last with {host.last_reason}; try again later"
        else:
            why = f"asks to be left alone until {host.paused_until:%Y-%m-%d %H:%M:%S} UTC; try again then"
        return f"{name}: {why}"

    def resting(self) -> set[str]:
        """Hosts that may not be asked for anything now."""
        return self._left_alone(datetime.now(UTC))

    def closed(self) -> set[str]:
        """Those that rest longer than a run waits."""
        return self._left_alone(datetime.now(UTC) + RETRY_WINDOW)

    def _left_alone(self, at: datetime) -> set[str]:
        return {
            name
            for name, host in self._hosts.items()
            if self._is_down(name) or (host.paused_until is not None and host.paused_until > at)
        }

    def heed(self, url: str, exchange: Exchange) -> datetime | None:
        """Until when an answer asks not to be asked again; its host is left alone, not only this address."""
        moment = retry_moment(exchange.header("retry-after"), exchange.fetched_at)
        if moment is not None:
            host = self._host(url)
            host.paused_until = max(moment, host.paused_until or moment)
        return moment

    def next_try_at(self, target: KnownUrl, not_before: datetime | None = None) -> datetime | None:
        """When `target`, which just failed, is tried again; None when it was tried often enough."""
        if target.attempts + 1 >= self._attempts:
            return None
        soonest = datetime.now(UTC) + timedelta(seconds=self._backoff * 3**target.attempts)
        return max(soonest, not_before or soonest)


def has_end(body: bytes) -> bool:
    """Whether a page or feed ends as such: then a wrong Content-Length or a reset afterwards took nothing away."""
    return _ENDS.search(body[-_END_BYTES:]) is not None


def retry_moment(value: str | None, now: datetime) -> datetime | None:
    """The moment a Retry-After header names, in seconds or as a date (RFC 9110, 10.2.3), at most MAX_PAUSE from `now`.

    None when there is none, when it has passed, or when it cannot be read.
    """
    text = (value or "").strip()
    try:
        if text.isdecimal():
            moment = now + min(timedelta(seconds=int(text[:9])), MAX_PAUSE)
        else:
            moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(moment, now + MAX_PAUSE) if moment > now else None
