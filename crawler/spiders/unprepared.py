"""UnpreparedSpider: `scrapy crawl article -a url=https://paper.example/`, a site that has no profile yet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from scrapy.exceptions import UsageError

from crawler.sites.catalogue import CATALOGUE_FILE, find_paper
from crawler.sites.folders import PROFILE_FILE
from crawler.sites.profile import SiteProfile, load_profile
from crawler.sites.unprepared import profile_for_url
from crawler.spiders.article import ArticleSpider

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

PROFILES_FOLDER = "profiles"
"""Below the output folder: what crawls of unprepared sites learned, used again by the next crawl."""


class UnpreparedSpider(ArticleSpider):
    """Finds its way by the generic rules, learns a template from the first pages, and goes on with it.

    Arguments beside those of ArticleSpider: `url`, any address of the site; `keep=true` also writes the learned
    profile to `seeds/<key>/`, so that the site is one of those that `scrapy list` shows. What the catalogue in
    `seeds/` says of the host is where it begins.
    """

    name = "article"

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, url: str = "", keep: str = "", **kwargs: Any) -> Self:
        """Raises UsageError without `url`, ProfileError for one that is no web address."""
        if not url:
            raise UsageError("which site? scrapy crawl article -a url=https://paper.example/", print_help=False)
        output, seeds = Path(crawler.settings["OUTPUT_DIR"]), Path(crawler.settings["SEEDS_DIR"])
        fresh = profile_for_url(url)
        if paper := find_paper(seeds / CATALOGUE_FILE, fresh.hosts[0]):
            fresh = paper.profile()
        folder = output / PROFILES_FOLDER / fresh.key
        cls.profile = known_profile((seeds / fresh.key, folder)) or fresh
        spider = super().from_crawler(crawler, *args, **kwargs)
        if cls.profile is fresh:
            spider.learn_into = [folder, seeds / fresh.key] if keep.lower() in {"1", "true", "yes"} else [folder]
        return spider


def known_profile(folders: tuple[Path, ...]) -> SiteProfile | None:
    """The profile in the first of `folders` that has one, or None."""
    found = next((folder for folder in folders if (folder / PROFILE_FILE).is_file()), None)
    return load_profile(found) if found else None
