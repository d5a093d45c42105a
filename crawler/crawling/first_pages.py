"""A crawl of a site that nobody prepared: its first pages wait until they have taught a profile, then all go on."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from crawler.sites.profile import SiteProfile
from crawler.sites.saving import save_profile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crawler.crawling.run import Run
    from crawler.crawling.workers import ExtractionPool
    from crawler.items import Page

logger = logging.getLogger(__name__)

N_PAGES = 8
"""Pages that are waited for: from five on, templates hardly change (docs/learning.md)."""
PATIENCE = 20.0
"""Seconds without a further page after which learning begins with those that are there."""
SHORT_PATIENCE = 2.0
"""The same when no address waits any more."""
POLL_SECONDS = 0.2
LEARNING_TIMEOUT = 60.0


class FirstPages:
    """Lets pages wait until there is a profile to read them with: not at all, or until the first ones taught it."""

    def __init__(self, run: Run, pool: ExtractionPool, folders: Sequence[Path]) -> None:
        """`folders`: where the learned profile is saved. Without any the run's profile is taken as it is."""
        self._run = run
        self._pool = pool
        self._folders = folders
        self._pages: list[Page] = []
        self._is_ready = asyncio.Event()
        self._last_at = 0.0
        self._task: asyncio.Task[None] | None = None
        if not folders:
            self._is_ready.set()

    async def let_pass(self, page: Page) -> None:
        """Return when the run's profile is the one to read `page` with."""
        if not self._is_ready.is_set():
            self._pages.append(page)
            self._last_at = time.monotonic()
            if self._task is None:
                self._task = asyncio.ensure_future(self._wait_and_learn())
            await self._is_ready.wait()

    async def _wait_and_learn(self) -> None:
        while len(self._pages) < N_PAGES and self._run.is_open:
            await asyncio.sleep(POLL_SECONDS)
            silence = time.monotonic() - self._last_at
            if silence > PATIENCE or (silence > SHORT_PATIENCE and not self._run.has_targets()):
                break
        await self._learn()

    async def _learn(self) -> None:
        """In a worker process: the pages are hostile until proven otherwise."""
        from crawler.learning.unprepared import learn_from_pages  # brings trafilatura, which few crawls need here

        profile = self._run.profile
        learned = await self._pool.call(learn_from_pages, self._pages, profile, seconds=LEARNING_TIMEOUT)
        if isinstance(learned, SiteProfile):
            self._run.profile = learned
            for folder in self._folders:
                logger.warning("learned from %d pages; profile: %s", len(self._pages), save_profile(learned, folder))
        else:
            logger.warning("%s: nothing learned from %d pages (%s)", profile.key, len(self._pages), learned)
        self._pages.clear()
        self._is_ready.set()
