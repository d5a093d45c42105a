"""What became of each page of a run: noted when a stage decides, handed to the corpus when its record is durable."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from crawler.corpus.health import ReadingCount
from crawler.corpus.traffic import TrafficCount
from crawler.items import Article, Page, Pointer, Reason, Reject

if TYPE_CHECKING:
    from collections.abc import Collection

    from crawler.corpus.outcomes import Outcomes
    from crawler.sites.profile import SiteProfile

MAX_IN_FLIGHT = 64
"""Pages read from the archive that may wait in the stages at a time."""
BROKEN = (Reason.EXTRACTION_ERROR, Reason.EXTRACTION_CRASHED)
"""Rejects that say more about the program than about the page."""


class OutcomeListener(Protocol):
    """Whoever wants to know whether an address led to an article."""

    def __call__(self, url: str, /, *, is_article: bool, reason: str = "") -> None:
        """Called once per page; `reason`: why it is none."""


def _ignore_outcome(url: str, /, *, is_article: bool, reason: str = "") -> None:
    del url, is_article, reason


class Ledger:
    """Every page that was begun gets one outcome: an Article, a Reject, or None for a page that is no article."""

    def __init__(self, sources: Collection[str] = ()) -> None:
        """`sources`: addresses of pages that name articles, as the profile has them."""
        self.counts: Counter[str] = Counter()
        self.last_error = ""
        """What the last page with an internal error said."""
        self.readings = ReadingCount()
        self.traffic = TrafficCount(sources)
        self.on_outcome: OutcomeListener = _ignore_outcome
        """Told what each page turned out to be."""
        self._pages: dict[Pointer, Page] = {}
        self._settled: dict[Pointer, Article | Reject | None] = {}

    def begin(self, page: Page) -> Page:
        """A page is in hand; its body is the stages' business."""
        self.counts["fetched"] += 1
        self._pages[page.pointer] = replace(page, body=b"")
        return page

    @property
    def n_in_flight(self) -> int:
        """Pages begun and not settled."""
        return len(self._pages) - len(self._settled)

    def urls_in_hand(self) -> set[str]:
        """Addresses of the pages begun and not settled."""
        return {page.url for pointer, page in self._pages.items() if pointer not in self._settled}

    async def room(self) -> None:
        """Wait until fewer than MAX_IN_FLIGHT pages are between archive and outcome."""
        while self.n_in_flight > MAX_IN_FLIGHT:  # noqa: ASYNC110 - an event per page would cost more
            await asyncio.sleep(0.005)

    def keep(self, article: Article) -> None:
        """An article came through all stages; whether it is a duplicate is decided at the commit."""
        self.counts["kept"] += 1
        self.readings.add(article)
        self.on_outcome(article.url, is_article=True)
        self._settled[article.pointer] = article

    def reject(self, item: Page | Article, reject: Reject) -> None:
        """A page does not become an article."""
        self.counts[f"rejected/{reject.reason}"] += 1
        if reject.reason in BROKEN:
            self.last_error = reject.detail
        self.on_outcome(item.url, is_article=False, reason=reject.reason)
        self._settled[item.pointer] = reject

    def pass_over(self, pointer: Pointer, detail: str) -> None:
        """A page was never meant to be an article: a listing, a feed, a redirect."""
        self.counts[f"not_an_article/{detail}"] += 1
        self._settled[pointer] = None

    @property
    def n_rejected(self) -> int:
        """Rejects so far."""
        return sum(n for key, n in self.counts.items() if key.startswith("rejected/"))

    def breakdown(self) -> str | None:
        """One line when every page that should be an article ended in an internal error: it is us, not the pages."""
        n_broken = sum(self.counts[f"rejected/{reason}"] for reason in BROKEN)
        n_read = self.n_rejected - self.counts[f"rejected/{Reason.HTTP_ERROR}"] + self.counts["kept"]
        if not n_broken or n_broken < n_read:
            return None
        pages = f"all {n_broken} pages" if n_broken > 1 else "the only page"
        return f"{pages} ended in an internal error ({self.last_error}); `scrapy explain URL` shows where, by page"

    def hand_over(self, seqs: dict[Pointer, int], outcomes: Outcomes, profile: SiteProfile) -> None:
        """Give `outcomes` what is settled and noted in the state; `seqs` loses those entries."""
        for pointer in [pointer for pointer in self._settled if pointer in seqs]:
            seq = seqs.pop(pointer)
            outcome, page = self._settled.pop(pointer), self._pages.pop(pointer, None)
            if isinstance(outcome, Article):
                outcomes.keep(seq, outcome)
            elif isinstance(outcome, Reject) and page is not None:
                outcomes.reject(seq, page, outcome, profile_version=profile.version)
            else:
                outcomes.not_an_article(seq)
