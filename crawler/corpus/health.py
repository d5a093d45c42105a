"""How well a run could read its site, and whether that changed suddenly: a layout change is noticed the same day."""

from __future__ import annotations

from collections import Counter
from statistics import median
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.items import Article

WATCHED = ("kicker", "lede", "authors", "source", "section", "tags", "captions", "published_at")
"""Fields whose fill rate is watched."""
MIN_ARTICLES = 5
"""A run with fewer articles says nothing about the site."""
MAX_RUNS = 10
"""Runs that a new one is compared with."""
SUDDEN = 0.3
"""Fall of a share, in points, that is said loudly: half the articles losing a field that 6 of 10 had."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a run could read."""

    n_articles: int = 0
    """Articles that were read, duplicates and later rejects included."""
    n_by_template: int = 0
    """Articles that the site's template fitted."""
    filled: dict[str, int] = {}
    """Articles that have each of WATCHED."""
    example: str = ""
    """Address of an article that the template fitted."""
    misfits: tuple[str, ...] = ()
    """Addresses of the first articles that it did not fit."""

    def share(self, name: str) -> float:
        """Share of articles with a field, or read by the template (`template`), 0 to 1."""
        n = self.n_by_template if name == "template" else self.filled.get(name, 0)
        return n / max(self.n_articles, 1)


class ReadingCount:
    """Counts articles as they come through the stages."""

    MAX_MISFITS = 5

    def __init__(self) -> None:
        self._n_articles = self._n_by_template = 0
        self._filled: Counter[str] = Counter()
        self._example = ""
        self._misfits: list[str] = []

    def add(self, article: Article) -> None:
        """Count one."""
        self._n_articles += 1
        self._filled.update(name for name in WATCHED if getattr(article, name))
        if article.extraction == "template":
            self._n_by_template += 1
            self._example = self._example or article.url
        elif len(self._misfits) < self.MAX_MISFITS:
            self._misfits.append(article.url)

    @property
    def reading(self) -> Reading:
        """What was counted so far."""
        return Reading(
            n_articles=self._n_articles,
            n_by_template=self._n_by_template,
            filled={name: self._filled[name] for name in WATCHED},
            example=self._example,
            misfits=tuple(self._misfits),
        )


def alarms(now: Reading, before: Sequence[Reading]) -> list[str]:
    """What fell suddenly against the median of the runs `before` (newest first), one line each."""
    judged = [one for one in before if one.n_articles >= MIN_ARTICLES][:MAX_RUNS]
    if now.n_articles < MIN_ARTICLES or not judged:
        return []
    lines = []
    for name in ("template", *WATCHED):
        usual, share = median(one.share(name) for one in judged), now.share(name)
        if usual - share >= SUDDEN:
            what = "pages that the template fits" if name == "template" else f"articles with {name}"
            lines.append(f"{what}: {share:.0%}, usually {usual:.0%}")
    return lines
