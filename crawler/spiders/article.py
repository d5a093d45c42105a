"""ArticleSpider: one class for every site. A profile says what is special about it."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.exceptions import UsageError

from crawler.crawling.downloader import TAKEN_BACK, failure_code
from crawler.crawling.trail import Trail
from crawler.errors import CollectorError, InternalError, RefusedError
from crawler.items import Page, Reason, Reject
from crawler.middlewares import LeftOut, NotNow
from crawler.spiders.manners import find_browser, introduce, mind_manners

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator
    from pathlib import Path

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawler.crawling.run import Run
    from crawler.discovery.robots import RobotsPolicy
    from crawler.sites.profile import SiteProfile
    from crawler.state.urls import KnownUrl, NewUrl


class ArticleSpider(Spider):
    """Finds article pages by feeds, sitemaps and listings and gives each as a Page to the stages.

    A site that needs Python subclasses it in `crawler/spiders/` under the site's key and overrides `visit_<kind>`.
    Arguments (`-a NAME=VALUE`): `archive` WARC files, comma-separated, to crawl offline; `full` walks listings
    whose articles are all known; `run_id` names the run; `max_pages` ends it after so many responses;
    `since` (2024-01-01) leaves out what was published before that day;
    `fetch=no` asks for nothing: only what is archived and has no row yet is processed;
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
        *,
        topic: str = "0",
        since: str = "",
        fetch: str = "",
        **unknown: Any,
    ) -> None:
        super().__init__(self.name)
        unknown.pop("_job", None)  # Scrapyd gives every crawl its number
        if unknown:
            known = "archive, full, run_id, max_pages, topic, since, fetch"
            raise UsageError(f"unknown argument -a {next(iter(unknown))}=…; known: {known}", print_help=False)
        if not max_pages.isdecimal():
            raise UsageError(f"-a max_pages={max_pages}: a whole number is needed", print_help=False)
        self.topic = _share(topic)
        self.since = _day(since)
        self.archive = [name for name in archive.split(",") if name]
        self.has_network = fetch != "no"
        self.is_full = full.lower() in {"1", "true", "yes"}
        self.run_id = run_id
        self.max_pages = int(max_pages)
        self.learn_into: list[Path] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Called by Scrapy while settings can still be changed."""
        if not cls.is_replay and not kwargs.get("archive") and kwargs.get("fetch") != "no":
            introduce(crawler.settings)
            find_browser(crawler.settings, cls.profile.crawl)
        mind_manners(crawler.settings, cls.profile.crawl)
        return super().from_crawler(crawler, *args, **kwargs)

    @cached_property
    def trail(self) -> Trail:
        """What pages lead to, in this run."""
        rank_link = self.run.seed_topics().rank_link if self.topic else None
        horizon, guard = self.run.horizon, self.run.guard
        trail = Trail(
            self.profile, self.run.intake, horizon=horizon, learned=guard.load(), topic=self.topic, rank_link=rank_link
        )
        trail.on_elsewhere = self.run.ledger.traffic.linked
        guard.learned = None if self.is_replay else trail.state
        return trail

    async def start(self) -> AsyncIterator[Any]:
        """What a run begins with; an error of the archive, the state or the disk ends it."""
        try:
            async for result in self.begin():
                yield result
        except CollectorError as error:
            self.run.end(error)
        except Exception as error:
            self.run.end(InternalError(self.profile.key, error))
            raise

    async def begin(self) -> AsyncIterator[Any]:
        """First what an earlier run archived and did not finish, then, not with `fetch=no`, the entry points."""
        if not self.has_network:
            self.run.is_open, self.run.origin = False, "archive"
        self.run.ledger.on_outcome = self.trail.learn_outcome
        for page, target in self.run.unfinished():
            await self.run.ledger.room()
            for result in self.visit(page, target):
                yield result
        if self.has_network:
            self.run.enter(self.trail.entry_points(), is_full=self.is_full)

    def request_for(self, target: KnownUrl) -> Request:
        """The request for an address out of the frontier, conditional when we have an older answer."""
        headers = {"If-None-Match": target.etag, "If-Modified-Since": target.last_modified}
        return Request(
            target.asked_url,
            headers={name: value for name, value in headers.items() if value},
            meta={"target": target, "verbatim_url": True},
            callback=self.answered,
            errback=self.failed,
            dont_filter=True,
        )

    def answered(self, response: Response) -> Iterator[Any]:
        """Callback of every request."""
        page: Page = response.meta["page"]
        try:
            yield from self.visit(page, response.meta["target"])
        except CollectorError as error:
            self.run.end(error)
        except Exception as error:
            self.logger.exception("%s broke the spider", page.url)
            self.run.ledger.reject(page, Reject(Reason.EXTRACTION_ERROR, f"{type(error).__name__}: {error}"[:500]))

    def failed(self, failure: Failure) -> None:
        """Errback of every request."""
        target: KnownUrl = failure.request.meta["target"]  # type: ignore[attr-defined]
        error: BaseException = failure.value  # type: ignore[assignment]
        if isinstance(error, RefusedError):
            self.run.intake.fail(target, "not_archivable", is_final=True)
        elif isinstance(error, CollectorError):
            self.run.end(error)
        elif isinstance(error, LeftOut):
            self.run.ledger.traffic.forbade()
            self.run.intake.leave_out(target, error.reason)
        elif isinstance(error, NotNow):
            self.run.intake.fail(target, error.reason, is_final=True)
        elif isinstance(error, TAKEN_BACK):
            self.run.intake.give_back(target)
        else:
            self.run.fail(target, failure_code(error, target.asked_url))

    def visit(self, page: Page, target: KnownUrl) -> Iterator[Any]:
        """What a page brings: Requests, and the Page itself when it should be an article."""
        ledger = self.run.ledger
        problem = self.run.intake.problems.pop(page.pointer, None)
        if 300 <= page.status < 400:  # noqa: PLR2004 - the redirects of HTTP
            yield from self.visit_redirect(page, target)
        elif page.pointer in self.run.intake.retried:
            ledger.pass_over(page.pointer, "tried_again")
        elif problem is not None:
            ledger.reject(page, problem)
        elif page.status >= 400:  # noqa: PLR2004 - the errors of HTTP
            self.refuse(page, target)
        elif target.kind == "article" and page.pointer in self.run.intake.unchanged:
            ledger.pass_over(page.pointer, "unchanged")
        elif target.kind == "article":
            yield page
        else:
            yield from self.follow(getattr(self, f"visit_{target.kind}")(page, target))
            ledger.pass_over(page.pointer, target.kind)

    def refuse(self, page: Page, target: KnownUrl, detail: str = "") -> None:
        """An error page: a reject when an article was expected."""
        if target.kind == "article":
            self.run.ledger.reject(page, Reject(Reason.HTTP_ERROR, f"{page.status}{detail}"))
        else:
            self.run.ledger.pass_over(page.pointer, f"http_{page.status}")

    def visit_redirect(self, page: Page, target: KnownUrl) -> Iterator[Request]:
        """A redirect, or 304: nothing has changed."""
        location = page.header("location") or ""
        is_unchanged = page.status == 304 and target.last_fetched_at is not None  # noqa: PLR2004 - HTTP's own number
        found = self.trail.from_redirect(page, target, location) if location and not is_unchanged else []
        for host in (urlsplit(new.url).netloc for new in found if new.reason == "off_site"):
            self.run.ledger.traffic.moved(host)
        if found or is_unchanged:
            yield from self.follow(found)
            self.run.ledger.pass_over(page.pointer, "not_modified" if is_unchanged else "redirect")
        else:
            self.refuse(page, target, f", leads nowhere ({location[:300]})")

    def visit_robots(self, page: Page, target: KnownUrl) -> Iterable[NewUrl]:
        """A robots.txt of an earlier run: nothing is left to do with it."""
        del page, target
        return ()

    def visit_feed(self, page: Page, target: KnownUrl) -> Iterable[NewUrl]:
        """A feed."""
        return self.trail.from_feed(page, target)

    def visit_sitemap(self, page: Page, target: KnownUrl) -> Iterable[NewUrl]:
        """A sitemap or an index of sitemaps."""
        return self.trail.from_sitemap(page, target)

    def visit_home(self, page: Page, target: KnownUrl) -> Iterable[NewUrl]:
        """The home page is a listing that also names the sections and feeds."""
        return self.visit_listing(page, target)

    def visit_listing(self, page: Page, target: KnownUrl) -> Iterable[NewUrl]:
        """A section page, or one of its further pages."""
        return self.trail.from_listing(page, target, is_full=self.is_full)

    def read_robots(self, policy: RobotsPolicy) -> None:
        """Called once per host: its robots.txt names sitemaps."""
        self.run.intake.discover(self.trail.from_robots(policy))

    def follow(self, found: Iterable[NewUrl]) -> Iterator[Request]:
        """Requests for addresses of the trail; those that a rule leaves out are remembered with the rule."""
        for new in found:
            yield Request(new.url, meta={"new_url": new}, dont_filter=True)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise UsageError(f"-a topic={text}: a number from 0 to 1 is needed", print_help=False)
    return share


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"-a since={text}: a day is needed, such as 2024-01-01", print_help=False) from None
