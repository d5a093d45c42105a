"""One spider per profile, in seeds/ or an installed package, beside the spiders written in Python."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from scrapy.settings import BaseSettings
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.misc import load_object

from crawler.errors import ProfileError
from crawler.sites.folders import site_folders

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scrapy import Spider

OWN_MODULES = "crawler.spiders"
GENERIC = {
    "article": "unprepared.UnpreparedSpider",
    "gathering": "gathering.GatheringSpider",
    "replay": "replay.ReplaySpider",
    "site": "article.ArticleSpider",
}
"""Names of the spiders behind all sites, and where they are: importing them takes as long as Scrapy's own start."""
_WITHOUT_SITE = frozenset({*(path.partition(".")[0] for path in GENERIC.values()), "manners"})


class ProfileSpiderLoader(SpiderLoader):
    """Finds profiles by their folders, and imports a spider or reads a profile only when it is asked for."""

    def __init__(self, settings: BaseSettings) -> None:
        modules = {"SPIDER_MODULES": list(_site_modules(settings.getlist("SPIDER_MODULES")))}
        super().__init__(BaseSettings(modules | {"SPIDER_LOADER_WARN_ONLY": settings["SPIDER_LOADER_WARN_ONLY"]}))
        self.seeds_dir = Path(settings["SEEDS_DIR"])
        self.folders = site_folders(self.seeds_dir)

    def list(self) -> list[str]:
        """Keys of the sites; the spiders that serve any site are no sites."""
        return [name for name in {**self._spiders, **self.folders} if name not in GENERIC]

    def load(self, spider_name: str) -> type[Spider]:
        """The spider class of a site.

        Raises ProfileError when there is no such site, or when its profile cannot be read.
        """
        if spider_name in GENERIC:
            return _generic(spider_name)
        if spider_name not in self._spiders and spider_name not in self.folders:
            known = ", ".join(self.list()) or "none"
            raise ProfileError(f"no site {spider_name!r} in {self.seeds_dir}; known: {known}")
        from crawler.sites.profile import load_profile

        spider = self._spiders.get(spider_name) or _generic("site")
        profile = load_profile(self.folders.get(spider_name, self.seeds_dir / spider_name))
        return type(f"{spider_name.title()}Spider", (spider,), {"name": spider_name, "profile": profile})


def _generic(name: str) -> type[Spider]:
    spider: type[Spider] = load_object(f"{OWN_MODULES}.{GENERIC[name]}")
    return spider


def _site_modules(names: Iterable[str]) -> Iterator[str]:
    """Modules with spiders of single sites: all but our own that serve any site."""
    for name in names:
        spec = find_spec(name) if name == OWN_MODULES else None
        if spec is None:
            yield name
        else:
            found = iter_modules(spec.submodule_search_locations)
            yield from (f"{name}.{module.name}" for module in found if module.name not in _WITHOUT_SITE)
