"""The article's own text on a page: what the template selected, cleaned."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.extraction.generic import read_generic
from crawler.extraction.selected import count_words, missed_prose, read_selected
from crawler.folding import syllables

if TYPE_CHECKING:
    from crawler.extraction.document import Document
    from crawler.extraction.reading import Reading
    from crawler.sites.profile import SiteProfile, Template

MIN_TEMPLATE_WORDS = 12
"""With less text than one sentence under its selectors, a template does not fit the page."""

MAX_MISSED = 0.25
"""With more prose beside the selected blocks, against their words, between headline and their end, the template may
be another layout's: generic extraction is asked."""

MIN_SHARED = 0.7
MIN_GAIN = 1.2
MAX_GAIN = 1.5
"""It is believed when it holds this share of the selected words, this many times as many words, and not much more than
what was missed: generic extraction likes long teasers below a short article."""


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
    n_words = count_words(reading.blocks) if reading else 0
    if template and reading and n_words >= MIN_TEMPLATE_WORDS:
        n_missed = count_words(missed_prose(document, template, reading))
        if n_missed <= MAX_MISSED * n_words or not _says_more(read_generic(document), reading, n_missed):
            return _to_body(reading, "template")
    generic = read_generic(document)
    if isinstance(generic, str):
        paragraphs = tuple(line.strip() for line in generic.splitlines() if line.strip())
        return Body(paragraphs, sources=(("text", "trafilatura"),))
    return _to_body(generic, "generic") if generic and generic.blocks else None


def _says_more(generic: Reading | str | None, reading: Reading, n_missed: int) -> bool:
    """True when generic extraction has what the template selected, and about the `n_missed` words that it missed."""
    if generic is None:
        return False
    text = generic if isinstance(generic, str) else "\n".join(block.text for block in generic.blocks)
    theirs = Counter(syllables(text))
    ours = Counter(word for block in reading.blocks for word in syllables(block.text))
    n_ours = sum(ours.values())
    n_theirs = sum(theirs.values())
    is_more = MIN_GAIN * n_ours <= n_theirs <= n_ours + MAX_GAIN * n_missed
    return is_more and sum((theirs & ours).values()) >= MIN_SHARED * n_ours


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
