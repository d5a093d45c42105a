"""WARC files in the place of the network: `-a archive=FILE`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.archive import ArchiveIndex
from crawler.discovery.kinds import judge_url
from crawler.discovery.reservations import TDM_PATH
from crawler.discovery.urls import canonicalize, is_on_site
from crawler.errors import ArchiveError, OptionError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crawler.archive import Exchange
    from crawler.sites.profile import SiteProfile


class OfflineSource:
    """What one site answered, as its archive has it."""

    def __init__(self, files: Sequence[Path], profile: SiteProfile) -> None:
        """Raises OptionError when a file cannot be read, is no WARC file, or none holds a page of the site."""
        try:
            self._index = ArchiveIndex(files)
        except ArchiveError as error:
            raise OptionError(f"-a archive={','.join(map(str, files))}: {error}") from None
        self.problems = self._index.problems
        own = [url for url in self._index.urls() if is_on_site(url, profile)]
        if not own:
            names, hosts = ", ".join(map(str, files)), ", ".join(profile.hosts)
            raise OptionError(f"{names}: holds no page of {hosts}; hosts in it: {', '.join(self._index.hosts()[:8])}")
        self._spellings = {canonicalize(url, profile): url for url in reversed(own)}

    def get(self, url: str) -> Exchange | None:
        """The newest answer of an address, under its canonical spelling or the one it was archived under."""
        return self._index.get(url) or self._index.get(self._spellings.get(url, url))


def archived_kind(profile: SiteProfile, url: str) -> str:
    """What an archived address was asked for as, when nothing but the archive is left."""
    sources = profile.sources
    known = {
        profile.home_url: "home",
        **dict.fromkeys(sources.feeds, "feed"),
        **dict.fromkeys(sources.sitemaps, "sitemap"),
    }
    named = {canonicalize(address, profile): kind for address, kind in known.items()}
    path = urlsplit(url).path.lower()
    if url in named:
        return named[url]
    if path in {"/robots.txt", TDM_PATH}:
        return "robots"
    if "sitemap" in path and path.endswith((".xml", ".xml.gz")):
        return "sitemap"
    kind = judge_url(url, profile).kind
    return "article" if kind == "article" or (kind == "unknown" and not sources.article_url) else "listing"
