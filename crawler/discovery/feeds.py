"""RSS 0.9x, 1.0 and 2.0, Atom and JSON Feed, good and broken, to candidates."""

from __future__ import annotations

import html
import json
import re
from itertools import count, islice
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urljoin

from crawler.discovery.candidates import Candidate, CandidateKind
from crawler.discovery.kinds import judge_url
from crawler.discovery.markup import MAX_FIELD_CHARS, elements, field_text, local_name, repaired_pieces, text_pieces
from crawler.discovery.times import read_time
from crawler.discovery.urls import canonicalize, split_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.etree import _Element

    from crawler.sites.profile import SiteProfile

MAX_FEED_BYTES = 10_000_000
"""Most bytes of a feed that are read, after unpacking."""
MAX_FEED_ITEMS = 5_000

_CDATA = re.compile(r"^\s*<!\[CDATA\[(.*?)(?:\]\]>)?\s*$", re.DOTALL)
_ROOT = re.compile(r"<(?:\w+:)?(?:rss|rdf|feed|channel)\b|jsonfeed", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,500}>")
_DATES = ("pubdate", "published", "date", "issued", "updated", "modified", "date_published", "date_modified")
_SURE = frozenset({"home", "profile_section", "listing_form", "listing_path", "date_listing"})


class Feed(NamedTuple):
    """What a feed announced."""

    candidates: tuple[Candidate, ...]
    """In the feed's order, each address once."""
    problem: str | None
    """Why there is less than there could be: `not_a_feed`, `too_many_items`; None when all is well."""


def read_feed(body: bytes, url: str, profile: SiteProfile) -> Feed:
    """Read a feed that came from `url`; never raises for what `body` holds.

    Raises ProfileError when a form of the profile cannot be used.
    """
    entries, counter = _entries(body), count()
    counted = (fields for fields, _ in zip(entries, counter, strict=False))  # entries, and how many were asked for
    candidates = tuple(_candidates(counted, url, profile))
    n_entries = next(counter)
    if n_entries == 0 and not _ROOT.search(_head(body)[:2000]):
        return Feed((), "not_a_feed")
    return Feed(candidates, "too_many_items" if n_entries > MAX_FEED_ITEMS else None)


def feed_batches(body: bytes, url: str, profile: SiteProfile, size: int) -> Iterator[list[Candidate]]:
    """The candidates of `read_feed`, up to `size` at once, read as they are asked for: 5,000 take a second."""
    candidates = _candidates(_entries(body), url, profile)
    while batch := list(islice(candidates, size)):
        yield batch


def _candidates(entries: Iterable[dict[str, str]], url: str, profile: SiteProfile) -> Iterator[Candidate]:
    found: set[str] = set()
    for n_entries, fields in enumerate(entries, 1):
        if n_entries > MAX_FEED_ITEMS:
            return
        candidate = _to_candidate(fields, url, profile)
        if candidate is not None and candidate.url not in found:
            found.add(candidate.url)
            yield candidate


def _head(body: bytes) -> str:
    return "".join(next(text_pieces(body, MAX_FEED_BYTES), "")).lstrip("\ufeff \t\r\n")


def _entries(body: bytes) -> Iterator[dict[str, str]]:
    return _json_entries(body) if _head(body).startswith("{") else _xml_entries(body)


def clean_address(text: str) -> str:
    """An address out of an element's text: escaped CDATA and entities undone, spaces gone."""
    text = text.strip()
    if text.startswith("&lt;"):
        text = html.unescape(text)
    inner = _CDATA.match(text)
    return html.unescape((inner[1] if inner else text).strip()).strip()


def clean_title(text: str) -> str | None:
    """A headline out of an element's text: entities and tags undone, spaces collapsed."""
    inner = _CDATA.match(text)
    return " ".join(_TAG.sub("", html.unescape(html.unescape(inner[1] if inner else text))).split()) or None


def announced_kind(url: str, profile: SiteProfile) -> CandidateKind:
    """Kind of an address that a feed or a news sitemap calls an article: it is one unless that is surely wrong."""
    kind, reason = judge_url(url, profile)
    is_article = kind in ("article", "unknown") or (kind == "listing" and reason not in _SURE)
    return "article" if is_article else kind


def _to_candidate(fields: dict[str, str], base: str, profile: SiteProfile) -> Candidate | None:
    address = clean_address(fields.get("origlink") or fields.get("link") or fields.get("guid") or "")
    if not address:
        return None
    try:
        url = canonicalize(urljoin(base, address), profile)
    except ValueError:
        return None
    if split_url(url) is None:
        return None
    date = next((fields[name] for name in _DATES if fields.get(name)), None)
    lastmod = read_time(date, profile.time_zone)
    return Candidate(url, announced_kind(url, profile), "feed", lastmod, clean_title(fields.get("title", "")))


def _xml_entries(body: bytes) -> Iterator[dict[str, str]]:
    for entry in elements(repaired_pieces(body, MAX_FEED_BYTES), ("item", "entry")):
        yield xml_fields(entry)


def xml_fields(entry: _Element) -> dict[str, str]:
    """Text of the children of one item or entry, by lower-case local name; the first of each name counts."""
    fields: dict[str, str] = {}
    for child in entry:
        name = local_name(child)
        if name == "link":
            _add_link(child, fields)
        elif name == "guid":
            if (child.get("isPermaLink") or "true").lower() == "true" and "://" in field_text(child):
                fields.setdefault("guid", field_text(child))
        elif name:
            fields.setdefault(name, field_text(child))
    return fields


def _add_link(child: _Element, fields: dict[str, str]) -> None:
    address = child.get("href") or field_text(child)
    if not address:  # HTML's parser habit: <link/>address
        address = (child.tail or "").strip()[:MAX_FIELD_CHARS]
    if address and (child.get("rel") or "alternate") == "alternate":
        fields.setdefault("link", address)


def _json_entries(body: bytes) -> Iterator[dict[str, str]]:
    try:
        feed = json.loads("".join(text_pieces(body, MAX_FEED_BYTES)).lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return
    items = feed.get("items") if isinstance(feed, dict) else None
    yield from map(_json_fields, items if isinstance(items, list) else [])


def _json_fields(item: Any) -> dict[str, str]:
    pairs: Iterable[tuple[str, Any]] = item.items() if isinstance(item, dict) else ()
    fields = {name: value[:MAX_FIELD_CHARS] for name, value in pairs if isinstance(value, str)}
    return {**fields, "link": fields.get("url") or fields.get("external_url") or fields.get("id", "")}
