"""Scrapy's downloader, with a way to take back what it was asked for."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy.core.downloader import Downloader
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from twisted.internet.defer import CancelledError

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from twisted.internet.defer import Deferred


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
    code = next((code for kind, code in _CODES.items() if isinstance(error, kind)), None)
    return code or re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(error).__name__).lower()


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

    def _forget(self, result: Any, request: Request) -> Any:
        self._open.pop(request, None)
        return result

    def take_back(self, *, is_all: bool = False) -> None:
        """Cancel the requests that are not on the wire yet, or all."""
        waiting = [request for slot in self.slots.values() for request, _ in slot.queue]
        for slot in self.slots.values():
            slot.queue.clear()  # or the cancelled ones would be sent all the same
        for request in list(self._open) if is_all else waiting:
            if request in self._open:
                self._open[request].cancel()
