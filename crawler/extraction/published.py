"""When the article was published and last changed: the choice among all that a page says."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from crawler.extraction.date_values import read_value
from crawler.extraction.datelines import ACCEPTED, read_datelines
from crawler.extraction.dates import Clock, Moment, read_moment
from crawler.extraction.declared import declared
from crawler.extraction.settling import by_address, settle
from crawler.extraction.template import select_texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from crawler.extraction.datelines import Dateline
    from crawler.extraction.document import Document
    from crawler.sites.profile import Template

_PUBLISHED = (
    "json-ld:datePublished", "meta:article:published_time", "itemprop:datePublished", "meta:datepublished",
    "meta:pubdate", "meta:og:published_time", "meta:og:article:published_time", "meta:article:published",
    "meta:published_time", "meta:publishdate", "meta:publish-date", "meta:publish_date", "meta:publication_date",
    "meta:parsely-pub-date", "meta:sailthru.date", "meta:cxenseparse:recs:publishtime", "meta:cxenseparse:publishtime",
    "meta:dc.date.issued", "meta:dcterms.issued", "meta:dcterms.created", "meta:dcterms.date", "meta:dc.date",
    "meta:originalpublicationdate", "meta:citation_publication_date", "meta:rnews:datepublished", "meta:date",
    "json-ld:uploadDate", "json-ld:dateCreated", "meta:datecreated", "meta:article_date_original", "meta:cms-date",
)  # fmt: skip
_MODIFIED = (
    "json-ld:dateModified", "meta:article:modified_time", "itemprop:dateModified", "meta:datemodified",
    "meta:og:updated_time", "meta:article:updated_time", "meta:lastmod", "meta:last-modified", "meta:dcterms.modified",
    "meta:dc.date.modified", "meta:revised", "meta:article_updatetime",
)  # fmt: skip
_IN_SCRIPT = re.compile(
    r"ublish(?:(?<=articlePublish)Date|(?<=datePublish)ed|(?<=publish)(?:Date|edDate|ed_at|edAt|_date))"
    r"""["']?\s{0,3}[:=,]\s{0,3}["']((?:19|20)\d\d-\d\d-\d\d[^"']{0,25})["']"""
)
"""Begins with letters that all the names share: so scripts of 100 KB are passed over fast."""
_MAX_SCRIPTS = 100
_MAX_SCRIPT = 300_000
_URL_DATE = re.compile(r"(?<!\d)(20\d\d)[/-]?(0[1-9]|1[0-2])(?:[/-]?(0[1-9]|[12]\d|3[01]))?(?=\D|$|\d{6,9}(?:\D|$))")


@dataclass(frozen=True, slots=True)
class Dated:
    """An instant with the string it was read from and where that stood."""

    at: datetime
    raw: str
    source: str


@dataclass(frozen=True, slots=True)
class _Said:
    moment: Moment
    raw: str
    source: str

    def as_dated(self, at: datetime | None = None) -> Dated:
        mark = "" if self.moment.has_time else " (day only)"
        return Dated(at or self.moment.at, self.raw[:200], self.source + mark)


@dataclass(frozen=True, slots=True)
class Times:
    """Publication and last change of an article; None where the page does not say."""

    published: Dated | None = None
    modified: Dated | None = None


def read_times(
    document: Document,
    template: Template | None,
    title: HtmlElement | None,
    clock: Clock,
    language: str = "vi",
    *,
    part: HtmlElement | None = None,
) -> Times:
    """What the page says of its own age. Never guessed: no footer, no event, nothing after the fetch, no "today".

    Order: the template's dateline; what readers see beside the title, held against what is declared for machines
    (JSON-LD, meta, microdata, inline scripts); the declaration alone; a full date in the address, as a day. Readers
    are thought to look at `part` of the page, and at the rest only where nothing there is the article's date.
    """
    chosen = _templated(document, template, clock, language)
    machine = list(_machine(document, _PUBLISHED, clock, language)) + _scripts(document, clock)
    lines = [] if chosen else _lines(document, title, clock, part)
    visible = next((line for line in lines if line.moment.label != "modified"), lines[0] if lines else None)
    evidence = [said.moment for said in (*machine, *_machine(document, _MODIFIED, clock, language))]
    evidence += [visible.moment] if visible else []
    machine = [settled for said in machine if (settled := _settled(said, evidence, clock))]
    chosen, seen = _settled(chosen, evidence, clock), _settled(_said(visible) if visible else None, evidence, clock)
    visible = replace(visible, moment=seen.moment) if visible and seen else None
    if chosen is not None:
        published: Dated | None = _completed(chosen, machine, clock)
    else:
        published = _weigh(visible, machine, clock, language) or _from_url(document.url, clock)
    return Times(
        published, _modified(document, template, lines=lines, published=published, clock=clock, language=language)
    )


def _lines(document: Document, title: HtmlElement | None, clock: Clock, part: HtmlElement | None) -> list[Dateline]:
    """Datelines that are believed, likeliest first."""
    for place in (document.tree,) if part is None or part is document.tree else (part, document.tree):
        lines = read_datelines(document, place, title, clock, url_days(document.url))
        if accepted := [line for line in lines if line.score >= ACCEPTED]:
            return accepted
    return []


def _settled(said: _Said | None, evidence: list[Moment], clock: Clock) -> _Said | None:
    """`said` where its day is sure, or what the rest of the page makes of it."""
    moment = settle(said.moment, evidence, clock) if said else None
    return replace(said, moment=moment) if said and moment else None


def url_days(url: str) -> tuple[int, ...]:
    """Year, month and, where written, day in the path of an address; empty without them."""
    match = _URL_DATE.search(url.partition("://")[2].partition("/")[2].partition("?")[0])
    return tuple(int(group) for group in match.groups() if group) if match else ()


def _templated(document: Document, template: Template | None, clock: Clock, language: str) -> _Said | None:
    for selector, text in select_texts(document, template.published) if template else ():
        if (moment := read_value(text, clock, language)) is not None:
            return _Said(by_address(moment, url_days(document.url), clock), text, f"template:{selector}")
    return None


def _machine(document: Document, keys: tuple[str, ...], clock: Clock, language: str) -> Iterator[_Said]:
    for source, raw in declared(document, keys):
        if (moment := read_value(raw, clock, language)) is not None and not moment.is_relative:
            yield _Said(by_address(moment, url_days(document.url), clock), raw, source)


def _scripts(document: Document, clock: Clock) -> list[_Said]:
    """The one publication time that inline scripts name; several are a list of other articles."""
    found: dict[str, _Said] = {}
    for script in document.scripts[:_MAX_SCRIPTS]:
        for match in _IN_SCRIPT.finditer(script, 0, _MAX_SCRIPT):
            if (moment := read_value(match[1], clock)) is not None:
                found[match[1]] = _Said(moment, match[1], "script:publishDate")
    return list(found.values()) if len({said.moment.at for said in found.values()}) == 1 else []


def _weigh(visible: Dateline | None, machine: list[_Said], clock: Clock, language: str) -> Dated | None:
    """The better of what readers see and what is declared.

    They agree: the declared one, it has the seconds; unless it is a bare day. They differ: in Vietnamese pages readers
    are right (declared times are often those of the first draft, of the crawl, or month first), unless two
    declarations of different kinds agree.
    """
    best = _best_declared(machine)
    if visible is None or best is None:
        if best is not None:
            return best.as_dated()
        return _said(visible).as_dated() if visible is not None else None
    seen = _said(visible)
    for said in machine:
        if _is_same(said.moment.at, visible.moment.at) or (
            not visible.moment.has_time and _same_day(said, seen, clock)
        ):
            return said.as_dated()
        if said.moment.swapped is not None and _is_same(said.moment.swapped, visible.moment.at):
            return said.as_dated(said.moment.swapped)
    if not visible.moment.has_time or visible.moment.is_relative or (language != "vi" and best.moment.has_time):
        return best.as_dated()
    has_two = len({said.source.partition(":")[0] for said in machine if _is_same(said.moment.at, best.moment.at)}) > 1
    is_weak = visible.moment.label != "published" and not visible.is_near
    return best.as_dated() if (has_two and not _is_midnight(best, clock)) or is_weak else seen.as_dated()


def _best_declared(machine: list[_Said]) -> _Said | None:
    """The first with a time of day, else the first; a month-first twin that another source confirms is mended."""
    if not machine:
        return None
    first = next((said for said in machine if said.moment.has_time), machine[0])
    others = {said.moment.at for said in machine if said is not first}
    if first.moment.swapped in others and first.moment.at not in others:
        return next(said for said in machine if said.moment.at == first.moment.swapped)
    return first


def _said(line: Dateline) -> _Said:
    return _Said(line.moment, line.raw, f"text:{line.moment.label or 'dateline'}")


def _is_same(one: datetime, other: datetime) -> bool:
    return abs(one - other) < timedelta(minutes=1)


def _same_day(one: _Said, other: _Said, clock: Clock) -> bool:
    return one.moment.at.astimezone(clock.tz).date() == other.moment.at.astimezone(clock.tz).date()


def _is_midnight(said: _Said, clock: Clock) -> bool:
    local = said.moment.at.astimezone(clock.tz)
    return not said.moment.has_time or (local.hour, local.minute) == (0, 0)


def _completed(chosen: _Said, machine: list[_Said], clock: Clock) -> Dated:
    """The template's date; its seconds, or its time of day where it has none, from a declaration that agrees."""
    for said in machine:
        agrees = _is_same(said.moment.at, chosen.moment.at) or (
            not chosen.moment.has_time and _same_day(said, chosen, clock)
        )
        if agrees and said.moment.has_time:
            return Dated(said.moment.at, chosen.raw[:200], chosen.source)
    return chosen.as_dated()


def _from_url(url: str, clock: Clock) -> Dated | None:
    days = url_days(url)
    if len(days) < 3:  # noqa: PLR2004 - year, month, day
        return None
    moment = read_moment("-".join(f"{part:02d}" for part in days), clock)
    return Dated(moment.at, "/".join(f"{part:02d}" for part in days), "url (day only)") if moment else None


def _modified(
    document: Document,
    template: Template | None,
    *,
    lines: list[Dateline],
    published: Dated | None,
    clock: Clock,
    language: str,
) -> Dated | None:
    """The last change, never before the publication."""
    said = [
        _Said(moment, text, f"template:{selector}")
        for selector, text in (select_texts(document, template.modified) if template else ())
        if (moment := read_value(text, clock, language)) is not None
    ]
    earliest = published.at if published else datetime.min.replace(tzinfo=UTC)
    said += [_said(line) for line in lines if line.moment.label == "modified" and line.moment.at > earliest]
    said += _machine(document, _MODIFIED, clock, language)
    said = [item for item in said if not item.moment.is_undecided]
    return next((item.as_dated() for item in said if item.moment.at >= earliest and item.moment.has_time), None)
