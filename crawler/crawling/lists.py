"""What a list page leads to: articles, sections, and its further pages as long as they bring something."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from crawler.discovery.horizon import BEFORE_SINCE, Horizon
from crawler.discovery.listings import read_listing
from crawler.discovery.periods import period_of
from crawler.discovery.traps import TrapGuard
from crawler.discovery.urls import canonicalize
from crawler.discovery.walks import Lookback, Walks, in_walking_order
from crawler.state.instants import from_micros, now
from crawler.state.urls import NewUrl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from crawler.crawling.intake import Intake
    from crawler.discovery.listings import Link, Listing
    from crawler.items import Page
    from crawler.sites.profile import SiteProfile
    from crawler.state.urls import KnownUrl

PRIORITIES = {"home": 100, "feed": 95, "sitemap": 90, "section": 85, "article": 50, "archive": 49, "listing": 10}
"""Entry points first, then articles, then sitemaps of the past and further listing pages: the new before the old.

So no article waits for the million addresses of an archive to be read.
"""
NOTHING_NEW = "nothing_new"
"""Why further pages of a listing are left out: the page before them held only known articles."""
FUTURE = "trap_calendar"
"""Why days to come are left out: calendars have them without end."""


class ListTrail:
    """Reads the list pages of one site in one run, and says how every address found goes into the frontier."""

    def __init__(
        self,
        profile: SiteProfile,
        intake: Intake,
        *,
        horizon: Horizon | None = None,
        learned: Mapping[str, Any] | None = None,
        topic: float = 0.0,
        rank_link: Callable[[str], float] | None = None,
    ) -> None:
        """`horizon`: how far back the run goes; None: without end. `learned`: of traps, by a run that goes on.

        `topic`: likeness (0 to 1) to the seeds, by `rank_link`, below which an article waits for all others.
        """
        self.profile = profile
        self.intake = intake
        self.topic = topic
        self.rank_link = rank_link
        self.horizon = horizon or Horizon(None, profile.time_zone)
        self.traps = TrapGuard(profile, learned)
        self.walks = Walks()
        began_at = (learned or {}).get("began_at")
        self.began_at = from_micros(began_at) if isinstance(began_at, int) else now()
        """When the first of the runs began that this one goes on with; what was found since is no old news."""
        self.lookback = Lookback()
        self.on_elsewhere: Callable[[Iterable[str]], object] = tuple
        """Told which addresses of other hosts each list page links to."""

    def new_url(self, url: str, kind: str, found_via: str, *, priority: int | None = None, **facts: Any) -> NewUrl:
        """An address for the frontier, in canonical spelling."""
        rank = PRIORITIES.get(kind, 0) if priority is None else priority
        return NewUrl(canonicalize(url, self.profile), kind, found_via, rank, **facts)

    def article_url(self, url: str, found_via: str, title: str | None, **facts: Any) -> NewUrl:
        """An article's address; in a crawl by topic its place in the queue follows from its headline."""
        priority = PRIORITIES["article"]
        if self.rank_link is not None:
            likeness = self.rank_link(title or "")
            priority += round(30 * likeness) if likeness >= self.topic else -PRIORITIES["article"]
        return self.new_url(url, "article", found_via, priority=priority, title=title or None, **facts)

    def checked(self, new: NewUrl) -> NewUrl:
        """`new`, with the rule's code as its reason when it must not be fetched."""
        reason = new.reason or self.traps.allows(new.url, new.kind)
        dated_at = new.lastmod if new.kind == "sitemap" else new.dated_at
        if reason is None and self.horizon.is_before(dated_at):
            reason = BEFORE_SINCE
        return replace(new, reason=reason) if reason else new

    def from_listing(self, page: Page, target: KnownUrl, *, is_full: bool) -> list[NewUrl]:
        """Articles, sections and feeds of a listing; its further pages only while it brings something new."""
        listing = read_listing(page.body, page.final_url, self.profile)
        self.on_elsewhere(listing.elsewhere)
        depth = target.depth + 1
        articles = [self.checked(self._listed(link, depth)) for link in listing.articles]
        n_new, is_moving = self._count_new(articles), self._is_moving(target, articles)
        self.traps.learned(target.url, n_new, target.kind, is_moving=is_moving)
        addresses = in_walking_order(page.final_url, [one.url for one in listing.pages], page.fetched_at.date())
        pages = [self._further(url, page, depth) for url in addresses]
        # a quiet day says nothing of the days before, a page of sections nothing of their archive
        is_silent = not articles and (period_of(page.final_url) is not None or target.found_via != "pagination")
        if end := self._end(articles, has_more=bool(n_new) or is_moving or is_full or is_silent):
            newest = max((new.dated_at for new in articles if new.dated_at), default=None)
            articles += [replace(page_url, reason=end, dated_at=page_url.dated_at or newest) for page_url in pages]
        else:
            for page_url in pages:
                self._walk_on(page_url, articles)
        left = self.intake.frontier.leftovers.take(listing.ignored, "listing")
        return articles + [self.checked(new) for new in self._around(listing, depth)] + left

    def _further(self, url: str, page: Page, depth: int) -> NewUrl:
        """A further page of a list; of days to come there are no articles."""
        period = period_of(url)
        last = self.horizon.end_of(period.last) if period else None
        new = self.new_url(url, "listing", "pagination", depth=depth, dated_at=last)
        is_to_come = period is not None and period.first > page.fetched_at.date() + timedelta(days=1)
        return replace(new, reason=FUTURE) if is_to_come else new

    def _is_moving(self, target: KnownUrl, articles: Iterable[NewUrl]) -> bool:
        """Whether a list page names articles that this run found elsewhere: behind them may be some it did not find."""
        wanted = [new.url for new in articles if new.reason is None]
        return self.walks.moves_on(target.url, self.intake.is_known(wanted, since=self.began_at))

    def _listed(self, link: Link, depth: int) -> NewUrl:
        """An article on a list page."""
        dated_at = self.horizon.dated(link.url, link.listed_at)
        return self.article_url(link.url, "listing", link.text, depth=depth, dated_at=dated_at)

    def _end(self, articles: Iterable[NewUrl], *, has_more: bool) -> str | None:
        """Why a listing is left at the page that lists `articles`; None: it is walked on."""
        wanted = [new for new in articles if new.reason in {None, BEFORE_SINCE}]
        if wanted and all(new.reason or self.lookback.is_older(new.url) for new in wanted):
            return BEFORE_SINCE
        return None if has_more else NOTHING_NEW

    def _walk_on(self, page_url: NewUrl, articles: Iterable[NewUrl]) -> None:
        """Let a further page wait; whether its articles can be young enough is known when those before it were read."""
        if self.horizon.since is not None:
            self.lookback.follow(page_url.url, (new.url for new in articles if new.reason is None))
        checked = page_url if page_url.reason else self.checked(page_url)
        if checked.reason:
            self.intake.discover([checked])
        else:
            self.intake.visit_again(checked)

    def _around(self, listing: Listing, depth: int) -> Iterator[NewUrl]:
        """Feeds and sections a listing names."""
        for url in listing.feeds:
            yield self.new_url(url, "feed", "listing", depth=depth)
        rank = PRIORITIES["section"] if self.rank_link is not None else None
        for one in listing.listings:
            yield self.new_url(one.url, "listing", "listing", priority=rank, depth=depth)

    def _count_new(self, articles: Iterable[NewUrl]) -> int:
        """How many of the addresses are allowed and were not known before."""
        allowed = {new.url for new in articles if new.reason is None}
        return len(allowed - self.intake.is_known(allowed))
