"""Article pages of the made-up newspaper as the stages take them, without a server; always the same bytes."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from newssite import NewsSite

from crawler.items import Page, Pointer
from crawler.sites.profile import SiteProfile, load_profile

HOST, KEY = "bao.example", "do_luong"
_WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def made_profile(site: NewsSite) -> SiteProfile:
    """Its profile, as `scrapy crawl` reads it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / KEY
        folder.mkdir()
        (folder / "profile.toml").write_text(site.profile(), encoding="utf-8")
        return load_profile(folder)


def page_of(url: str, body: bytes) -> Page:
    """A response that was good."""
    headers = (("content-type", "text/html; charset=utf-8"),)
    return Page(url, url, 200, headers, body, _WHEN, KEY, "sitemap", Pointer("archive/made.warc.gz", 0, len(body)), "r")


def made_pages(n: int) -> tuple[SiteProfile, list[Page]]:
    """The profile, and the pages of `n` articles."""
    site = NewsSite(n, HOST)
    bodies = site.pages
    return made_profile(site), [page_of(f"http://{HOST}{story.path}", bodies[story.path][1]) for story in site.stories]
