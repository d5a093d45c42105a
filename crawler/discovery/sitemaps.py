"""Sitemaps of every kind, read as a stream: urlset, index, news, plain text, and feeds used as one."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from crawler.discovery.candidates import Candidate
from crawler.discovery.feeds import announced_kind, clean_address, clean_title, feed_batches, xml_fields
from crawler.discovery.kinds import url_kind
from crawler.discovery.markup import chunks, elements, field_text, local_name, repaired_pieces, text_pieces
from crawler.discovery.times import read_time
from crawler.discovery.urls import canonicalize, split_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from lxml.etree import _Element

    from crawler.sites.profile import SiteProfile

MAX_SITEMAP_BYTES = 52_428_800
"""Most bytes of a sitemap that are read, after unpacking: the protocol's own limit (sitemaps.org, 50 MiB)."""
MAX_SITEMAP_URLS = 50_000
"""Most addresses read from one sitemap: the protocol's own limit."""
BATCH = 100


class Sitemap:
    """One sitemap file; parsing happens while `batches` is walked, a piece of the file at a time."""

    def __init__(self, body: bytes, url: str, profile: SiteProfile, max_urls: int = MAX_SITEMAP_URLS) -> None:
        self.url = url
        self.problem: str | None = None
        """After walking: `not_a_sitemap`, `too_many_urls`, `too_large`; None when all is well."""
        self.n_urls = 0
        """Addresses handed out so far."""
        self._body = body
        self._profile = profile
        self._max_urls = max_urls

    def batches(self, size: int = BATCH) -> Iterator[tuple[Candidate, ...]]:
        """Candidates in the file's order, up to `size` at once: some 15 ms of work for 100.

        Children of an index come as kind `sitemap`; how deep they are followed is the caller's business.
        Never raises for what the file holds; ProfileError when a form of the profile cannot be used.
        """
        candidates = self._candidates()
        while batch := tuple(islice(candidates, min(size, self._max_urls - self.n_urls))):
            self.n_urls += len(batch)
            yield batch
        if self.n_urls >= self._max_urls and next(candidates, None) is not None:
            self.problem = "too_many_urls"
        elif self.n_urls == 0:
            self.problem = "not_a_sitemap"
        elif sum(map(len, chunks(self._body, MAX_SITEMAP_BYTES + 1))) > MAX_SITEMAP_BYTES:
            self.problem = "too_large"

    def _candidates(self) -> Iterator[Candidate]:
        head = next(text_pieces(self._body, MAX_SITEMAP_BYTES), "")[:4096].lstrip("\ufeff \t\r\n")
        if not head.startswith("<"):
            yield from self._from_text()
        elif any(mark in head.lower() for mark in ("<rss", "<feed", "<rdf:rdf", "<channel")):
            for batch in feed_batches(self._body, self.url, self._profile, BATCH):
                yield from batch
        else:
            yield from self._from_xml()

    def _from_xml(self) -> Iterator[Candidate]:
        for element in elements(repaired_pieces(self._body, MAX_SITEMAP_BYTES), ("url", "sitemap")):
            fields = xml_fields(element)
            url = self._address(fields.get("loc", ""))
            if url is None:
                continue
            if local_name(element) == "sitemap":
                yield Candidate(url, "sitemap", "sitemap", self._time(fields.get("lastmod")))
            else:
                yield self._page(url, fields, next((x for x in element if local_name(x) == "news"), None))

    def _page(self, url: str, fields: dict[str, str], news: _Element | None) -> Candidate:
        if news is None:
            return Candidate(url, url_kind(url, self._profile), "sitemap", self._time(fields.get("lastmod")))
        about = {local_name(child): field_text(child) for child in news}
        published = self._time(about.get("publication_date")) or self._time(fields.get("lastmod"))
        title = clean_title(about.get("title", ""))
        return Candidate(url, announced_kind(url, self._profile), "news_sitemap", published, title)

    def _from_text(self) -> Iterator[Candidate]:
        held = ""
        for piece in text_pieces(self._body, MAX_SITEMAP_BYTES):
            *lines, held = (held + piece).replace("\r", "\n").split("\n")
            held = held[:10_000]
            yield from self._from_lines(lines)
        yield from self._from_lines([held])

    def _from_lines(self, lines: list[str]) -> Iterator[Candidate]:
        for line in lines:
            text = line.strip("\ufeff \t")
            url = self._address(text) if text.lower().startswith(("http://", "https://")) else None
            if url is not None:
                yield Candidate(url, url_kind(url, self._profile), "sitemap")

    def _address(self, text: str) -> str | None:
        try:
            address = clean_address(text)
            whole = address if address.startswith(("http://", "https://")) else urljoin(self.url, address)
            url = canonicalize(whole, self._profile) if text else ""
        except ValueError:
            return None
        return url if split_url(url) else None

    def _time(self, text: str | None) -> datetime | None:
        return read_time(text, self._profile.time_zone)


def read_sitemap(body: bytes, url: str, profile: SiteProfile, max_urls: int = MAX_SITEMAP_URLS) -> Sitemap:
    """Open a sitemap that came from `url`; nothing is parsed until its batches are walked."""
    return Sitemap(body, url, profile, max_urls)
