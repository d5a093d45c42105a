"""When a fetch that failed is worth another try, and when a host asks to be left alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.archive.exchange import Exchange
    from crawler.options import RunOptions
    from crawler.state.urls import KnownUrl

RETRY_STATUSES = frozenset({408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
"""Answers that say "not now": timeouts, overload, and what proxies in front of a dead server say."""
PAGE_FAILURES = frozenset({"http_500", "truncated", "too_large"})
"""Failures that say more about one page than about its host."""
FINAL_FAILURES = frozenset({"too_large", "private_address"})
"""Failures that another try would not change."""
_ENDS = re.compile(rb"</(?:html|body|urlset|sitemapindex|rss|feed|rdf:rdf)\s*>", re.IGNORECASE)
_END_BYTES = 4096
RETRY_WINDOW = timedelta(minutes=2)
"""A run waits for addresses that may be tried again within this time; later ones are the next run's."""
MAX_PAUSE = timedelta(days=1)
"""Longest Retry-After that is believed: no header switches a site off for ever."""


class Retries:
    """The retry plan of one run."""

    def __init__(self, options: RunOptions) -> None:
        self._attempts = options.fetch_attempts
        self._backoff = options.fetch_backoff
        self._max_in_a_row = options.host_failures_max
        self.n_answered = 0
        self.n_in_a_row = 0
        """Failures since the last answer that was of use."""
        self.last_reason = ""
        self.paused_until: datetime | None = None
        """The host asked to be left alone until then."""

    def answered(self) -> None:
        """The host gave what it was asked for."""
        self.n_answered += 1
        self.n_in_a_row = 0

    def failed(self, reason: str) -> None:
        """It did not; `reason` is a code."""
        self.n_in_a_row += reason not in PAGE_FAILURES
        self.last_reason = reason

    def problem(self, host: str, *, is_over: bool = False) -> str | None:
        """One line on why a run should ask nothing more of `host`, or, when it `is_over`, why it came to nothing."""
        if is_over and self.last_reason and not self.n_answered:
            return f"{host}: nothing could be fetched ({self.last_reason}); try again later"
        if self.is_long_pause:
            return f"{host}: asks to be left alone until {self.paused_until:%Y-%m-%d %H:%M:%S} UTC; try again then"
        if self.n_in_a_row >= self._max_in_a_row:
            return (
                f"{host}: {self.n_in_a_row} requests in a row failed, the last with {self.last_reason}; try again later"
            )
        return None

    @property
    def is_paused(self) -> bool:
        """Whether nothing may be asked of the host now."""
        return self.paused_until is not None and datetime.now(UTC) < self.paused_until

    @property
    def is_long_pause(self) -> bool:
        """Whether the pause is longer than a run waits."""
        return self.paused_until is not None and self.paused_until > datetime.now(UTC) + RETRY_WINDOW

    def heed(self, exchange: Exchange) -> datetime | None:
        """Until when an answer asks not to be asked again; the whole host is left alone, not only this address."""
        moment = retry_moment(exchange.header("retry-after"), exchange.fetched_at)
        if moment is not None:
            self.paused_until = max(moment, self.paused_until or moment)
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
