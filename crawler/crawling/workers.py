"""Extraction in processes of its own: off the event loop, with a limit on time and memory, and a way to kill it.

Real pages hang trafilatura for minutes (0.35 MB of nested spans is enough), and nothing inside a process can stop that.
"""

from __future__ import annotations

import asyncio
import ctypes
import multiprocessing
import os
import resource
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from crawler.dedup.readings import read, remember
from crawler.items import Reason, Reject
from crawler.stages import work

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crawler.dedup.readings import Reading
    from crawler.items import Article, Page
    from crawler.stages import Context, Step

T = TypeVar("T")

_PRELOAD = ["crawler.examination", "crawler.stages"]
"""Imported once by the fork server, so that a worker that was killed is replaced in milliseconds."""


_PR_SET_PDEATHSIG = 1
"""From <linux/prctl.h>."""


def die_with_parent(parent: int, signum: int) -> None:
    """Let the system send `signum` to this process when its parent, process `parent`, ends, however it ends.

    On systems other than Linux nothing is done: a worker there ends when it next looks for work.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signum, 0, 0, 0)
        if os.getppid() != parent:  # it ended before we asked
            os.kill(os.getpid(), signum)


_steps: Sequence[Step] = ()
_agent = ""
"""What a worker was given when it began, so that it need not come with each page."""


def _begin(memory_mb: int, steps: Sequence[Step], agent: str) -> None:
    """Run in each new worker: cap the address space, write no file, leave Ctrl-C to the parent, die with it."""
    global _steps, _agent
    die_with_parent(os.getppid(), signal.SIGKILL)
    limit = memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _steps, _agent = steps, agent


def _work(item: Page | Article, context: Context) -> tuple[Article, Reading] | Reject:
    """What becomes of the page, and what deciding on it takes, so that the main process reads no text."""
    result = work(item, context, _agent, _steps)
    return result if isinstance(result, Reject) else (result, read(result.text))


def _reject(error: Exception, timeout: float) -> Reject:
    if isinstance(error, TimeoutError):
        return Reject(Reason.EXTRACTION_TIMEOUT, f"{timeout:g} s")
    if isinstance(error, ProcessExpired):
        return Reject(Reason.EXTRACTION_CRASHED, f"exit code {error.exitcode}")
    if isinstance(error, MemoryError):
        return Reject(Reason.EXTRACTION_CRASHED, "out of memory")
    return Reject(Reason.EXTRACTION_ERROR, f"{type(error).__name__}: {error}"[:500])


class ExtractionPool:
    """Worker processes that turn pages into articles."""

    def __init__(
        self, n_workers: int, timeout: float, memory_mb: int, *, steps: Sequence[Step] = (), agent: str = ""
    ) -> None:
        """`n_workers` 0 means one per core; `timeout` in seconds per page; `memory_mb` of address space per worker.

        `steps`: what to do with an article before it is given back; `agent`: our product token.
        """
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(_PRELOAD)
        self.timeout = timeout
        n_workers = n_workers or len(os.sched_getaffinity(0))
        self._pool = ProcessPool(n_workers, initializer=_begin, initargs=(memory_mb, steps, agent), context=context)
        self._is_closed = threading.Event()
        self._waiting: set[asyncio.Future[Any]] = set()

    async def work(self, item: Page | Article, context: Context) -> Article | Reject | None:
        """See crawler.stages.work; a Reject too when the worker ran out of time, memory or luck; None after `close`."""
        result = await self.call(_work, item, context, seconds=self.timeout)
        if not isinstance(result, tuple):
            return result
        article, reading = result
        remember(article.text, reading)
        return article

    async def call(self, function: Callable[..., T], *arguments: Any, seconds: float) -> T | Reject | None:
        """What a function of a module gives for `arguments`, or the Reject that says what happened to its worker.

        None when the pool was closed before: nothing was found out.
        """
        if self._is_closed.is_set():
            return None
        future: asyncio.Future[T] = asyncio.wrap_future(self._pool.schedule(function, args=arguments, timeout=seconds))
        self._waiting.add(future)
        try:
            return await future
        except asyncio.CancelledError:
            if self._is_closed.is_set():
                return None
            raise
        except Exception as error:  # noqa: BLE001 - whatever a page provokes becomes its reason
            return None if self._is_closed.is_set() else _reject(error, seconds)
        finally:
            self._waiting.discard(future)

    def close(self) -> None:
        """End the workers at once; pages still in them stay to be processed by the next run."""
        self._is_closed.set()
        for future in list(self._waiting):  # the pool forgets those that no worker has begun
            future.cancel()
        self._pool.stop()
        self._pool.join()
