"""The article's own text on a page: what the template selected, cleaned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.extraction.generic import read_generic
from crawler.extraction.selected import read_selected

if TYPE_CHECKING:
    from crawler.extraction.blocks import Reading
    from crawler.extraction.document import Document
    from crawler.sites.profile import SiteProfile, Template

MIN_TEMPLATE_WORDS = 12
"""With less text than one sentence under its selectors, a template does not fit the page."""


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


def read_body(document: Document, profile: SiteProfile, template: Template | None) -> Body | None:
    """Text of the article: by `template` where it fits the page, else by trafilatura on the whole page.

    None when neither finds text. Never raises on hostile markup.
    """
    del profile
    reading = read_selected(document, template) if template else None
    if reading and sum(block.text.count(" ") + 1 for block in reading.blocks) >= MIN_TEMPLATE_WORDS:
        return _to_body(reading, "template")
    generic = read_generic(document)
    if isinstance(generic, str):
        paragraphs = tuple(line.strip() for line in generic.splitlines() if line.strip())
        return Body(paragraphs, sources=(("text", "trafilatura"),))
    return _to_body(generic, "generic") if generic and generic.blocks else None


def _to_body(reading: Reading, extraction: str) -> Body:
    n_chars = sum(block.n_chars for block in reading.blocks)
    return Body(
        paragraphs=tuple(block.text for block in reading.blocks),
        lede=reading.lede,
        captions=reading.captions,
        extraction=extraction,
        link_share=sum(block.n_link_chars for block in reading.blocks) / max(1, n_chars),
        sources=reading.sources,
    )
