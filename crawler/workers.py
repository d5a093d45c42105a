"""Extraction in processes of its own: off the event loop, with a limit on time and memory, and a way to kill it.

Real pages hang trafilatura for minutes (0.35 MB of nested spans is enough), and nothing inside a process can stop that.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import signal
from typing import TYPE_CHECKING, Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from crawler.items import Article, Page, Reason, Reject

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.sites.profile import SiteProfile

T = TypeVar("T")

_PRELOAD = "crawler.extraction.article"
"""Imported once by the fork server, so that a worker that was killed is replaced in milliseconds."""


def _limit(memory_mb: int) -> None:
    """Run in each new worker: cap the address space, write no file, leave Ctrl-C to the parent."""
    limit = memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _extract(page: Page, profile: SiteProfile) -> Article | Reject:
    from crawler.extraction.article import extract

    return extract(page, profile)


class ExtractionPool:
    """Worker processes that turn pages into articles."""

    def __init__(self, n_workers: int, timeout: float, memory_mb: int) -> None:
        """`n_workers` 0 means one per core; `timeout` in seconds per page; `memory_mb` of address space per worker."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([_PRELOAD])
        self.timeout = timeout
        n_workers = n_workers or len(os.sched_getaffinity(0))
        self._pool = ProcessPool(n_workers, initializer=_limit, initargs=(memory_mb,), context=context)

    async def extract(self, page: Page, profile: SiteProfile) -> Article | Reject:
        """The article on `page`; a Reject too when the worker ran out of time, memory or luck."""
        return await self.call(_extract, page, profile, timeout=self.timeout)

    async def call(self, function: Callable[..., T], *arguments: Any, timeout: float) -> T | Reject:
        """What a function of a module gives for `arguments`, or the Reject that says what happened to its worker."""
        future = self._pool.schedule(function, args=arguments, timeout=timeout)
        try:
            return await asyncio.wrap_future(future)
        except TimeoutError:
            return Reject(Reason.EXTRACTION_TIMEOUT, f"{timeout:g} s")
        except ProcessExpired as error:
            return Reject(Reason.EXTRACTION_CRASHED, f"exit code {error.exitcode}")
        except MemoryError:
            return Reject(Reason.EXTRACTION_CRASHED, "out of memory")
        except Exception as error:  # noqa: BLE001 - whatever a page provokes becomes its reason
            return Reject(Reason.EXTRACTION_ERROR, f"{type(error).__name__}: {error}"[:500])

    def close(self) -> None:
        """End the workers at once; pages still in them stay to be processed by the next run."""
        self._pool.stop()
        self._pool.join()
