"""Where a site's articles are announced, and which page a seed is: read from pages that were archived."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, urlsplit

from crawler.archive import Exchange, decode_body
from crawler.discovery.feeds import read_feed
from crawler.discovery.listings import read_listing
from crawler.discovery.robots import RobotsPolicy
from crawler.discovery.sitemaps import read_sitemap
from crawler.errors import ArchiveError, LearningError
from crawler.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.discovery.candidates import Candidate
    from crawler.sites.profile import SiteProfile

MAX_SECTIONS = 30
MAX_ANNOUNCED = 5_000
"""Announced addresses that are looked at; a site's newest articles come first."""


class PageSource(Protocol):
    """Archived pages of one site."""

    def get(self, url: str) -> Exchange | None:
        """The newest answer of an address, or None."""


@dataclass(frozen=True, slots=True)
class SiteSources:
    """What announces a site's articles, and the articles announced."""

    feeds: tuple[str, ...]
    sitemaps: tuple[str, ...]
    sections: tuple[str, ...]
    articles: dict[str, str]
    """Headline by address, empty where only the address is known; in the order they were found."""


def find_sources(source: PageSource, profile: SiteProfile) -> SiteSources:
    """Feeds, sitemaps and sections that the home page, robots.txt and the profile name and the source holds."""
    articles: dict[str, str] = {}
    home = _body(source, profile.home_url)
    listing = read_listing(home, profile.home_url, profile) if home else None
    feeds = [url for url in (*profile.sources.feeds, *(listing.feeds if listing else ())) if _body(source, url)]
    sitemaps = [url for url in _sitemaps(source, profile) if _body(source, url)]
    sections = [*profile.sources.sections, *(link.url for link in (listing.listings if listing else ()))]
    if listing:
        articles.update((link.url, link.text) for link in listing.articles)
    held = [url for url in dict.fromkeys(sections) if _add_section(source, url, profile, articles)]
    for url in feeds:
        _note(articles, read_feed(_body(source, url) or b"", url, profile).candidates)
    for url in sitemaps:
        _add_sitemap(source, url, profile, articles, depth=0)
    return SiteSources(tuple(dict.fromkeys(feeds)), tuple(sitemaps), tuple(held[:MAX_SECTIONS]), articles)


def find_article(title: str, sources: SiteSources) -> str:
    """The address whose headline, or else whose slug, is `title`.

    Raises LearningError when no announced article has it, or more than one.
    """
    wanted = fold(title)
    for found in (
        [url for url, text in sources.articles.items() if fold(text) == wanted],
        [url for url in sources.articles if _slug_says(url, wanted)],
    ):
        if len(found) > 1:
            raise LearningError(f"{title!r}: two pages have this headline: {found[0]} and {found[1]}; name one")
        if found:
            return found[0]
    raise LearningError(
        f"{title!r}: none of {len(sources.articles)} announced articles has this headline; give its URL"
    )


def _slug_says(url: str, wanted: str) -> bool:
    return f" {wanted} " in f" {fold(unquote(urlsplit(url).path))} "


def _sitemaps(source: PageSource, profile: SiteProfile) -> list[str]:
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(profile.home_url))
    robots = _body(source, f"{origin}/robots.txt") or b""
    named = RobotsPolicy.from_response(200, robots, f"{origin}/robots.txt").sitemaps
    return list(dict.fromkeys([*profile.sources.sitemaps, *named, f"{origin}/sitemap.xml"]))


def _add_section(source: PageSource, url: str, profile: SiteProfile, articles: dict[str, str]) -> bool:
    body = _body(source, url)
    found = read_listing(body, url, profile).articles if body else ()
    for link in found:
        articles.setdefault(link.url, link.text)
    return bool(found)


def _add_sitemap(source: PageSource, url: str, profile: SiteProfile, articles: dict[str, str], *, depth: int) -> None:
    for batch in read_sitemap(_body(source, url) or b"", url, profile).batches():
        if len(articles) >= MAX_ANNOUNCED:
            return
        children = [one.url for one in batch if one.kind == "sitemap"]
        _note(articles, [one for one in batch if one.kind != "sitemap"])
        for child in children if depth < 2 else ():  # noqa: PLR2004 - indexes of indexes exist, deeper ones are traps
            _add_sitemap(source, child, profile, articles, depth=depth + 1)


def _note(articles: dict[str, str], candidates: Iterable[Candidate]) -> None:
    for one in islice(candidates, MAX_ANNOUNCED):
        if one.kind in {"article", "unknown"}:
            articles.setdefault(one.url, one.title or "")


def _body(source: PageSource, url: str) -> bytes | None:
    exchange = source.get(url)
    if exchange is None or exchange.status != 200:  # noqa: PLR2004 - HTTP's own number
        return None
    try:
        return decode_body(exchange)
    except ArchiveError:
        return None
