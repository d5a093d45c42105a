"""ArticleSpider: one class for every site. A profile says what is special about it."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self
from urllib.parse import urljoin

from scrapy import Request, Spider
from scrapy.exceptions import UsageError

from crawler.discovery.feeds import read_feed
from crawler.discovery.listings import read_listing
from crawler.discovery.sitemaps import read_sitemap
from crawler.discovery.traps import TrapGuard
from crawler.discovery.urls import canonicalize, is_on_site
from crawler.downloader import TAKEN_BACK, failure_code
from crawler.errors import CollectorError, RefusedError
from crawler.items import Page, Reason, Reject
from crawler.middlewares import LeftOut, NotNow
from crawler.retries import RETRY_STATUSES
from crawler.spiders.manners import mind_manners
from crawler.state.urls import KnownUrl, NewUrl

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator
    from pathlib import Path

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawler.discovery.candidates import Candidate
    from crawler.discovery.robots import RobotsPolicy
    from crawler.refinement.topic import SeedTopics
    from crawler.run import Run
    from crawler.sites.profile import SiteProfile

PRIORITIES = {"home": 100, "feed": 95, "sitemap": 90, "section": 85, "article": 50, "listing": 10}
"""Entry points first, then articles, then further listing pages: what is new comes before what is old."""
SITEMAP_DEPTH = 2
"""Indexes of indexes are followed this far; endless ones exist."""


class ArticleSpider(Spider):
    """Finds article pages by feeds, sitemaps and listings and gives each as a Page to the stages.

    A site that needs Python subclasses it in `crawler/spiders/` under the site's key and overrides `visit_<kind>`.
    Arguments (`-a NAME=VALUE`): `archive` WARC files, comma-separated, to crawl offline; `full` walks listings
    whose articles are all known; `run_id` names the run; `max_pages` ends it after so many responses;
    `topic` (0 to 1) fetches first what the seeds speak of, and what is less like them than this after all else.
    """

    name = "site"
    is_replay = False
    profile: ClassVar[SiteProfile]
    run: Run

    def __init__(
        self,
        archive: str = "",
        full: str = "",
        run_id: str = "",
        max_pages: str = "0",
        topic: str = "0",
        **unknown: Any,
    ) -> None:
        super().__init__(self.name)
        if unknown:
            known = "archive, full, run_id, max_pages, topic"
            raise UsageError(f"unknown argument -a {next(iter(unknown))}=…; known: {known}", print_help=False)
        if not max_pages.isdecimal():
            raise UsageError(f"-a max_pages={max_pages}: a whole number is needed", print_help=False)
        self.topic = _share(topic)
        self.archive = [name for name in archive.split(",") if name]
        self.is_full = full.lower() in {"1", "true", "yes"}
        self.run_id = run_id
        self.max_pages = int(max_pages)
        self.learn_into: list[Path] = []
        self.traps = TrapGuard(self.profile)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Called by Scrapy while settings can still be changed."""
        mind_manners(crawler.settings, cls.profile.crawl)
        return super().from_crawler(crawler, *args, **kwargs)

    async def start(self) -> AsyncIterator[Any]:
        """What a run begins with; an error of the archive, the state or the disk ends it."""
        try:
            async for result in self.begin():
                yield result
        except CollectorError as error:
            self.run.end(error)

    async def begin(self) -> AsyncIterator[Any]:
        """First what an earlier run archived and did not finish, then the entry points."""
        self.run.on_outcome = self.learn_outcome
        for page, target in self.run.unfinished():
            await self.run.room()
            for result in self.visit(page, target):
                yield result
        self.run.enter(self.entry_points())

    def entry_points(self) -> Iterator[NewUrl]:
        """Where every run begins: home page, the profile's feeds, sitemaps and sections, else the usual places."""
        sources = self.profile.sources
        yield self.new_url(self.profile.home_url, "home", "seed")
        for kind, urls in (("feed", sources.feeds), ("sitemap", sources.sitemaps), ("listing", sources.sections)):
            for url in urls:
                yield self.new_url(url, kind, "seed", priority=PRIORITIES["sitemap"])
        for url in self.run.intake.frontier.sections():
            yield self.new_url(url, "listing", "listing", depth=1)
        if not sources.sitemaps:
            yield self.new_url(f"{self.profile.home_url.rstrip('/')}/sitemap.xml", "sitemap", "seed")

    def new_url(self, url: str, kind: str, found_via: str, *, priority: int | None = None, **facts: Any) -> NewUrl:
        """An address for the frontier, in canonical spelling."""
        rank = PRIORITIES.get(kind, 0) if priority is None else priority
        return NewUrl(canonicalize(url, self.profile), kind, found_via, rank, **facts)

    def article_url(self, url: str, found_via: str, title: str | None, **facts: Any) -> NewUrl:
        """An article's address; in a crawl by topic its place in the queue follows from its headline."""
        priority = PRIORITIES["article"]
        if self.topic:
            likeness = self.topics.rank_link(title or "")
            priority += round(30 * likeness) if likeness >= self.topic else -PRIORITIES["article"]
        return self.new_url(url, "article", found_via, priority=priority, title=title or None, **facts)

    @cached_property
    def topics(self) -> SeedTopics:
        """What the seeds of all sites are about."""
        return self.run.seed_topics()

    def request_for(self, target: KnownUrl) -> Request:
        """The request for an address out of the frontier, conditional when we have an older answer."""
        headers = {"If-None-Match": target.etag, "If-Modified-Since": target.last_modified}
        return Request(
            target.url,
            headers={name: value for name, value in headers.items() if value},
            meta={"target": target, "verbatim_url": True},
            callback=self.answered,
            errback=self.failed,
            dont_filter=True,
        )

    def answered(self, response: Response) -> Iterator[Any]:
        """Callback of every request."""
        try:
            yield from self.visit(response.meta["page"], response.meta["target"])
        except CollectorError as error:
            self.run.end(error)

    def failed(self, failure: Failure) -> None:
        """Errback of every request."""
        target: KnownUrl = failure.request.meta["target"]  # type: ignore[attr-defined]
        error: BaseException = failure.value  # type: ignore[assignment]
        if isinstance(error, RefusedError):
            self.run.intake.fail(target, "not_archivable", is_final=True)
        elif isinstance(error, CollectorError):
            self.run.end(error)
        elif isinstance(error, LeftOut):
            self.run.intake.leave_out(target, error.reason)
        elif isinstance(error, NotNow):
            self.run.intake.fail(target, error.reason, is_final=True)
        elif isinstance(error, TAKEN_BACK):
            self.run.intake.give_back(target)
        else:
            self.run.fail(target, failure_code(error))

    def visit(self, page: Page, target: KnownUrl) -> Iterator[Any]:
        """What a page brings: Requests, and the Page itself when it should be an article."""
        problem = self.run.intake.problems.pop(page.pointer, None)
        if 300 <= page.status < 400:  # noqa: PLR2004 - the redirects of HTTP
            yield from self.visit_redirect(page, target)
        elif problem is not None:
            self.run.reject(page, problem)
        elif page.status >= 400:  # noqa: PLR2004 - the errors of HTTP
            self.refuse(page, target)
        elif target.kind == "article" and page.pointer in self.run.intake.unchanged:
            self.run.pass_over(page, "unchanged")
        elif target.kind == "article":
            yield page
        elif target.kind == "robots":
            self.run.pass_over(page, "robots")
        else:
            yield from getattr(self, f"visit_{target.kind}")(page, target)
            self.run.pass_over(page, target.kind)

    def refuse(self, page: Page, target: KnownUrl) -> None:
        """An error page: a reject when an article was expected and no further try will be made."""
        is_retried = page.status in RETRY_STATUSES and target.attempts + 1 < self.run.options.fetch_attempts
        if target.kind == "article" and not is_retried:
            self.run.reject(page, Reject(Reason.HTTP_ERROR, str(page.status)))
        else:
            self.run.pass_over(page, f"http_{page.status}")

    def visit_redirect(self, page: Page, target: KnownUrl) -> Iterator[Request]:
        """The page it leads to, as an address of its own: archived, known and counted like any other."""
        location = page.header("location")
        if page.status != 304 and location:  # noqa: PLR2004 - not modified
            yield from self.follow([self.checked(self._redirected(page, target, location))])
        self.run.pass_over(page, "not_modified" if page.status == 304 else "redirect")  # noqa: PLR2004

    def _redirected(self, page: Page, target: KnownUrl, location: str) -> NewUrl:
        url = urljoin(page.final_url, location)
        return self.new_url(url, target.kind, "redirect", priority=target.priority, depth=target.depth + 1)

    def visit_feed(self, page: Page, target: KnownUrl) -> Iterator[Request]:
        """Articles of a feed."""
        feed = read_feed(page.body, page.final_url, self.profile)
        yield from self.follow([self.checked(new) for new in self.announced(feed.candidates, target.depth + 1)])

    def visit_sitemap(self, page: Page, target: KnownUrl) -> Iterator[Request]:
        """Articles of a sitemap, and the sitemaps of an index."""
        n_new = 0
        for batch in read_sitemap(page.body, page.final_url, self.profile).batches():
            found = [self.checked(new) for new in self.announced(batch, target.depth + 1)]
            n_new += self.count_new(found)
            yield from self.follow(found)
        self.traps.learned(target.url, n_new, "sitemap")

    def announced(self, candidates: Iterable[Candidate], depth: int) -> Iterator[NewUrl]:
        """What feeds and sitemaps announce: articles, and further sitemaps down to SITEMAP_DEPTH."""
        has_forms = bool(self.profile.sources.article_url)
        for one in candidates:
            kind = "article" if one.kind == "unknown" and not has_forms else one.kind
            if kind == "article":
                yield self.article_url(one.url, one.found_via, one.title, depth=depth, lastmod=one.lastmod)
            elif kind == "sitemap" and depth <= SITEMAP_DEPTH:
                yield self.new_url(one.url, kind, one.found_via, depth=depth)

    def visit_home(self, page: Page, target: KnownUrl) -> Iterator[Request]:
        """The home page is a listing that also names the sections and feeds."""
        yield from self.visit_listing(page, target)

    def visit_listing(self, page: Page, target: KnownUrl) -> Iterator[Request]:
        """Articles of a listing page; its further pages only while it brings something new."""
        listing = read_listing(page.body, page.final_url, self.profile)
        depth = target.depth + 1
        links = (self.article_url(link.url, "listing", link.text, depth=depth) for link in listing.articles)
        articles = [self.checked(new) for new in links]
        n_new = self.count_new(articles)
        self.traps.learned(target.url, n_new, target.kind)
        yield from self.follow(articles)
        feeds = [self.new_url(url, "feed", "listing", depth=depth) for url in listing.feeds]
        rank = PRIORITIES["section"] if self.topic else None
        sections = [self.new_url(one.url, "listing", "listing", priority=rank, depth=depth) for one in listing.listings]
        yield from self.follow([self.checked(new) for new in feeds + sections])
        if n_new or self.is_full:
            for one in listing.pages:
                self.run.intake.visit_again(self.checked(self.new_url(one.url, "listing", "pagination", depth=depth)))

    def learn_outcome(self, url: str, *, is_article: bool) -> None:
        """Folders whose pages turn out to be no articles lose their credit."""
        self.traps.learned(url, int(is_article), "article")

    def count_new(self, articles: Iterable[NewUrl]) -> int:
        """How many of the addresses are allowed and were not known before."""
        allowed = {new.url for new in articles if new.reason is None}
        return len(allowed - self.run.intake.is_known(allowed))

    def refusal(self, target: KnownUrl) -> str | None:
        """The rule that forbids a listing by now, though it was allowed when it was found."""
        if target.kind == "article" or target.depth == 0:
            return None
        return self.traps.allows(target.url, target.kind)

    def read_robots(self, page: Page, policy: RobotsPolicy) -> None:
        """Called once per host: its robots.txt names sitemaps."""
        del page
        urls = [url for url in policy.sitemaps if is_on_site(url, self.profile)]
        self.run.intake.discover(self.new_url(url, "sitemap", "robots") for url in urls)

    def follow(self, found: Iterable[NewUrl]) -> Iterator[Request]:
        """Requests for `checked` addresses; those that a rule leaves out are remembered with the rule."""
        for new in found:
            yield Request(new.url, meta={"new_url": new}, dont_filter=True)

    def checked(self, new: NewUrl) -> NewUrl:
        """`new`, with the rule's code as its reason when it must not be fetched."""
        reason = self.traps.allows(new.url, new.kind)
        return replace(new, reason=reason) if reason else new


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise UsageError(f"-a topic={text}: a number from 0 to 1 is needed", print_help=False)
    return share
