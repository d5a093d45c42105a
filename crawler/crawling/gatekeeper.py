"""What each host's robots.txt allows: asked for before anything else, kept for a day, obeyed in pace as in rules."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin

from scrapy.http import Request
from scrapy.http.request import NO_CALLBACK

from crawler.crawling.downloader import failure_code
from crawler.discovery.reservations import TDM_PATH
from crawler.discovery.robots import RobotsPolicy
from crawler.discovery.urls import as_given
from crawler.errors import CollectorError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.crawling.run import Run
    from crawler.items import Page

logger = logging.getLogger(__name__)

MAX_REDIRECTS = 5
"""RFC 9309, section 2.3.1.2."""
KEPT_SECONDS = 24 * 3600.0
"""How long a robots.txt counts without being asked for again (RFC 9309, section 2.4)."""
SHUT_SECONDS = 3600.0
"""When one that did not answer is asked for again; until it answers nothing is allowed (section 2.3.1.4)."""


class _Answer(NamedTuple):
    page: Page | None
    problem: str
    """What is wrong with it; empty when it can be read."""


class Gatekeeper:
    """The robots.txt of every host of a run."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.run: Run = crawler.spider.run  # type: ignore[union-attr]
        self.agent = crawler.settings["ROBOTS_TOKEN"]
        self.longest_delay = crawler.settings.getfloat("CRAWL_DELAY_MAX")
        self.clock = time.monotonic
        self._policies: dict[str, asyncio.Future[RobotsPolicy]] = {}
        self._due: dict[str, float] = {}

    async def policy(self, origin: str) -> RobotsPolicy:
        """What the robots.txt of `origin` (scheme and host) says, fetched at most once a day."""
        if self._is_due(origin):
            self._policies[origin] = asyncio.ensure_future(self._renewed(origin, self._policies.get(origin)))
        return await asyncio.shield(self._policies[origin])

    def _is_due(self, origin: str) -> bool:
        known = self._policies.get(origin)
        return known is None or (known.done() and self.clock() >= self._due[origin])

    async def _renewed(self, origin: str, known: asyncio.Future[RobotsPolicy] | None) -> RobotsPolicy:
        """A new copy; the one before it where no new one can be had."""
        policy = await self._read(origin)
        is_shut = policy.state == "unreachable"
        self._due[origin] = self.clock() + (SHUT_SECONDS if is_shut else KEPT_SECONDS)
        return known.result() if is_shut and known is not None else policy

    async def _read(self, origin: str) -> RobotsPolicy:
        """Fetch and parse robots.txt of `origin`; slow its host down to what it asks for."""
        options = self.run.options
        for attempt in range(options.fetch_attempts):
            await asyncio.sleep(options.fetch_backoff * 3 ** (attempt - 1) if attempt else 0)
            page, problem = await self._ask(f"{origin}/robots.txt")
            policy = _policy(page, problem)
            if policy.state != "unreachable" or not self.run.is_open:
                break
        if page is None or policy.state == "unreachable":
            self._refuse(origin, problem or f"status {page.status if page else 0}")
        else:
            self._slow_down(origin, policy)
            self.run.reservations.note(origin, policy)
            self.crawler.spider.read_robots(policy)  # type: ignore[union-attr]
            await self._read_reservations(origin, policy)
        return policy

    async def _read_reservations(self, origin: str, policy: RobotsPolicy) -> None:
        """Ask a host once a day for what it reserves by the TDM Reservation Protocol."""
        url, offline = f"{origin}{TDM_PATH}", self.run.offline
        age = time.time() - self.run.reservations.asked.get(url, 0.0)
        is_fresh = abs(age) < KEPT_SECONDS  # a clock may be set back
        if is_fresh or not policy.allows(url, self.agent) or (offline is not None and offline.get(url) is None):
            return
        page, _ = await self._ask(url)
        if page is not None:
            self.run.reservations.read(page)

    async def _ask(self, url: str) -> _Answer:
        """The robots.txt at `url` or where it redirects to, if it answers, and what is wrong with it."""
        try:
            answer = await self._fetch(url)
        except CollectorError as error:
            self.run.end(error)
            return _Answer(None, str(error))
        except Exception as error:  # noqa: BLE001 - whatever kept it from answering, it did not
            problem = failure_code(error, url)
            self.run.ledger.traffic.failed(problem)
            return _Answer(None, problem)
        return answer

    async def _fetch(self, url: str) -> _Answer:
        for _ in range(MAX_REDIRECTS + 1):
            request = Request(url, meta={"is_robots": True}, callback=NO_CALLBACK, priority=1000)
            response = await self.crawler.engine.download_async(request)
            page: Page = response.meta["page"]
            location = page.header("location")
            if not (300 <= page.status < 400 and location):  # noqa: PLR2004 - the redirects of HTTP
                return _Answer(page, response.meta["problem"])
            if (given := as_given(urljoin(url, location))) is None:
                return _Answer(None, "redirects to no address that may be asked")
            url = given
        return _Answer(None, "redirects without end")

    def _refuse(self, origin: str, problem: str) -> None:
        """Without robots.txt of its home page's host a run has nothing that it may fetch."""
        self.run.ledger.traffic.failed("robots_unreachable")
        line = f"{origin}/robots.txt: {problem}; nothing may be fetched until it answers (RFC 9309), try again later"
        if self.run.profile.home_url.startswith(f"{origin}/"):
            self.run.end(CollectorError(line))
        else:
            logger.warning("%s", line)

    def _slow_down(self, origin: str, policy: RobotsPolicy) -> None:
        """Raise the delay of the host's slot to what Crawl-delay and Request-rate ask for, never lower it."""
        delay = min(policy.least_delay(self.agent), self.longest_delay)
        downloader = self.crawler.engine.downloader
        key = downloader.get_slot_key(Request(origin))
        slot = downloader.slots.get(key)
        if slot is not None and delay > slot.delay:
            slot.delay = delay
            # Scrapy forgets a slot that was idle for a minute: the next one begins with this
            downloader.per_slot_settings.setdefault(key, {})["delay"] = delay


def _policy(page: Page | None, problem: str) -> RobotsPolicy:
    """A file that is not whole or cannot be unpacked might forbid more than what came of it."""
    if page is None or (problem and 200 <= page.status < 300):  # noqa: PLR2004 - HTTP's successes
        return RobotsPolicy("unreachable")
    return RobotsPolicy.from_response(page.status, page.body, page.final_url)
