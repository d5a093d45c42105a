"""The article's own text on a page: what the template selected, cleaned."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Body:
    """The text blocks of an article, not yet freed of signatures and credits."""

    paragraphs: tuple[str, ...]
    """Lede first when it stands in the article; headings as paragraphs of their own; no captions."""
    lede: str | None = None
    """The paragraph that the page sets apart as the summary, or None; also the first of `paragraphs`."""
    captions: tuple[str, ...] = ()
    """Picture captions in page order."""
    extraction: str = "generic"
    """`template` or `generic`."""
    link_share: float = 0.0
    """Share of the characters that stand inside links."""
    sources: tuple[tuple[str, str], ...] = ()
    """(field, source) pairs for the article's provenance."""
