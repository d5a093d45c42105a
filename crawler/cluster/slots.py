"""One slot for each host, for all crawls that share it: who has it may ask the host for one thing.

HostSlots is an actor of the cluster. A task hands it on to its crawl through a socket: as long as the connection is
open the crawl has the slot, so that one which dies gives it back.
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from scrapy.exceptions import NotConfigured

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

HOLD_SECONDS = 60.0
"""After which a slot is taken from who does not give it back: twice DOWNLOAD_TIMEOUT; its node is gone."""


class _Slot:
    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.is_free = asyncio.Event()
        self.is_free.set()
        self.holder = 0
        self.freed_at = time.monotonic()
        """From the beginning: an actor that was begun anew does not know when the host was asked last."""


class HostSlots:
    """Who may ask which host. The delay counts from the end of one request to the begin of the next."""

    def __init__(self, hold_seconds: float = HOLD_SECONDS) -> None:
        self._hold_seconds = hold_seconds
        self._slots: dict[str, _Slot] = {}
        self._tokens = itertools.count(1)

    async def take(self, host: str, delay: float) -> int:
        """Wait for the slot of a host, first come first served, then for what is left of `delay` seconds."""
        slot = self._slots.setdefault(host, _Slot())
        async with slot.lock:
            with suppress(TimeoutError):
                await asyncio.wait_for(slot.is_free.wait(), self._hold_seconds)
            await asyncio.sleep(max(0.0, slot.freed_at + delay - time.monotonic()))
            slot.holder = next(self._tokens)
            slot.is_free.clear()
            return slot.holder

    async def give(self, host: str, token: int) -> None:
        """Give it back; a slot that was taken away stays with who has it now."""
        slot = self._slots[host]
        if slot.holder == token:
            slot.holder = 0
            slot.freed_at = time.monotonic()
            slot.is_free.set()


class SlotServer:
    """Gives slots to a crawl of this machine: a connection sends `HOST DELAY`, reads a line, and is closed."""

    def __init__(self, call: Callable[..., Awaitable[Any]]) -> None:
        """`call`: a method of HostSlots by its name, with its arguments."""
        self._call = call
        self._folder = tempfile.TemporaryDirectory(prefix="slots-")
        self.path = str(Path(self._folder.name, "s"))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        starting = asyncio.start_unix_server(self._serve, self.path)
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._folder.cleanup()

    async def _end(self) -> None:
        """Whoever still has a slot gives it back."""
        self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, delay = (await reader.readline()).decode().split()
        token = await self._call("take", host, float(delay))
        try:
            writer.write(b"ok\n")
            with suppress(OSError):
                await writer.drain()
                await reader.read()  # ends when the crawl closes it, or dies
        finally:
            writer.close()
            await self._call("give", host, token)


class SlotMiddleware:
    """Nearest to the network: a request waits here for the slot of its host, where several crawls share it."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.path = crawler.settings["CRAWL_SLOT"]
        if not self.path:
            raise NotConfigured

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Off unless CRAWL_SLOT says where slots are given."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Wait for the slot."""
        reader, writer = await asyncio.open_unix_connection(self.path)
        try:
            writer.write(f"{urlsplit(request.url).netloc} {self._delay(request)}\n".encode())
            await reader.readuntil(b"\n")  # IncompleteReadError: the task that gives slots is gone
        except BaseException:
            writer.close()
            raise
        request.meta["slot_of_host"] = writer

    def process_response(self, request: Request, response: Response) -> Response:
        """Give it back."""
        self._give(request)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Give it back."""
        del exception
        self._give(request)

    def _give(self, request: Request) -> None:
        if (writer := request.meta.pop("slot_of_host", None)) is not None:
            writer.close()

    def _delay(self, request: Request) -> float:
        """Of the host, as robots.txt and the profile have it by now."""
        downloader: Any = self.crawler.engine.downloader
        key = downloader.get_slot_key(request)
        known = downloader.slots.get(key)
        usual = self.crawler.settings.getfloat("DOWNLOAD_DELAY")
        return float(known.delay if known else downloader.per_slot_settings.get(key, {}).get("delay", usual))
