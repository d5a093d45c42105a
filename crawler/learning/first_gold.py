"""A seed that came without gold: what its page yields becomes the gold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from crawler.errors import LearningError
from crawler.extraction.article import extract
from crawler.items import Article, Page, Pointer
from crawler.refinement.normalise import normalise

if TYPE_CHECKING:
    from crawler.learning.seeds import Seed
    from crawler.sites.profile import SiteProfile


def with_gold(seed: Seed, profile: SiteProfile) -> Seed:
    """`seed` with what its page yields under `profile`, for a person to check and correct; unchanged where it has gold.

    Raises LearningError where the page is no article.
    """
    if seed.gold.body or seed.page is None:
        return seed
    page = Page(
        url=seed.gold.url or "", final_url=seed.gold.url or "", status=200, headers=(), body=seed.page,
        fetched_at=datetime.now(UTC), site=seed.site, found_via="seed", pointer=Pointer("", 0, 0),
    )  # fmt: skip
    outcome = extract(page, profile)
    if not isinstance(outcome, Article):
        raise LearningError(f"{seed.gold.url}: {outcome.reason} {outcome.detail}")
    article = normalise(outcome)
    paragraphs = article.text.split("\n\n")
    return replace(
        seed,
        gold=msgspec.structs.replace(
            seed.gold,
            title=article.title,
            kicker=article.kicker,
            lede=article.lede,
            published_at=_local(article.published_at, profile) if article.published_at else None,
            section=article.section,
            author=article.authors[0] if article.authors else None,
            source=article.source,
            captions=article.captions,
            tags=article.tags,
            body=tuple(paragraphs[1:] if article.lede and paragraphs[0] == article.lede else paragraphs),
        ),
    )


def unconfirmed(seed: Seed) -> str:
    """What a person should know of gold that nobody gave."""
    empty = [name for name in ("lede", "published_at", "author", "section") if not getattr(seed.gold, name)]
    missing = f", {' and '.join(empty)} not found" if empty else ""
    return f"{seed.number}.json: no text was given, so it says what the page yields{missing}; correct what is wrong"


def _local(at: datetime, profile: SiteProfile) -> str:
    """`at` as the page prints it: in the site's own zone."""
    return at.astimezone(ZoneInfo(profile.time_zone)).isoformat()
