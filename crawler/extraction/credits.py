"""Signatures and sources at the end of an article: out of its paragraphs, into their fields."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.extraction.byline_words import host_of
from crawler.extraction.bylines import MAX_CHARS, Byline, merge_names, read_byline
from crawler.extraction.names import is_organisation
from crawler.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crawler.extraction.blocks import Block

MAX_LINES = 6
"""Last lines of an article that are looked at."""
_AGENCY_AT_END = re.compile(
    r"(?<=[\w.!?…”\"/)])\s*\((?:Theo\s+)?(TTXVN[^()]{0,40}|Vietnam\+|VOV[^()]{0,20}|BNEWS[^()]{0,30})\)\s*\.?\s*$"
)
_PROSE = re.compile(r"(?:\S+\s+){11}|[.!?…”\"]\s*$")
"""A dozen words, or the end of a sentence."""
MAX_LINKS = 0.5
"""Share of a credit line's characters inside links."""
MAX_TAIL = 15
"""Lines after a signature that are looked at."""


@dataclass(frozen=True, slots=True)
class Credits:
    """Whom the end of an article credits."""

    authors: tuple[str, ...] = ()
    source: str | None = None
    removed: tuple[str, ...] = ()
    """The lines taken out, in order."""


def split_credits(paragraphs: Sequence[str], hosts: Iterable[str] = ()) -> tuple[tuple[str, ...], Credits]:
    """`paragraphs` without signature and source lines at their end, and what those lines say.

    `hosts`: the site's own; a last line that is one of them is the source. The first paragraph is never a signature.
    Lines are taken from the end up to the first that is no credit.
    """
    own = {host.lower().removeprefix("www.") for host in hosts}
    kept = list(paragraphs)
    found: list[tuple[str, Byline]] = []
    while len(kept) > 1 and len(found) < MAX_LINES:
        byline = _read(kept[-1], own)
        if not byline.is_credit or (byline.authors and _is_end_of_prose(found, byline)):
            break
        found.insert(0, (kept.pop(), byline))
    agency = _AGENCY_AT_END.search(kept[-1]) if kept else None
    if agency is not None:
        kept[-1] = kept[-1][: agency.start()].rstrip()
        found.insert(0, (agency[0].strip(), Byline(source=agency[1].strip(), is_credit=True)))
    return tuple(kept), merge_credits(found)


def cut_at_signature(paragraphs: Sequence[str]) -> tuple[str, ...]:
    """`paragraphs` up to a signature that only short lines follow: tags, related titles, buttons.

    For texts that nobody selected; the signature itself stays for `split_credits`.
    """
    for i in range(len(paragraphs) - 1, 0, -1):
        if _PROSE.search(paragraphs[i]) or len(paragraphs) - i > MAX_TAIL:
            break
        byline = read_byline(paragraphs[i])
        if byline.authors and _PROSE.search(paragraphs[i - 1]):
            return tuple(paragraphs[: i + 1])
    return tuple(paragraphs)


def credits_below(blocks: Sequence[Block], paragraphs: Sequence[str], hosts: Iterable[str] = ()) -> Credits:
    """What the page's blocks right after the last of `paragraphs` credit: lines that were left out of the text.

    Lines in links are tags or names of other articles.
    """
    last = fold(paragraphs[-1]) if paragraphs else ""
    ends = [i for i, block in enumerate(blocks) if fold(block.text) == last]
    own = {host.lower().removeprefix("www.") for host in hosts}
    found: list[tuple[str, Byline]] = []
    for block in blocks[ends[-1] + 1 : ends[-1] + 1 + MAX_LINES] if ends else ():
        byline = _read(block.text, own) if block.link_share < MAX_LINKS else Byline()
        if not byline.is_credit:
            break
        found.append((block.text, byline))
    return merge_credits(found)


def _read(line: str, own: set[str]) -> Byline:
    if len(line) > MAX_CHARS:
        return Byline()
    if (host := host_of(line.strip())) is not None:
        return Byline(source=host, is_credit=True) if host in own else read_byline(f"Nguồn: {line}")
    return read_byline(line)


def _is_end_of_prose(found: list[tuple[str, Byline]], byline: Byline) -> bool:
    """A second bare signature above the first: one is a line of the text. Credits below it (source, photo) are none."""
    n_signed = sum(bool(below.authors) for _, below in found)
    return n_signed > 0 and not (n_signed == 1 and byline.source is None and len(found) <= 2)  # noqa: PLR2004 - name, then "Tác giả: …", "Nguồn: …"


def merge_credits(found: list[tuple[str, Byline]]) -> Credits:
    """What credit lines say together, each given as (line, what it says)."""
    authors = merge_names(name for _, byline in found for name in byline.authors)
    sources = [byline.source for _, byline in found if byline.source]
    named = [source for source in sources if is_organisation(source)] or sources
    return Credits(authors, named[0] if named else None, tuple(line for line, _ in found))
