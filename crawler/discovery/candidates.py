"""What every source hands over: an address, what it seems to be, and how it was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

Kind = Literal["article", "listing", "ignore", "unknown"]
"""What an address seems to be by its spelling alone."""
CandidateKind = Literal["article", "listing", "ignore", "unknown", "sitemap", "feed"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that a feed or a sitemap announced."""

    url: str
    """Canonical spelling."""
    kind: CandidateKind
    found_via: str
    """`feed`, `sitemap` or `news_sitemap`."""
    lastmod: datetime | None = None
    """When the source says the page was published or changed; aware, UTC."""
    title: str | None = None
    """Headline as the source gives it, for people and for the completeness meter; never stored as text."""
