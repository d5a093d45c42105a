"""Page and profile to Article: where template, body, metadata, dates and bylines come together."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from crawler.extraction.authorship import read_authors, read_source
from crawler.extraction.body import read_body
from crawler.extraction.credits import Credits, credits_below, cut_at_signature, split_credits
from crawler.extraction.dates import Clock
from crawler.extraction.declared import read_templated
from crawler.extraction.document import parse
from crawler.extraction.furniture_lines import is_dated_byline
from crawler.extraction.headline import read_headline
from crawler.extraction.metadata import read_lede, read_licence, read_section, read_tags
from crawler.extraction.origin import facts_of, provenance
from crawler.extraction.published import read_times
from crawler.extraction.signatures import cut_below, read_signature
from crawler.extraction.surroundings import surroundings
from crawler.extraction.template import choose_template, select_texts
from crawler.extraction.vicinity import read_kicker
from crawler.folding import fold
from crawler.items import Article, Reason, Reject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

    from crawler.extraction.body import Body
    from crawler.extraction.document import Document
    from crawler.extraction.headline import Headline
    from crawler.extraction.published import Times
    from crawler.items import Page
    from crawler.sites.profile import SiteProfile, Template

EXTRACTOR = "3"
"""Raised whenever the same page may come out differently."""
EXTRACTOR_VERSION = f"{EXTRACTOR}/trafilatura-{version('trafilatura')}"
MAX_BODY = 8 * 1024 * 1024
"""Bytes of a page; the largest article measured has 1.1 MB."""
HEAD_LINES = 6
"""Paragraphs at the beginning among which title, kicker, dateline or the repeated lede may stand."""
MAX_TEXT = 300_000
"""Characters of an article's text: a book, not an article."""
_MARKUP = (b"<html", b"<body", b"<!doctype", b"<div", b"<p", b"<head", b"<article", b"<h1", b"<meta", b"<table")
_OTHER_KINDS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"RIFF", b"\x1f\x8b", b"ID3", b"BM")


def extract(page: Page, profile: SiteProfile) -> Article | Reject:
    """The article on `page`, or why there is none. Pure: the same page and profile give the same row. Never raises."""
    document = open_page(page)
    return document if isinstance(document, Reject) else extract_from(document, page, profile)


def open_page(page: Page) -> Document | Reject:
    """The page parsed, or why it cannot be an article. Never raises."""
    if len(page.body) > MAX_BODY:
        return Reject(Reason.TOO_LARGE, f"{len(page.body)} bytes")
    if not is_html(page):
        return Reject(Reason.NOT_HTML, page.header("content-type") or "")
    try:
        return parse(page.body, page.final_url, page.header("content-type"))
    except Exception as error:  # noqa: BLE001 - whatever a hostile page breaks costs that page only
        return _broken(error)


def extract_from(document: Document, page: Page, profile: SiteProfile) -> Article | Reject:
    """The article on a page that `open_page` parsed. Never raises."""
    try:
        return _extract(document, page, profile)
    except Exception as error:  # noqa: BLE001 - whatever a hostile page breaks costs that page only
        return _broken(error)


def _broken(error: Exception) -> Reject:
    return Reject(Reason.EXTRACTION_ERROR, f"{type(error).__name__}: {error}"[:300])


def _extract(document: Document, page: Page, profile: SiteProfile) -> Article | Reject:
    _ = document.order
    template = choose_template(document, profile, page.fetched_at)
    body = read_body(document, profile, template)
    if body is None or not any(paragraph.strip() for paragraph in body.paragraphs):
        return Reject(Reason.NO_TEXT)
    headline = read_headline(document, template)
    if headline is None:
        return Reject(Reason.NO_TITLE)
    article = _assemble(page, profile, document=document, template=template, body=body, headline=headline)
    if len(article.text) > MAX_TEXT:
        return Reject(Reason.TOO_LARGE, f"{len(article.text)} characters of text")
    return article if article.text else Reject(Reason.NO_TEXT)


def is_html(page: Page) -> bool:
    """True when the body is markup, whatever the header says; an image or a PDF named HTML is not."""
    head = page.body[:2048].lstrip().lower()
    if page.body[:4].startswith(_OTHER_KINDS):
        return False
    kind = (page.header("content-type") or "").partition(";")[0].strip().lower()
    if kind in {"", "text/html", "application/xhtml+xml"}:
        return bool(head)
    return any(mark in head.replace(b"\0", b"") for mark in _MARKUP)


def _assemble(
    page: Page, profile: SiteProfile, *, document: Document, template: Template | None, body: Body, headline: Headline
) -> Article:
    part = surroundings(document, template if body.extraction == "template" else None, headline.element)
    language = _language(document, profile)
    clock = Clock(page.fetched_at, profile.time_zone)
    unsigned, signed = _without_credits(
        document, template, body, profile, title=headline.element, part=part, language=language
    )
    kicker = _kicker(document, template, headline)
    times = read_times(document, template, headline.element, clock, language, part=part)
    paragraphs = _only_text(unsigned, headline.text, {kicker[1] if kicker else "", *_raws(times)})
    lede = read_lede(document, headline.element, _body_lede(body), paragraphs, part)
    paragraphs = _lede_first(lede[0] if lede else None, paragraphs)
    authors, authors_from, paper = read_authors(
        document, profile, template, title=headline.element, credited=signed.authors, language=language
    )
    source = read_source(document, template, signed.source, paper)
    section, (tags, tags_from) = read_section(document, template, headline.element), read_tags(document, template)
    licence = read_licence(document)
    origins = [
        ("title", headline.source), ("kicker", kicker[0] if kicker else None), *body.sources,
        ("lede", lede[1] if lede else None), ("authors", authors_from), ("source", source[1] if source else None),
        ("section", section[1] if section else None), ("tags", tags_from), ("licence", licence[1] if licence else None),
        ("published_at", times.published.source if times.published else None),
        ("modified_at", times.modified.source if times.modified else None),
    ]  # fmt: skip
    return Article(
        **facts_of(page),
        title=headline.text,
        text="\n\n".join(paragraphs),
        kicker=kicker[1] if kicker else None,
        lede=lede[0] if lede else None,
        captions=body.captions,
        authors=authors,
        source=source[0] if source else None,
        section=section[0] if section else None,
        tags=tags,
        **_moments(times),
        extraction=body.extraction,
        provenance=provenance(origins),
        link_share=body.link_share,
        n_words=sum(len(paragraph.split()) for paragraph in paragraphs),
        n_paragraphs=len(paragraphs),
        changes=(document.typed,) if document.typed else (),
        licence=licence[0] if licence else None,
        profile_version=profile.version,
        extractor_version=EXTRACTOR_VERSION,
    )


def _without_credits(
    document: Document,
    template: Template | None,
    body: Body,
    profile: SiteProfile,
    *,
    title: HtmlElement | None,
    part: HtmlElement,
    language: str,
) -> tuple[tuple[str, ...], Credits]:
    """The paragraphs, and what their end and the lines below it credit; the forms of signatures are Vietnamese ones."""
    if language != "vi":
        return body.paragraphs, Credits()
    paragraphs, signature = body.paragraphs, Credits()
    if body.extraction != "template":
        signature = read_signature(document.blocks_in(part), title)
        paragraphs = cut_at_signature(cut_below(paragraphs, signature))
    kept, signed = split_credits(paragraphs, profile.hosts)
    if (signed.authors and signed.source) or read_templated(document, template, "authors"):
        return kept, signed
    below = credits_below(document.blocks_in(part), kept, profile.hosts)
    if not (signed.authors or below.authors):
        below = signature if signature.authors else read_signature(document.blocks_in(part), title)
    return kept, Credits(signed.authors or below.authors, signed.source or below.source, signed.removed)


def _body_lede(body: Body) -> tuple[str, str] | None:
    """The lede that came with the body, and the selector that found it."""
    return (body.lede, dict(body.sources).get("lede", "text:lede")) if body.lede else None


def _moments(times: Times) -> dict[str, Any]:
    published, modified = times.published, times.modified
    return {
        "published_at": published.at if published else None,
        "published_raw": published.raw if published else None,
        "modified_at": modified.at if modified else None,
        "modified_raw": modified.raw if modified else None,
    }


def _kicker(document: Document, template: Template | None, headline: Headline) -> tuple[str, str] | None:
    """(source, kicker): the template's, else what stands above the headline and is called so."""
    for selector, text in select_texts(document, template.kicker) if template else ():
        return f"template:{selector}", text
    found = read_kicker(headline.element)
    return (found[1], found[0]) if found else None


def _language(document: Document, profile: SiteProfile) -> str:
    """Language in which dates and bylines are read: the page's own word, else the profile's first."""
    declared = (document.tree.get("lang") or "").lower().partition("-")[0]
    expected = profile.languages[0] if profile.languages else "vi"
    if declared == expected or not declared.isalpha() or "vi" in profile.languages:
        return expected
    return declared[:3]


def _raws(times: Times) -> set[str]:
    return {dated.raw for dated in (times.published, times.modified) if dated}


def _only_text(paragraphs: Sequence[str], title: str, lines: set[str]) -> list[str]:
    """`paragraphs` without the title and what stands above it, without kicker, dateline and byline before the text."""
    folded = [fold(paragraph) for paragraph in paragraphs[:HEAD_LINES]]
    start = folded.index(fold(title)) + 1 if fold(title) in folded else 0
    junk = {fold(line) for line in lines} - {""}
    bylines = [fold(text) for text in paragraphs if is_dated_byline(text)]
    junk |= set(bylines) if len(bylines) == 1 else set()
    head = [text for text, key in zip(paragraphs[start:HEAD_LINES], folded[start:], strict=False) if key not in junk]
    rest = list(paragraphs[HEAD_LINES:])
    while rest and fold(rest[-1]) == fold(title):
        rest.pop()
    return head + rest


def _lede_first(lede: str | None, paragraphs: list[str]) -> list[str]:
    """`paragraphs` with the lede as the first of them, once."""
    if lede is None:
        return paragraphs
    folded = fold(lede)
    return [lede, *(text for i, text in enumerate(paragraphs) if i >= HEAD_LINES or fold(text) != folded)]
