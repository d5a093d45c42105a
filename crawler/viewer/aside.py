"""Work on archived pages in a process of its own: they are hostile, and one that hangs must not hang the server."""

from __future__ import annotations

import multiprocessing
import os
import signal
from concurrent.futures import TimeoutError as LateError
from typing import TYPE_CHECKING, Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from crawler.crawling.workers import die_with_parent
from crawler.errors import CollectorError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
SECONDS = 30.0
"""After which the process is ended; the slowest page measured takes a tenth of it."""


class Aside:
    """One process, started when it is first needed and again after one was ended."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["crawler.examination"])
        self._pool = ProcessPool(1, initializer=_begin, context=context)

    def call(self, function: Callable[..., T], *arguments: Any) -> T:
        """What `function` gives. Raises CollectorError: its own, or one that says what happened to the process."""
        future = self._pool.schedule(function, args=arguments, timeout=SECONDS)
        try:
            result: T = future.result()
        except LateError:
            raise CollectorError(f"this page takes more than {SECONDS:g} s to read; it was given up") from None
        except ProcessExpired as error:
            raise CollectorError(f"reading this page ended its process (exit code {error.exitcode})") from None
        return result

    def close(self) -> None:
        """End the process."""
        self._pool.stop()
        self._pool.join()


def _begin() -> None:
    die_with_parent(os.getppid(), signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
