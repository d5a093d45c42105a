"""Which record of a WARC file of others is an article page of which site, and why the others are not taken."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from crawler.discovery.kinds import judge_url
from crawler.discovery.urls import canonicalize, is_on_site

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from crawler.archive.exchange import Exchange
    from crawler.sites.profile import SiteProfile

ORIGIN_HEADER = "x-crawler-copied-from"
"""Head of a copied answer: which file, from which byte on."""
_HTML = ("text/html", "application/xhtml+xml")
_TWINS = ("www", "m", "mobile", "amp", "wap")


class Span(NamedTuple):
    """Days of capture, both included; None: open."""

    since: date | None
    until: date | None

    def fits(self, exchange: Exchange) -> bool:
        """Whether the capture is of these days, in UTC."""
        day = exchange.fetched_at.date()
        return (self.since is None or day >= self.since) and (self.until is None or day <= self.until)


class Sieve:
    """The hosts of some sites, asked about millions of addresses."""

    def __init__(self, profiles: Iterable[SiteProfile], span: Span) -> None:
        self._span = span
        self._by_host: dict[str, list[SiteProfile]] = {}
        for profile in profiles:
            for entry in profile.hosts:
                host = entry.lower().partition(":")[0]
                self._by_host.setdefault(_bare(host), []).append(profile)

    def site_of(self, url: str) -> SiteProfile | None:
        """The site on one of whose hosts, old ones and twins included, an address is."""
        try:
            host = urlsplit(url).hostname or ""
        except ValueError:
            return None
        return next((one for one in self._by_host.get(_bare(host), ()) if is_on_site(url, one)), None)

    def judge(self, exchange: Exchange, profile: SiteProfile) -> str:
        """Why an answer of the site is not taken; empty when it is."""
        if exchange.refers_to_url is not None:
            return "revisit"
        if not self._span.fits(exchange):
            return "other_time"
        if exchange.status != HTTPStatus.OK:
            return f"http_{exchange.status}"
        kind = (exchange.header("content-type") or _HTML[0]).partition(";")[0].strip().lower()
        if kind not in _HTML:
            return "not_html"
        url = canonicalize(exchange.url, profile)
        if urlsplit(url).path.lower() == "/robots.txt":
            return "robots"
        verdict = judge_url(url, profile)
        return "" if verdict.kind in {"article", "unknown"} else str(verdict.kind)


def marked(exchange: Exchange, place: str, offset: int) -> Exchange:
    """The answer as it is copied into our archive: it says where it was copied from."""
    return replace(exchange, headers=(*exchange.headers, (ORIGIN_HEADER, f"{place} {offset}")))


def _bare(host: str) -> str:
    """A host without its twin's prefix, as far as a first look needs; `is_on_site` decides."""
    first, _, rest = host.rstrip(".").partition(".")
    return rest if "." in rest and first.rstrip("0123456789") in _TWINS else host.rstrip(".")


def wanted_of(profile: SiteProfile, span: Span) -> str:
    """What is looked for, in words: another answer means that a file is to be read again."""
    return f"{' '.join(sorted(profile.hosts))} {span.since or ''}..{span.until or ''}"
