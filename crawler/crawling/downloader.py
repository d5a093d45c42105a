"""Scrapy's downloader, with a way to take back what it was asked for, and a limit on heads of answers."""

from __future__ import annotations

import asyncio
import re
from collections import Counter, deque
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from OpenSSL import SSL
from scrapy.core.downloader import Downloader
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from twisted.internet.defer import CancelledError
from twisted.web._newclient import ParseError

if TYPE_CHECKING:
    from collections.abc import Collection

    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from twisted.internet.defer import Deferred
    from twisted.internet.interfaces import IAddress
    from twisted.web.iweb import IResponse


MAX_HEAD_BYTES = 256 * 1024
"""Bytes of the status line and all headers of an answer, interim ones (1xx) before it included: what browsers take."""
MAX_HEAD_LINES = 1_000
PRIVATE_NAMES: set[str] = set()
"""Host names that lead to an address inside: Twisted keeps no cause of a failed look-up."""
TAKEN_BACK = (CancelledError, asyncio.CancelledError)
"""What a request fails with that was taken back."""
_CODES: dict[type[BaseException], str] = {
    DownloadConnectionRefusedError: "connection_refused",
    CannotResolveHostError: "unknown_host",
    DownloadTimeoutError: "timeout",
    DownloadCancelledError: "too_large",
    DownloadFailedError: "connection_lost",
    ResponseDataLossError: "connection_lost",
}


def failure_code(error: BaseException, url: str) -> str:
    """Stable snake_case code of what kept the host of `url` from answering."""
    if isinstance(error, CannotResolveHostError) and urlsplit(url).hostname in PRIVATE_NAMES:
        return "private_address"
    reasons = [reason.value for reason in getattr(error.__cause__, "reasons", ())]
    if any(isinstance(reason, HeadTooLargeError) for reason in reasons):
        return "too_large"
    if any(isinstance(reason, SSL.Error) for reason in reasons):
        return "tls_error"
    code = next((code for kind, code in _CODES.items() if isinstance(error, kind)), None)
    return code or re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(error).__name__).lower()


class TooMuchError(DownloadCancelledError):
    """Raised for a page that its own scripts made too large."""


class RenderingError(Exception):
    """Raised for a page that the browser could not show."""


class HeadTooLargeError(ParseError):
    """Raised for an answer whose head passes MAX_HEAD_BYTES or MAX_HEAD_LINES."""


class CappedParser(_LenientHTTPClientParser):
    """Gives up on heads without end: Twisted keeps whatever comes until the request times out."""

    n_bytes = 0
    n_lines = 0

    def lineReceived(self, line: bytes) -> None:  # noqa: N802 - Twisted's name
        """Called for each line of a head."""
        self.n_bytes += len(line) + 1
        self.n_lines += 1
        if self.n_bytes > MAX_HEAD_BYTES or self.n_lines > MAX_HEAD_LINES:
            raise HeadTooLargeError("head too large", line[:80])  # type: ignore[no-untyped-call]
        super().lineReceived(line)


class CappedProtocol(_LenientHTTP11ClientProtocol):
    """Parses each answer with a CappedParser."""

    def request(self, request: Any) -> Deferred[IResponse]:
        """Called by Twisted's agent."""
        answer = super().request(request)
        if isinstance(self._parser, _LenientHTTPClientParser):
            self._parser.__class__ = CappedParser  # as the class above does it: Twisted names its own
        return answer


class CappedFactory(_LenientHTTP11ClientFactory):
    """Makes the connections."""

    def buildProtocol(self, addr: IAddress | None) -> CappedProtocol:  # noqa: ARG002, N802 - Twisted's names
        """Called by Twisted for each connection."""
        return CappedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class CappedHandler(HTTP11DownloadHandler):
    """Scrapy's handler of http and https, whose connections bound heads as well as bodies."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = CappedFactory  # noqa: SLF001 - Scrapy sets its own there, and there is no other way


class InterruptibleDownloader(Downloader):
    """Requests that are taken back reach their errback as cancelled; no answer of theirs is looked at any more."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._open: dict[Request, Deferred[Any]] = {}

    def fetch(self, request: Request, spider: Spider | None = None) -> Deferred[Any]:  # noqa: ARG002 - Scrapy's name
        """Called by Scrapy's engine for each request."""
        answer: Deferred[Any] = super().fetch(request)
        self._open[request] = answer
        return answer.addBoth(self._forget, request)

    def hosts(self) -> Counter[str]:
        """How many requests each host has that are not answered yet, on the wire or not."""
        return Counter(urlsplit(request.url).netloc for request in self._open)

    def _forget(self, result: Any, request: Request) -> Any:
        self._open.pop(request, None)
        return result

    def take_back(self, hosts: Collection[str] | None = None, *, is_all: bool = False) -> None:
        """Cancel the requests that are not on the wire yet, or all; `hosts`: only those for addresses of these."""
        waiting = [
            request
            for slot in self.slots.values()
            for request, _ in slot.queue
            if hosts is None or _host(request) in hosts
        ]
        for slot in self.slots.values():  # or the cancelled ones would be sent all the same
            slot.queue = deque(entry for entry in slot.queue if entry[0] not in waiting)
        for request in list(self._open) if is_all else waiting:
            if request in self._open:
                self._open[request].cancel()


def _host(request: Request) -> str:
    target = request.meta.get("target")
    return urlsplit(target.url if target else request.url).netloc
