"""What the scripts of one page ask for, brought by the crawl's own downloader and by nobody else.

The browser cannot connect to anything: each of its requests ends here. So the guard of addresses, robots.txt, the pause
between two requests and the limits of size hold for it as for the crawl.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin

from crawler.archive.codings import decode
from crawler.crawling.downloader import RenderingError, TooMuchError
from crawler.discovery.urls import is_on_site

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from playwright.async_api import Page, Route
    from playwright.async_api import Request as Asked
    from scrapy.http import Response

    from crawler.sites.profile import SiteProfile

logger = logging.getLogger(__name__)

MAX_REQUESTS = 100
"""Of one page: large front pages of newspapers ask their own hosts for some forty scripts and lists."""
MAX_HOPS = 5
QUIET_SECONDS = 0.5
"""After so long without a request a page is taken for built."""
PATIENCE = 20.0
"""Seconds for a page that never stops asking, counted from its `load` event; then it is taken as it is."""
WANTED = frozenset({"script", "xhr", "fetch"})
KEPT_HEADERS = ("accept", "x-requested-with")
"""Of what a script says; no cookie, no Referer, no credentials."""
_POLL_SECONDS = 0.05


class Reply(NamedTuple):
    """What the browser gets."""

    status: int
    headers: dict[str, str]
    body: bytes


NO_STYLE = Reply(200, {"content-type": "text/css"}, b"")
"""How a page looks does not matter, and script loaders give up when a style is missing."""

STAY = Reply(204, {}, b"")
"""To a navigation away from the page: the browser stays where it is (an abort would bring its own error page)."""


class Shelf:
    """Scripts that one page brought and the next may want, and whose turn it is to ask."""

    def __init__(self) -> None:
        """Empty."""
        self.scripts: dict[str, Reply] = {}
        self.turn = asyncio.Lock()
        """Pages that are built at the same time ask in turn: what one of them is given is there for the next."""


class Errands:
    """Those of one page, one after the other."""

    def __init__(
        self, document: Reply, profile: SiteProfile, fetch: Callable[[str, dict[str, str]], Awaitable[Response | None]],
        shelf: Shelf, max_bytes: int,
    ) -> None:  # fmt: skip
        """`fetch` gives None where robots.txt forbids; `shelf` is that of all pages."""
        self.document: Reply | None = document
        self.profile = profile
        self.fetch = fetch
        self.shelf = shelf
        self.max_bytes = max_bytes
        self.page: Page | None = None
        self.n_asked = self.n_bytes = self.n_open = 0
        self.quiet_since = time.monotonic()

    async def receive(self, page: Page, _: object) -> None:
        """Called with the page before it opens anything: the last route given is the first asked."""
        self.page = page
        await page.context.route("**", self.answer)
        await page.route("**", self.answer)
        page.on("popup", shut)
        await page.route_web_socket("**", lambda socket: socket.close())

    async def answer(self, route: Route) -> None:
        """Answer one request of the browser; whatever goes wrong, the page only misses something."""
        self.n_open += 1
        try:
            reply = await self._reply(route.request)
            await (route.abort() if reply is None else route.fulfill(**reply._asdict()))
        except Exception as error:  # noqa: BLE001 - of network, page and browser alike
            logger.debug("%s: %s", route.request.url[:300], error)
            with suppress(Exception):
                await route.abort()
        finally:
            self.n_open -= 1
            self.quiet_since = time.monotonic()

    async def _reply(self, asked: Asked) -> Reply | None:
        kind = asked.resource_type
        if asked.is_navigation_request():
            document, self.document = self.document or STAY, None
            return document
        if kind == "stylesheet":
            return NO_STYLE
        if kind not in WANTED or asked.method != "GET" or not is_on_site(asked.url, self.profile):
            return None
        async with self.shelf.turn:
            if asked.url in self.shelf.scripts:
                return self.shelf.scripts[asked.url]
            reply = await self._brought(asked)
            if reply is not None and kind == "script" and self._has_room(reply):
                self.shelf.scripts[asked.url] = reply
            return reply

    async def _brought(self, asked: Asked) -> Reply | None:
        headers = {name: value for name, value in asked.headers.items() if name in KEPT_HEADERS}
        url = asked.url
        for _ in range(MAX_HOPS + 1):
            self.n_asked += 1
            if self.n_asked > MAX_REQUESTS or self.n_bytes > self.max_bytes or not is_on_site(url, self.profile):
                return None
            response = await self.fetch(url, headers)
            location = response and response.headers.get("location")
            if response is None or not (location and 300 <= response.status < 400):  # noqa: PLR2004 - redirects
                break
            url = urljoin(url, location.decode("latin-1"))
        return self._counted(response)

    def _counted(self, response: Response | None) -> Reply | None:
        reply = None if response is None else plain(response, self.max_bytes)
        self.n_bytes += len(reply.body) if reply else 0
        return reply

    def _has_room(self, reply: Reply) -> bool:
        return sum(len(kept.body) for kept in self.shelf.scripts.values()) + len(reply.body) <= self.max_bytes

    async def settle(self, page: Page) -> None:
        """Return when the page has been quiet for a while. Raises TooMuchError when it has become too large."""
        await page.wait_for_load_state()
        until = time.monotonic() + PATIENCE
        while not self._is_quiet() and time.monotonic() < until:  # noqa: ASYNC110 - silence is no event
            await asyncio.sleep(_POLL_SECONDS)
        if not page.url.startswith(("http://", "https://")):
            raise RenderingError("the page went away")
        n_chars = await page.evaluate("document.documentElement.outerHTML.length")
        if not isinstance(n_chars, int | float) or n_chars > self.max_bytes:
            raise TooMuchError(f"{page.url[:300]}: the scripts made more than {self.max_bytes} characters")

    def _is_quiet(self) -> bool:
        return not self.n_open and time.monotonic() - self.quiet_since >= QUIET_SECONDS

    async def close(self) -> None:
        """Close the page and all that it opened or stored."""
        if self.page is not None:
            with suppress(Exception):
                await asyncio.wait_for(self.page.context.close(), PATIENCE)


async def shut(page: Page) -> None:
    """Close a window that a page opened."""
    with suppress(Exception):
        await page.close()


def plain(response: Response, max_bytes: int) -> Reply:
    """An answer with its codings undone. Raises ArchiveError for a damaged or too large one."""
    codings = ",".join(value.decode("latin-1") for value in response.headers.getlist("content-encoding"))
    body = decode(response.body, codings, max_bytes=max_bytes, where=response.url)
    dropped = {"content-encoding", "content-length", "transfer-encoding", "set-cookie", "refresh"}
    headers = {str(name).lower(): value for name, value in response.headers.to_unicode_dict().items()}
    return Reply(response.status, {name: value for name, value in headers.items() if name not in dropped}, body)
