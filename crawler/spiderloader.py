"""One spider per profile, in seeds/ or an installed package, beside the spiders written in Python."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.spiderloader import SpiderLoader

from crawler.errors import ProfileError
from crawler.sites.profile import load_profile, site_folders
from crawler.spiders.article import ArticleSpider

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.settings import BaseSettings


GENERIC = frozenset({"article", "gathering", "replay", "site"})
"""Names of the spiders behind all sites."""


class ProfileSpiderLoader(SpiderLoader):
    """Finds profiles by their folders and reads one only when its spider is asked for."""

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self.seeds_dir = Path(settings["SEEDS_DIR"])
        self.folders = site_folders(self.seeds_dir)
        for site in self.folders:
            self._spiders.setdefault(site, ArticleSpider)

    def list(self) -> list[str]:
        """Keys of the sites; the spiders that serve any site are no sites."""
        return [name for name in self._spiders if name not in GENERIC]

    def load(self, spider_name: str) -> type[Spider]:
        """The spider class of a site.

        Raises ProfileError when there is no such site, or when its profile cannot be read.
        """
        if spider_name not in self._spiders:
            known = ", ".join(self.list()) or "none"
            raise ProfileError(f"no site {spider_name!r} in {self.seeds_dir}; known: {known}")
        spider = super().load(spider_name)
        if spider_name in GENERIC:
            return spider
        profile = load_profile(self.folders.get(spider_name, self.seeds_dir / spider_name))
        return type(f"{spider_name.title()}Spider", (spider,), {"name": spider_name, "profile": profile})
