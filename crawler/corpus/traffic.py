"""What a run asked for and how the site answered: statuses, failures, redirects to other hosts, time to answer."""

from __future__ import annotations

from collections import Counter
from datetime import datetime  # noqa: TC003 - msgspec reads the annotation at run time
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

MAX_LATENCIES = 1_000
"""Answers whose time is kept: enough for a median, however long the run."""
MAX_HOSTS = 5
MAX_LINKED = 50_000
MAX_LINKED_HOSTS = 20


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of one run, robots.txt included."""

    statuses: dict[str, int] = {}
    """Answers by status."""
    failures: dict[str, int] = {}
    """Requests that came to nothing, by reason."""
    moved_to: dict[str, int] = {}
    """Redirects to hosts that the profile does not name; the most frequent."""
    linked_to: dict[str, int] = {}
    """Addresses of other hosts that list pages link to, by host; the most frequent. None of them is asked for."""
    n_linked_to: int = 0
    """Such addresses of all other hosts, each once, told apart up to MAX_LINKED."""
    forbidden: int = 0
    """Addresses that the run was about to ask for and robots.txt forbids."""
    n_sources: int = 0
    """Home page, feeds, sitemaps and sections that the profile names and that answered."""
    dead_sources: dict[str, str] = {}
    """Those that did not, with the status or the reason of the failure."""
    latency: float = 0.0
    """Median seconds from request to answer."""
    newest_at: datetime | None = None
    """Publication of the newest article of the site in the corpus, at the end of the run."""

    @property
    def n_answers(self) -> int:
        """Answers of any status."""
        return sum(self.statuses.values())

    @property
    def n_requests(self) -> int:
        """Answers and failures."""
        return self.n_answers + sum(self.failures.values())


class TrafficCount:
    """Counts as a run goes on."""

    def __init__(self, sources: Collection[str] = ()) -> None:
        """`sources`: addresses that the profile names."""
        self._statuses: Counter[str] = Counter()
        self._failures: Counter[str] = Counter()
        self._moved_to: Counter[str] = Counter()
        self._linked_to: Counter[str] = Counter()
        self._linked: set[int] = set()
        self._latencies: list[float] = []
        self._named = sources
        self._sources: dict[str, str] = {}
        """Sources asked for, and what was wrong with the last answer."""
        self._n_forbidden = 0

    def answered(self, status: int, latency: float | None, url: str = "") -> None:
        """An answer came after `latency` seconds; None: not measured."""
        if url in self._named:
            self._sources[url] = f"http_{status}" if status >= 400 else ""  # noqa: PLR2004 - the errors of HTTP
        self._statuses[str(status)] += 1
        if latency is not None and len(self._latencies) < MAX_LATENCIES:
            self._latencies.append(latency)

    def failed(self, reason: str, url: str = "") -> None:
        """A request came to nothing."""
        if url in self._named:
            self._sources[url] = reason
        self._failures[reason] += 1

    def moved(self, host: str) -> None:
        """A redirect led to another host."""
        if host in self._moved_to or len(self._moved_to) < MAX_LATENCIES:
            self._moved_to[host] += 1

    def linked(self, urls: Iterable[str]) -> None:
        """A list page links to these addresses of other hosts."""
        for url in urls:
            if hash(url) not in self._linked and len(self._linked) < MAX_LINKED:
                self._linked.add(hash(url))
                self._linked_to[urlsplit(url).netloc] += 1

    def forbade(self) -> None:
        """robots.txt forbids an address that was about to be asked for."""
        self._n_forbidden += 1

    def traffic(self, newest_at: datetime | None = None) -> Traffic:
        """What was counted so far."""
        dead = {url: problem for url, problem in sorted(self._sources.items()) if problem}
        return Traffic(
            forbidden=self._n_forbidden,
            n_sources=len(self._sources) - len(dead),
            dead_sources=dead,
            statuses=dict(sorted(self._statuses.items())),
            failures=dict(sorted(self._failures.items())),
            moved_to=dict(self._moved_to.most_common(MAX_HOSTS)),
            linked_to=dict(self._linked_to.most_common(MAX_LINKED_HOSTS)),
            n_linked_to=len(self._linked),
            latency=round(median(self._latencies), 3) if self._latencies else 0.0,
            newest_at=newest_at,
        )
