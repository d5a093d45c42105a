"""The stages of a page that need nothing but the page: a worker process does them in one go, in the order of settings.

A step can be pickled, and changes nothing but the article it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crawler.dedup.signatures import sign
from crawler.items import Article, Reason, Reject
from crawler.refinement.normalise import normalise
from crawler.refinement.quality import judge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.discovery.horizon import Horizon
    from crawler.items import Page
    from crawler.refinement.thresholds import Thresholds
    from crawler.refinement.topic import SeedTopics
    from crawler.sites.profile import SiteProfile

MINING = frozenset(
    {"noai", "noml", "notrain", "tdm-reservation", "content-signal:ai-train=no", "content-usage:train-ai=n"}
)
"""Opt-outs that speak against text and data mining, addressed to everybody or to us."""


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a page besides the page."""

    profile: SiteProfile
    """How its site is read."""
    opt_outs: frozenset[str] = frozenset()
    """What its host refuses, as in `Article.opt_outs`."""


Step = Callable[[Article, Context], Article | Reject]


def work(item: Page | Article, context: Context, agent: str, steps: Iterable[Step]) -> Article | Reject:
    """The article on a page, or one that a spider made, after all `steps`, or the first Reject."""
    if isinstance(item, Article):
        found: Article | Reject = item
    else:
        from crawler.examination import examine  # brings trafilatura, which only workers need

        found = examine(item, context.profile, agent)
    for step in steps:
        if isinstance(found, Reject):
            break
        found = step(found, context)
    return found


def normalised(article: Article, context: Context) -> Article:
    """Unicode, spaces, legacy encodings: the text as published, spelled one way."""
    del context
    return normalise(article)


@dataclass(frozen=True, slots=True)
class Judging:
    """Age, language and quality rules; opt-outs only where the corpus obeys them."""

    thresholds: Thresholds
    horizon: Horizon
    is_obedient: bool

    def __call__(self, article: Article, context: Context) -> Article | Reject:
        """The article with its language and all its opt-outs, if it passes."""
        article = replace(article, opt_outs=tuple(sorted(context.opt_outs.union(article.opt_outs))))
        if isinstance(older := refuse_older(article, self.horizon), Reject):
            return older
        judged = judge(article, context.profile, self.thresholds)
        return judged if isinstance(judged, Reject) or not self.is_obedient else refuse_opted_out(judged)


@dataclass(frozen=True, slots=True)
class Ranking:
    """How much the article is about what each seed is about."""

    topics: SeedTopics

    def __call__(self, article: Article, context: Context) -> Article:
        """The article with its likeness to the seeds."""
        del context
        return self.topics.rank(article)


def signed(article: Article, context: Context) -> Article:
    """Content hash and MinHash, from which duplicates are found at commit."""
    del context
    return sign(article)


def refuse_opted_out(article: Article) -> Article | Reject:
    """Reject an article whose page reserves it against mining: for corpora that obey such signals."""
    reserved = MINING.intersection(article.opt_outs)
    return Reject(Reason.OPTED_OUT, ", ".join(sorted(reserved))) if reserved else article


def refuse_older(article: Article, horizon: Horizon) -> Article | Reject:
    """Reject an article that is older than the crawl goes back; one without a date is kept."""
    if horizon.is_before(article.published_at):
        return Reject(Reason.BEFORE_SINCE, f"{article.published_at:%Y-%m-%d}")
    return article
