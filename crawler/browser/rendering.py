"""Scrapy's handler of http and https for sites that need a browser: some pages are rendered, all others are not."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error as BrowserError
from scrapy.exceptions import DownloadTimeoutError
from scrapy.http import Headers, Request, Response
from scrapy.utils.httpobj import urlparse_cached
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler
from scrapy_playwright.page import PageMethod

from crawler.browser.errands import Errands, Shelf, plain
from crawler.crawling.downloader import CappedHandler, RenderingError
from crawler.errors import ArchiveError, OptionError
from crawler.middlewares import RobotsMiddleware
from crawler.sites.forms import compile_forms

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.sites.profile import SiteProfile

logging.getLogger("scrapy-playwright").setLevel(logging.ERROR)  # a page that fails is a row, and no traceback

KINDS = frozenset({"home", "listing", "article"})
MARK = "x-crawler-rendered"
"""Header of a response record whose body is what the scripts made of the page, and not what the server sent."""
OF_THE_SOURCE = ("content-encoding", "content-length", "content-type", "etag", "last-modified", "content-md5", "digest")
"""Headers that speak of what the server sent; kept as `x-crawler-…`. An unchanged shell says nothing of its lists."""


class BrowserHandler(ScrapyPlaywrightDownloadHandler, CappedHandler):
    """Fetches like any crawl. A page that `crawl.browser` names is then opened in Chromium with what was fetched."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        spider: Any = crawler.spider
        self.crawler = crawler
        self.profile: SiteProfile = spider.profile
        self.forms = compile_forms(self.profile.crawl.browser)
        self.seconds = crawler.settings.getfloat("BROWSER_TIMEOUT")
        self.max_bytes = crawler.settings.getint("PAGE_MAX_BYTES")
        self.agent = crawler.settings["USER_AGENT"]
        self.shelf = Shelf()
        self.asked_at: dict[str, float] = {}
        self.start = asyncio.Lock()
        self.numbers = itertools.count(1)

    async def _maybe_launch_in_thread(self) -> None:
        """Called when the crawl starts. Most crawls of such a site find nothing new: a browser comes later."""

    async def download_request(self, request: Request) -> Response:
        """The answer; for a page that needs it, with the document after its scripts in the place of the body."""
        response: Response = await super().download_request(request)
        return await self._render(request, response) if self._is_meant(request, response) else response

    def _is_meant(self, request: Request, response: Response) -> bool:
        target = request.meta.get("target")
        kind = (response.headers.get("content-type") or b"text/html").lower()
        is_page = response.status == 200 and b"html" in kind and "dataloss" not in response.flags  # noqa: PLR2004 - HTTP's
        is_wanted = target is not None and target.kind in KINDS and any(form.fits(request.url) for form in self.forms)
        return is_page and is_wanted

    async def _render(self, request: Request, response: Response) -> Response:
        try:
            document = plain(response, self.max_bytes)
        except ArchiveError:
            return response  # is archived, and refused by who reads it
        self.asked_at[urlparse_cached(request).netloc] = time.monotonic()
        errands = Errands(document, self.profile, self._fetch, self.shelf, self.max_bytes)
        try:
            async with asyncio.timeout(self.seconds):
                await self._open()
                rendered = await self._download_request(self._order(request, errands), self.crawler.spider)
        except TimeoutError:
            raise DownloadTimeoutError(f"{request.url}: not built after {self.seconds:g} seconds") from None
        except BrowserError as error:
            raise RenderingError(str(error).partition("\n")[0]) from None
        finally:
            await errands.close()
        headers = marked(response.headers, f"chromium/{self.browser.version}; after scripts")
        return response.replace(body=rendered.text.encode(), headers=headers)

    async def _open(self) -> None:
        """Start the browser unless it runs. Raises OptionError when it does not start."""
        async with self.start:
            try:
                if not hasattr(self, "browser_provider"):
                    await self._launch()
                await self._maybe_launch_browser()
            except (BrowserError, OSError) as error:
                line = " ".join(str(error).split())[:300]
                hint = "install chromium, or: playwright install chromium"
                raise OptionError(f"{self.profile.key}: the browser does not start; {hint} ({line})") from None

    def _order(self, request: Request, errands: Errands) -> Request:
        meta = {
            "playwright": True,
            "playwright_context": f"page-{next(self.numbers)}",  # of its own: no page finds what another one stored
            "playwright_context_kwargs": {
                "accept_downloads": False,
                "ignore_https_errors": False,
                "locale": "vi-VN",
                "service_workers": "block",
                "timezone_id": self.profile.time_zone,
                "user_agent": self.agent,
            },
            "playwright_page_goto_kwargs": {"wait_until": "commit"},
            "playwright_page_init_callback": errands.receive,
            "playwright_page_methods": [PageMethod(errands.settle)],
            "verbatim_url": True,
        }
        return Request(request.url, meta=meta)

    async def _fetch(self, url: str, headers: dict[str, str]) -> Response | None:
        """What a script asks for, when robots.txt allows it and the host has had its pause."""
        request = Request(url, headers={"User-Agent": self.agent, "Accept-Encoding": "gzip, deflate", **headers})
        robots = self.crawler.get_downloader_middleware(RobotsMiddleware)
        parts = urlparse_cached(request)
        if robots is None:
            return None
        policy = await robots.gatekeeper.policy(f"{parts.scheme}://{parts.netloc}")
        if not policy.allows(url, robots.agent):
            return None
        await self._pause(request)
        return await super().download_request(request)

    async def _pause(self, request: Request) -> None:
        """Wait as long as between any two requests, and let the next one of the crawl wait as long after this one."""
        downloader = self.crawler.engine.downloader
        slot = downloader.slots.get(downloader.get_slot_key(request))
        delay = slot.delay if slot else self.crawler.settings.getfloat("DOWNLOAD_DELAY")
        host = urlparse_cached(request).netloc
        await asyncio.sleep(self.asked_at.get(host, -delay) + delay - time.monotonic())
        self.asked_at[host] = time.monotonic()
        if slot:
            slot.lastseen = self.asked_at[host]


def marked(headers: Headers, what: str) -> Headers:
    """Headers of the rendered document: in UTF-8, and those that speak of the source renamed."""
    kept = Headers()
    for name, values in headers.items():
        text = name.decode("latin-1").lower()
        kept.setlist(f"x-crawler-{text}" if text in OF_THE_SOURCE else text, values)
    kept["content-type"] = "text/html; charset=utf-8"
    kept[MARK] = what
    return kept
