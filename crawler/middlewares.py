"""Between Scrapy and the network: robots.txt is asked first, the archive may answer, every response is archived."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self
from urllib.parse import urljoin

from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Headers, Request, Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached

from crawler.archive.exchange import Exchange
from crawler.discovery.robots import RobotsPolicy
from crawler.downloader import InterruptibleDownloader, failure_code
from crawler.errors import CollectorError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.items import Page
    from crawler.run import Run


logger = logging.getLogger(__name__)

MAX_ROBOTS_REDIRECTS = 5
"""RFC 9309, section 2.3.1.2."""


class LeftOut(IgnoreRequest):
    """A rule forbids this address; `reason` is its code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotNow(IgnoreRequest):
    """The address cannot be fetched now but may be later; `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RobotsMiddleware:
    """RFC 9309: a robots.txt that cannot be reached forbids all, one that is missing allows all."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.run: Run = crawler.spider.run  # type: ignore[union-attr]
        self.agent = crawler.settings["ROBOTS_TOKEN"]
        self.longest_delay = crawler.settings.getfloat("CRAWL_DELAY_MAX")
        self.policies: dict[str, asyncio.Future[RobotsPolicy]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Called by Scrapy."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let an allowed request pass; raise LeftOut or NotNow for the others."""
        if request.meta.get("is_robots"):
            return
        policy = await self.policy(request)
        if policy.state == "unreachable":
            raise NotNow("robots_unreachable")
        if not policy.allows(request.url, self.agent):
            raise LeftOut("robots_disallowed")

    async def policy(self, request: Request) -> RobotsPolicy:
        """The policy of the request's host, asked for once per run."""
        parts = urlparse_cached(request)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self.policies:
            self.policies[origin] = asyncio.ensure_future(self.read(origin))
        return await asyncio.shield(self.policies[origin])

    async def read(self, origin: str) -> RobotsPolicy:
        """Fetch and parse robots.txt of `origin`; slow the host's slot down to its Crawl-delay."""
        options = self.run.options
        for attempt in range(options.fetch_attempts):
            await asyncio.sleep(options.fetch_backoff * 3 ** (attempt - 1) if attempt else 0)
            page, problem = await self.ask(f"{origin}/robots.txt")
            policy = _policy(page)
            if policy.state != "unreachable" or not self.run.is_open:
                break
        if policy.state == "unreachable":
            self.refuse(origin, problem)
        elif page is not None:
            self.slow_down(origin, policy)
            self.crawler.spider.read_robots(policy)  # type: ignore[union-attr]
        return policy

    async def ask(self, url: str) -> tuple[Page | None, str]:
        """The robots.txt at `url` or where it redirects to, if it answers, and what is wrong with it."""
        try:
            page = await self.fetch(url)
        except CollectorError as error:
            self.run.end(error)
            return None, str(error)
        except Exception as error:  # noqa: BLE001 - whatever kept it from answering, it did not
            return None, failure_code(error, url)
        return page, "redirects without end" if page is None else f"status {page.status}"

    def refuse(self, origin: str, problem: str) -> None:
        """Without robots.txt of its home page's host a run has nothing that it may fetch."""
        line = f"{origin}/robots.txt: {problem}; nothing may be fetched until it answers (RFC 9309), try again later"
        if self.run.profile.home_url.startswith(f"{origin}/"):
            self.run.end(CollectorError(line))
        else:
            logger.warning("%s", line)

    async def fetch(self, url: str) -> Page | None:
        """The robots.txt at `url` or where it redirects to; None when the redirects lead nowhere."""
        for _ in range(MAX_ROBOTS_REDIRECTS + 1):
            request = Request(url, meta={"is_robots": True}, callback=NO_CALLBACK, priority=1000)
            response = await self.crawler.engine.download_async(request)
            page: Page = response.meta["page"]
            location = page.header("location")
            if not (300 <= page.status < 400 and location):  # noqa: PLR2004 - the redirects of HTTP
                return page
            url = urljoin(url, location)
        return None

    def slow_down(self, origin: str, policy: RobotsPolicy) -> None:
        """Raise the delay of the host's slot to the policy's, never lower it."""
        delay = min(policy.crawl_delay(self.agent) or 0.0, self.longest_delay)
        downloader = self.crawler.engine.downloader
        slot = downloader.slots.get(downloader.get_slot_key(Request(origin)))
        if slot is not None and delay > slot.delay:
            slot.delay = delay


def _policy(page: Page | None) -> RobotsPolicy:
    return RobotsPolicy.from_response(page.status, page.body, page.final_url) if page else RobotsPolicy("unreachable")


class OfflineMiddleware:
    """Answers from WARC files in the place of the network, for `-a archive=FILE`."""

    def __init__(self, run: Run) -> None:
        if run.offline is None:
            raise NotConfigured
        self.index = run.offline

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Off when the run is on the network."""
        return cls(crawler.spider.run)  # type: ignore[union-attr]

    def process_request(self, request: Request) -> Response:
        """The archived answer, or NotNow when the archive has none."""
        exchange = self.index.get(request.url)
        if exchange is None and request.meta.get("is_robots"):
            exchange = Exchange(request.url, 404, (), b"", datetime.now(UTC))
        if exchange is None:
            raise NotNow("not_in_archive")
        request.meta["exchange"] = exchange
        return Response(request.url, status=exchange.status, request=request)


class ArchiveMiddleware:
    """Writes every response to the archive as it was sent, before anything else looks at it."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.run: Run = crawler.spider.run  # type: ignore[union-attr]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Called by Scrapy."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Archive; the Page is `request.meta["page"]` from here on."""
        exchange = request.meta.pop("exchange", None) or _exchange(request, response)
        if request.meta.get("is_robots"):
            request.meta["page"] = self.run.receive_robots(exchange)
        else:
            request.meta["page"] = self.run.receive(exchange, request.meta["target"])
        downloader = self.crawler.engine.downloader
        if self.run.intake.retries.is_paused and isinstance(downloader, InterruptibleDownloader):
            downloader.take_back()
        return response


def _exchange(request: Request, response: Response) -> Exchange:
    return Exchange(
        url=response.url,
        status=response.status,
        headers=_pairs(response.headers),
        body=response.body,
        fetched_at=datetime.now(UTC),
        request_headers=_pairs(request.headers),
        ip_address=str(response.ip_address) if response.ip_address else None,
        truncated="disconnect" if "dataloss" in response.flags else None,
    )


def _pairs(headers: Headers) -> tuple[tuple[str, str], ...]:
    """Names in lower case and values as latin-1, which keeps every byte."""
    return tuple(
        (name.decode("latin-1").lower(), value.decode("latin-1"))
        for name, values in headers.items()
        for value in values
    )
