"""The crawls of the parts of a site, round by round: what one found for another is its work in the next."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from crawler.cluster.crawls import FAILED, NOT_BEGUN, POLL_SECONDS, say
from crawler.cluster.division import hand_over
from crawler.errors import CollectorError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from crawler.cluster.collection import RemoteCrawl

MAX_ROUNDS = 50
"""Home, sections, articles are three; sites that lead on and on end at their traps, this is beyond."""


class RoundsCrawl:
    """All parts of a site, with the face of one process."""

    def __init__(
        self, site: str, folders: Sequence[Path], begin: Callable[[int, int], RemoteCrawl], log_file: Path
    ) -> None:
        """`begin` starts the crawl of a part (by number) for a round."""
        self.returncode: int | None = None
        self._site = site
        self._folders = folders
        self._begin = begin
        self._log_file = log_file
        self._seen: dict[int, int] = {}
        self._n_rounds = 0
        self._is_told = False
        self._go_on([True] * len(folders))

    def poll(self) -> int | None:
        """The exit code, None while a part has something to do."""
        if self.returncode is None and None not in [crawl.poll() for crawl in self._crawls]:
            self._end_round()
        return self.returncode

    def wait(self, seconds: float | None = None) -> int:
        """The exit code. Raises TimeoutExpired."""
        for crawl in self._crawls:
            crawl.wait(seconds)
        while self.poll() is None:
            time.sleep(POLL_SECONDS)
        return self.returncode or 0

    def send_signal(self, signum: int) -> None:
        """Let all parts end in order."""
        self._is_told = True
        for crawl in self._crawls:
            crawl.send_signal(signum)

    def kill(self) -> None:
        """Let all parts end at once."""
        self._is_told = True
        for crawl in self._crawls:
            crawl.kill()

    def _go_on(self, is_due: Sequence[bool]) -> None:
        self._n_rounds += 1
        self._crawls = [self._begin(number, self._n_rounds) for number, is_mine in enumerate(is_due) if is_mine]

    def _end_round(self) -> None:
        codes = [crawl.returncode or 0 for crawl in self._crawls]
        worst = max((code for code in codes if code != NOT_BEGUN), default=NOT_BEGUN)
        if worst or self._is_told or self._n_rounds >= MAX_ROUNDS:
            self.returncode = worst
            return
        try:
            is_due = hand_over(self._folders, self._site, self._seen)
        except CollectorError as error:
            say(self._log_file, error)
            self.returncode = FAILED
            return
        if any(is_due):
            self._go_on(is_due)
        else:
            self.returncode = 0
