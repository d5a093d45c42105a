"""Between Scrapy and the network: robots.txt is asked first, the archive may answer, every response is archived."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Headers, Request, Response
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.defer import CancelledError

from crawler.archive.exchange import Exchange
from crawler.crawling.downloader import InterruptibleDownloader
from crawler.crawling.gatekeeper import Gatekeeper
from crawler.sites.hours import closed_line, opens_at

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.crawling.run import Run

CREDENTIALS = ("Authorization", "Cookie")


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
    """RFC 9309: a robots.txt that cannot be reached forbids all, one that is missing allows all.

    Before it, the hours that the profile asks for: outside of them the run asks for nothing more and ends.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.run: Run = crawler.spider.run  # type: ignore[union-attr]
        self.agent = crawler.settings["ROBOTS_TOKEN"]
        self.gatekeeper = Gatekeeper(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Called by Scrapy."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let an allowed request pass; raise LeftOut or NotNow for the others, CancelledError outside the hours."""
        if request.meta.get("is_robots"):
            return
        self.mind_hours()
        parts = urlparse_cached(request)
        policy = await self.gatekeeper.policy(f"{parts.scheme}://{parts.netloc}")
        if policy.state == "unreachable":
            raise NotNow("robots_unreachable")
        if not policy.allows(request.url, self.agent):
            raise LeftOut("robots_disallowed")

    def mind_hours(self) -> None:
        """Take the request back when the site does not want to be asked at this hour."""
        profile = self.run.profile
        moment = opens_at(profile, datetime.now(UTC)) if self.run.offline is None else None
        if moment is None:
            return
        if (line := closed_line(profile, moment)) not in self.run.notes:
            self.run.notes.append(line)
        self.run.is_open = False
        raise CancelledError


class CredentialsMiddleware:
    """What DEFAULT_REQUEST_HEADERS says of who we are is for the profile's home page's host, and nobody else.

    Nothing else can give credentials: cookies are off, and user names in addresses are cut off with the address.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.home = urlsplit(crawler.spider.run.profile.home_url)  # type: ignore[union-attr]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Called by Scrapy."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Cut them off for every other host, and where TLS would be given up."""
        parts = urlparse_cached(request)
        if parts.netloc != self.home.netloc or parts.scheme not in {self.home.scheme, "https"}:
            for name in CREDENTIALS:
                request.headers.pop(name, None)


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
        asked = request.meta["target"].url if "target" in request.meta else ""
        self.run.ledger.traffic.answered(exchange.status, request.meta.get("download_latency"), asked)
        if request.meta.get("is_robots"):
            page = request.meta["page"] = self.run.receive_robots(exchange)
            reject = self.run.intake.problems.pop(page.pointer, None)
            request.meta["problem"] = (reject.reason if reject else exchange.truncated) or ""
        else:
            request.meta["page"] = self.run.receive(exchange, request.meta["target"])
        downloader = self.crawler.engine.downloader
        if isinstance(downloader, InterruptibleDownloader) and (resting := self.run.intake.retries.resting()):
            downloader.take_back(resting)
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
