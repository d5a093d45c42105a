"""What became of the records of a run: the one form in which stages hand their results to the corpus."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.corpus.rows import RejectedPage, misfit, rejected_of
from crawler.items import Article, Page, Reason, Reject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.corpus.parts import Part

UNCHANGED = "unchanged"
"""Reason at the record of a page that was read again and says the same: it needs no row."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one record. With neither article nor rejected page, it was never meant to be an article."""

    seq: int
    """`Record.seq`."""
    article: Article | None = None
    rejected: RejectedPage | None = None


@dataclass(frozen=True, slots=True)
class Committed:
    """What one commit wrote."""

    n_kept: int = 0
    n_duplicates: int = 0
    n_rejected: int = 0
    n_not_an_article: int = 0
    parts: Sequence[Part] = ()
    stale_sites: Sequence[str] = ()
    """Sites with duplicates of articles that are not kept any more: replay them (a replacement only)."""


class Outcomes(ABC):
    """Takes the outcomes of records, in any order, each `seq` once; a second one for the same `seq` wins."""

    def __init__(self, site: str, run_id: str) -> None:
        self.site = site
        self.run_id = run_id

    def keep(self, seq: int, article: Article) -> Reject | None:
        """Take an article, signed; whether it is a duplicate is decided at the commit.

        Returns None, or, if a field does not fit the schema, the Reject (Reason.SCHEMA) that was noted instead.
        """
        problem = misfit(article, self.site)
        if not problem:
            self._take(Outcome(seq, article=article))
            return None
        reject = Reject(Reason.SCHEMA, problem)
        self._take(Outcome(seq, rejected=rejected_of(article, Reason.SCHEMA, problem, self.site, self.run_id)))
        return reject

    def reject(
        self,
        seq: int,
        page: Page,
        reject: Reject,
        *,
        canonical_url: str | None = None,
        title: str | None = None,
        profile_version: str = "",
        extractor_version: str = "",
    ) -> None:
        """Take a page that does not become an article, with what is known of it."""
        rejected = RejectedPage(
            url=page.url,
            site=self.site,
            reason=reject.reason.value,
            detail=reject.detail,
            fetched_at=page.fetched_at,
            run_id=self.run_id,
            archive_file=page.pointer.file,
            archive_offset=page.pointer.offset,
            archive_length=page.pointer.length,
            status=page.status,
            canonical_url=canonical_url,
            title=title,
            profile_version=profile_version,
            extractor_version=extractor_version,
        )
        self._take(Outcome(seq, rejected=rejected))

    def not_an_article(self, seq: int) -> None:
        """Take a record that was never meant to be an article: a section page, a feed, a sitemap."""
        self._take(Outcome(seq))

    def take(self, outcome: Outcome) -> None:
        """Take an outcome that was made elsewhere: its article is checked already, its `seq` is of this corpus."""
        self._take(outcome)

    @abstractmethod
    def _take(self, outcome: Outcome) -> None:
        """Remember one outcome."""
