"""What a page leads to: addresses for the frontier, each with its place in the queue or the rule that leaves it out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from crawler.crawling.lists import PRIORITIES, ListTrail
from crawler.discovery.feeds import feed_batches
from crawler.discovery.horizon import BEFORE_SINCE, without_made_up_times
from crawler.discovery.kinds import judge_url
from crawler.discovery.sitemaps import BATCH, read_sitemap
from crawler.discovery.urls import as_given, is_on_site
from crawler.state.instants import now, to_micros
from crawler.state.revisits import sources_due

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from crawler.discovery.candidates import Candidate
    from crawler.discovery.robots import RobotsPolicy
    from crawler.items import Page
    from crawler.state.urls import KnownUrl, NewUrl

NEWS = timedelta(days=30)
"""A sitemap of an index that changed no longer ago is no archive."""
MAX_NEWS = 1
"""So many of an index' sitemaps go before articles: to ask for three of 50,000 addresses takes three seconds, and to
read them ten; an index of a million may have changed all of them today."""
SITEMAP_DEPTH = 2
"""Indexes of indexes are followed this far; endless ones exist."""

MAX_SPELLINGS = 4
"""Spellings of one address that are asked for in a row: https, www and two more."""


class Trail(ListTrail):
    """Reads feeds, sitemaps and listings of one site in one run, and learns which of them bring something."""

    _archive = ""
    """The sitemap of the past that was asked for last."""

    def state(self) -> dict[str, Any]:
        """What an unfinished run hands to the one that goes on, as JSON values."""
        return {**self.traps.state(), "began_at": to_micros(self.began_at)}

    def entry_points(self) -> Iterator[NewUrl]:
        """Where every run begins: home page, the profile's feeds, sitemaps and sections, else the usual places."""
        sources = self.profile.sources
        yield self.new_url(self.profile.home_url, "home", "seed")
        for kind, urls in (("feed", sources.feeds), ("sitemap", sources.sitemaps), ("listing", sources.sections)):
            for url in urls:
                yield self.new_url(url, kind, "seed", priority=PRIORITIES["sitemap"])
        for url, kind in sources_due(self.intake.store, self.profile.key, now()):
            yield self.new_url(url, kind, "sitemap" if kind == "sitemap" else "listing", depth=1)
        if not sources.sitemaps:
            yield self.new_url(f"{self.profile.home_url.rstrip('/')}/sitemap.xml", "sitemap", "seed")

    def refusal(self, target: KnownUrl) -> str | None:
        """The rule that forbids an address by now, though it was allowed when it was found."""
        if target.kind == "article":
            is_new = target.last_fetched_at is None and target.found_via != "seed"
            return BEFORE_SINCE if is_new and self.horizon.is_before(target.dated_at) else None
        if target.depth == 0:
            return None
        if self.lookback.is_too_far(target.url):
            return BEFORE_SINCE
        return self.traps.allows(target.url, target.kind)

    def is_early(self, target: KnownUrl, in_hand: Callable[[], set[str]]) -> bool:
        """Whether an address waits for what was asked before it.

        A further page of a listing waits for the articles of the page before, which may be too old; a sitemap of the
        past for the one before it to be read, so that articles come in between.
        """
        if target.kind != "sitemap" or target.priority != PRIORITIES["archive"]:
            return self._is_in_work(self.lookback.before(target.url), in_hand)
        is_next = target.url == self._archive or not self._is_in_work([self._archive], in_hand)
        self._archive = target.url if is_next else self._archive
        return not is_next

    def _is_in_work(self, urls: Sequence[str], in_hand: Callable[[], set[str]]) -> bool:
        return bool(urls) and (self.intake.frontier.is_any_due(urls) or not in_hand().isdisjoint(urls))

    def learn_outcome(self, url: str, /, *, is_article: bool, reason: str = "") -> None:
        """Folders whose pages turn out to be no articles lose their credit; an older article says nothing of it."""
        if reason == BEFORE_SINCE:
            self.lookback.found_older(url)
        else:
            self.traps.learned(url, int(is_article), "article")

    def from_redirect(self, page: Page, target: KnownUrl, location: str) -> list[NewUrl]:
        """Where a redirect leads, as an address of its own: archived, known and counted like any other.

        Empty when it leads nowhere: to no address, or back to where it came from.
        """
        try:
            url = urljoin(page.final_url, location)
        except ValueError:
            return []
        new = self.new_url(url, target.kind, "redirect", priority=target.priority, depth=target.depth + 1)
        if new.url == target.url:
            return _respelled(new, target, asked=page.final_url, given=as_given(url))
        reason = self.traps.redirected(target.url, new.url)
        if reason == "circle":
            return []
        return [replace(new, reason=reason) if reason else self.checked(new)]

    def from_feed(self, page: Page, target: KnownUrl) -> Iterator[NewUrl]:
        """Articles of a feed, batch by batch."""
        for batch in feed_batches(page.body, page.final_url, self.profile, BATCH):
            yield from map(self.checked, self._announced(batch, target.depth + 1))

    def from_sitemap(self, page: Page, target: KnownUrl) -> Iterator[NewUrl]:
        """Articles of a sitemap and the sitemaps of an index, batch by batch."""
        n_new = 0
        for batch in read_sitemap(page.body, page.final_url, self.profile).batches():
            candidates = without_made_up_times(batch, page.fetched_at)
            found = [self.checked(new) for new in self._announced(candidates, target.depth + 1)]
            n_new += self._count_new(found)
            yield from found
        self.traps.learned(target.url, n_new, "sitemap")

    def from_robots(self, policy: RobotsPolicy) -> list[NewUrl]:
        """The sitemaps that robots.txt names."""
        return [self.new_url(url, "sitemap", "robots") for url in policy.sitemaps if is_on_site(url, self.profile)]

    def _announced(self, candidates: Iterable[Candidate], depth: int) -> Iterator[NewUrl]:
        """What feeds and sitemaps announce: articles, and further sitemaps down to SITEMAP_DEPTH."""
        has_forms = bool(self.profile.sources.article_url)
        candidates = list(candidates)
        newest = _newest_sitemaps(candidates)
        for one in candidates:
            kind = "article" if one.kind == "unknown" and not has_forms else one.kind
            if kind == "article":
                times = {"lastmod": one.lastmod, "dated_at": self.horizon.dated(one.url, one.lastmod)}
                yield self.article_url(one.url, one.found_via, one.title, depth=depth, **times)
            elif kind == "sitemap" and depth <= SITEMAP_DEPTH:
                rank = None if one.url in newest else PRIORITIES["archive"]
                yield self.new_url(one.url, kind, one.found_via, priority=rank, depth=depth, lastmod=one.lastmod)
            else:
                rules = {"sitemap": "sitemap_depth", "listing": "list_page"}
                rule = rules.get(kind) or judge_url(one.url, self.profile).reason
                yield from self.intake.frontier.leftovers.take([(one.url, rule)], one.found_via)


def _newest_sitemaps(candidates: Iterable[Candidate]) -> set[str]:
    """The sitemaps of an index that are read before any article: at most MAX_NEWS of those that changed lately."""
    recent = [(one.lastmod, one.url) for one in candidates if one.lastmod and one.kind == "sitemap"]
    return {url for at, url in sorted(recent, reverse=True)[:MAX_NEWS] if at > now() - NEWS}


def _respelled(new: NewUrl, target: KnownUrl, *, asked: str, given: str | None) -> list[NewUrl]:
    """The same address in the spelling that its server prefers; nothing when it was asked for in that already."""
    if given in {None, asked, target.url} or target.n_spellings >= MAX_SPELLINGS:
        return []
    return [replace(new, spelling=given, n_spellings=target.n_spellings + 1)]
