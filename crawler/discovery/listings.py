"""A page that lists articles: its article links, sections, further pages and feeds, in one pass over the links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from crawler.discovery.cards import anchor_text, card_time, is_heading, short_text
from crawler.discovery.fragments import read_fragment
from crawler.discovery.kinds import WEAK_RULES, judge_url
from crawler.discovery.more import further_addresses
from crawler.discovery.paging import is_paging_text, is_same_list, is_sure_paging_text, next_in_series, page_number
from crawler.discovery.periods import period_of
from crawler.discovery.trees import attribute, parse_page
from crawler.discovery.urls import canonicalize, is_home, is_on_site, split_url

if TYPE_CHECKING:
    from datetime import datetime

    from lxml.html import HtmlElement

    from crawler.discovery.fragments import Fragment
    from crawler.sites.profile import SiteProfile

MAX_LINKS = 5_000
"""Most links of one page that are looked at."""


@dataclass(frozen=True, slots=True)
class Link:
    """One address of a page, with what the page says about it."""

    url: str
    """Canonical spelling."""
    text: str
    """The longest text the page links it with, spaces collapsed, at most 300 characters."""
    is_nofollow: bool = False
    """Every link to it says rel=nofollow; a fact, judged by nobody here."""
    is_heading: bool = False
    """It is linked from a headline."""
    listed_at: datetime | None = None
    """The time printed on its card, UTC."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a page leads to. Addresses are canonical, on the site, each once, in page order."""

    articles: tuple[Link, ...] = ()
    listings: tuple[Link, ...] = ()
    """Sections and the like."""
    pages: tuple[Link, ...] = ()
    """More of the same list: numbered pages, "Trang sau", days of its archive, addresses behind "Xem thêm" buttons."""
    feeds: tuple[str, ...] = ()
    canonical: str | None = None
    """The page's own canonical address, when it states one."""
    n_links: int = 0
    """All links looked at."""
    n_ignored: int = 0
    """Links that no rule wants: files, log-ins, searches, other hosts."""
    ignored: tuple[tuple[str, str], ...] = ()
    """Those of the site among them, each with the rule's code; `no_rule`: nothing says what it is."""
    elsewhere: tuple[str, ...] = ()
    """Addresses of other hosts that it links to."""
    is_listing: bool = False
    """Whether the page is mainly a list: several linked headlines, and more text inside links than outside."""


_FEED_TYPE = re.compile(r"application/(?:rss|atom|rdf|feed)\+(?:xml|json)", re.IGNORECASE)
_TITLE_WORDS = 5
_SURE_TITLE_WORDS = 8
_PROSE_CHARS = 250
_MIN_SURE = 10
_MAX_WEAK_SHARE = 0.2
_MIN_HEADLINES = 5
_MAX_CARDS = 200


def read_listing(page: bytes | HtmlElement, url: str, profile: SiteProfile) -> Listing:
    """Read the links of a page that came from `url`; never raises for what the page holds.

    Raises ProfileError when a form of the profile cannot be used.
    """
    fragment = read_fragment(page) if isinstance(page, bytes) else None
    tree = fragment.tree if fragment else parse_page(page) if isinstance(page, bytes) else page
    return _Reader(tree, url, profile, fragment).read() if tree is not None else Listing()


class _Reader:
    """Gathers one page's links by address."""

    def __init__(self, tree: HtmlElement, url: str, profile: SiteProfile, fragment: Fragment | None) -> None:
        self._tree = tree
        self._fragment = fragment
        self._profile = profile
        self._url = canonicalize(url, profile)
        base = next((attribute(element, "href") for element in tree.iter("base")), "")
        self._base = self._join(url, base) or url
        self._found: dict[str, dict[str, Link]] = {"article": {}, "listing": {}, "page": {}}
        self._n_links = 0
        self._n_ignored = 0
        self._ignored: dict[str, str] = {}
        self._elsewhere: dict[str, None] = {}
        self._n_cards = 0
        self._weak: set[str] = set()
        self._linked_chars = 0

    def read(self) -> Listing:
        feeds, canonical = self._read_head()
        self._elsewhere.clear()  # where styles and the like lie says nothing
        for anchor in self._tree.iter("a", "area"):
            if self._n_links >= MAX_LINKS:
                break
            self._read_anchor(anchor)
        self._demote_weak()
        self._read_more()
        articles = tuple(self._found["article"].values())
        return Listing(
            articles=articles,
            listings=tuple(link for key, link in self._found["listing"].items() if key not in self._found["page"]),
            pages=tuple(self._found["page"].values()),
            feeds=feeds,
            canonical=canonical,
            n_links=self._n_links,
            n_ignored=self._n_ignored,
            ignored=tuple((url, code) for url, code in self._ignored.items() if not self._is_found(url)),
            elsewhere=tuple(self._elsewhere),
            is_listing=self._is_listing(articles),
        )

    def _join(self, base: str, href: str) -> str:
        try:
            return urljoin(base, href)
        except ValueError:
            return ""

    def _address(self, href: str) -> str | None:
        if not href or href.startswith(("#", "javascript:", "mailto:", "tel:", "data:")):
            return None
        url = canonicalize(self._join(self._base, href), self._profile)
        is_ours = is_on_site(url, self._profile)
        if not is_ours and split_url(url):
            self._elsewhere[url] = None
        return url if is_ours else None

    def _read_head(self) -> tuple[tuple[str, ...], str | None]:
        feeds: dict[str, None] = {}
        canonical = None
        for link in self._tree.iter("link"):
            relations = attribute(link, "rel").lower().split()
            url = self._address(attribute(link, "href"))
            if url is None:
                continue
            if "alternate" in relations and _FEED_TYPE.match(attribute(link, "type")):
                feeds[url] = None
            elif "canonical" in relations:
                canonical = canonical or url
            elif ("next" in relations or "prev" in relations) and url != self._url:
                self._keep("page", Link(url, ""))
        return tuple(feeds), canonical

    def _read_anchor(self, anchor: HtmlElement) -> None:
        self._n_links += 1
        text = anchor_text(anchor)
        self._linked_chars += len(text)
        url = self._address(attribute(anchor, "href"))
        if url is None or url == self._url:
            self._n_ignored += url is None
            return
        relations = attribute(anchor, "rel").lower().split()
        in_heading = is_heading(anchor)
        kind = self._kind(url, text, relations, is_heading=in_heading)
        if kind is None:
            self._n_ignored += 1
            if url not in self._ignored:
                self._ignored[url] = judge_url(url, self._profile).reason
            return
        listed_at = self._card_time(anchor) if kind == "article" else None
        self._keep(kind, Link(url, text[:300], "nofollow" in relations, in_heading, listed_at))

    def _kind(self, url: str, text: str, relations: list[str], *, is_heading: bool) -> str | None:
        kind, reason = judge_url(url, self._profile)
        if kind == "article":
            if reason in WEAK_RULES:
                self._weak.add(url)
            return "article"
        if kind == "ignore":
            return None
        if "next" in relations or "prev" in relations or self._is_further_page(url, text):
            return "page"
        if period_of(url) is not None or (kind == "unknown" and is_sure_paging_text(text)):
            return "page"
        if kind == "unknown":
            is_story = is_heading and len(text.split()) >= _TITLE_WORDS and not self._profile.sources.article_url
            return "article" if is_story else "listing" if reason == "listing_form" else None
        return "listing"

    def _demote_weak(self) -> None:
        """Where nearly all articles of the page have numbers in their address, one without is a topic page."""
        articles = self._found["article"]
        n_sure = len(articles) - len(self._weak)
        if n_sure < _MIN_SURE or len(self._weak) > _MAX_WEAK_SHARE * n_sure:
            return
        for url in self._weak:
            link = articles[url]
            if not link.is_heading or len(link.text.split()) < _SURE_TITLE_WORDS:
                self._keep("listing", articles.pop(url))

    def _is_further_page(self, url: str, text: str) -> bool:
        is_further = page_number(url) is not None or is_paging_text(text)
        return is_further and not is_home(url, self._profile) and is_same_list(url, self._url)

    def _keep(self, kind: str, link: Link) -> None:
        known = self._found[kind].get(link.url)
        if known is not None:
            link = Link(
                link.url,
                max(known.text, link.text, key=len),
                known.is_nofollow and link.is_nofollow,
                known.is_heading or link.is_heading,
                known.listed_at or link.listed_at,
            )
        self._found[kind][link.url] = link

    def _is_found(self, url: str) -> bool:
        return any(url in found for found in self._found.values())

    def _card_time(self, anchor: HtmlElement) -> datetime | None:
        self._n_cards += 1
        return card_time(anchor, self._profile.time_zone) if self._n_cards <= _MAX_CARDS else None

    def _read_more(self) -> None:
        further = list(islice(further_addresses(self._tree, self._url), _MAX_CARDS))
        for address, text in [(self._fragment.next_address, ""), *further] if self._fragment else further:
            url = self._address(address)
            if url is not None and url != self._url and judge_url(url, self._profile).kind != "article":
                self._keep("page", Link(url, text))
        is_open = self._fragment and not self._found["page"] and not self._fragment.is_last
        if is_open and (following := next_in_series(self._url, len(self._found["article"]))):
            self._keep("page", Link(following, ""))

    def _is_listing(self, articles: tuple[Link, ...]) -> bool:
        n_headlines = sum(len(link.text.split()) >= _TITLE_WORDS for link in articles)
        if n_headlines < _MIN_HEADLINES:
            return False
        blocks = (len(short_text(block, 2000)) for block in self._tree.iter("p") if block.find(".//a") is None)
        return self._linked_chars > sum(n_chars for n_chars in blocks if n_chars >= _PROSE_CHARS)
