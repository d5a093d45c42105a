"""Who wrote the article, and whom the page credits for it."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from crawler.extraction.bylines import merge_names, read_byline, read_names
from crawler.extraction.declared import declared, group_by_source, read_templated
from crawler.extraction.headline import is_short
from crawler.extraction.metadata import MAX_SECTION, PLACEHOLDERS
from crawler.extraction.names import is_team, is_vietnamese
from crawler.extraction.template import text_of
from crawler.folding import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

    from crawler.extraction.document import Document
    from crawler.sites.profile import SiteProfile, Template

_AUTHORS = (
    "json-ld:author", "meta:dable:author", "meta:article:author_name", "meta:byl", "meta:parsely-author",
    "meta:sailthru.author", "meta:cxenseparse:author", "meta:dc.creator", "meta:dcterms.creator",
    "meta:citation_author", "meta:author", "meta:article:author", "meta:twitter:creator", "json-ld:creator",
)  # fmt: skip
_SOURCES = ("json-ld:isBasedOn", "meta:source", "meta:original-source", "meta:dc.source")
_BYLINE_CLASS = re.compile(r"author|byline|tac-?gia|but-?danh|writer|pen-name|pseudonym")
_AUTHOR = re.compile(r"author")
_OTHERS = re.compile(r"related|comment|binhluan|footer|sidebar|recommend|list|others|most|popular", re.IGNORECASE)
MAX_BYLINE = 120
"""Characters of a byline block."""


def read_authors(
    document: Document,
    profile: SiteProfile,
    template: Template | None,
    *,
    title: HtmlElement | None,
    credited: Sequence[str],
    language: str,
) -> tuple[tuple[str, ...], str | None, str | None]:
    """(authors, their source, the paper that an author block credits).

    The template's block, the signature under the text, blocks classed as bylines, then what is declared. Names of the
    site itself are no authors in Vietnamese pages, where papers declare them for every article; elsewhere
    they are the last resort. A person that any of them names comes before a nameless team ("Nhóm PV").
    """
    publishers = _publishers(document, profile)
    bylines = [read_byline(text, is_marked=True) for _, text in read_templated(document, template, "authors")]
    paper = next((byline.source for byline in bylines if byline.source), None)
    if names := merge_names(name for byline in bylines for name in byline.authors):
        return names, f"template:{template.authors[0]}" if template else None, paper
    if credited:
        return tuple(credited), "text:signature", paper
    is_strict = language == "vi"
    blocks = (("text:byline", _byline_blocks(document, title, is_strict=is_strict)) for _ in range(1))
    said = group_by_source(declared(document, _AUTHORS))
    team: tuple[tuple[str, ...], str | None, str | None] | None = None
    for source, values in chain(blocks, said) if is_strict else chain(said, blocks):
        own = publishers if is_strict or source.startswith("meta:") else ()
        names = read_names(values, own, is_strict=is_strict)
        if is_strict and source.startswith("meta:"):
            names = tuple(name for name in names if is_vietnamese(name))
        if names and not (is_strict and all(map(is_team, names))):
            return merge_names(names) if is_strict else names, source, paper
        team = team or ((names, source, paper) if names else None)
    if team is not None:
        return team
    rest = () if is_strict else read_names([value for _, values in said for value in values], is_strict=False)
    return rest[:1], said[0][0] if rest else None, paper


def _byline_blocks(document: Document, title: HtmlElement | None, *, is_strict: bool) -> list[str]:
    """Text of the first byline block outside lists, comments and footers."""
    around = frozenset(title.iterancestors()) if title is not None else frozenset()
    marked = document.index.find(class_=_BYLINE_CLASS, rel=_AUTHOR, itemprop=_AUTHOR)
    for element in [element for element in marked if element.tag != "meta"][:40]:
        chain = [parent for parent in (element, *element.iterancestors()) if parent not in around]
        if any(_OTHERS.search(f"{parent.get('class') or ''} {parent.get('id') or ''}"[:300]) for parent in chain):
            continue
        text = text_of(element) if is_short(element, MAX_BYLINE) else ""
        if not text or fold(text) in PLACEHOLDERS:
            continue
        if read_byline(text, is_marked=True).authors or not is_strict:
            return [text]
    return []


def _publishers(document: Document, profile: SiteProfile) -> set[str]:
    names = {profile.name, *profile.hosts, *(host.split(".")[0] for host in profile.hosts)}
    names |= {value for _, value in declared(document, ("meta:og:site_name", "json-ld:publisher"))}
    return {name for name in names if name}


def read_source(document: Document, template: Template | None, *credited: str | None) -> tuple[str, str] | None:
    """(paper or agency credited for the text, where): the template's block, the lines under the text, declarations."""
    for selector, text in read_templated(document, template, "source"):
        byline = read_byline(text, is_marked=True)
        if name := byline.source or text.strip(" :-–|()"):
            return name, selector
    for name in filter(None, credited):
        return name, "text:credit"
    return next(((value, source) for source, value in declared(document, _SOURCES) if len(value) <= MAX_SECTION), None)
