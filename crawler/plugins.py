"""What other installed packages bring, found by their entry points.

`news_corpus.sites` names a package whose folder holds `<site>/profile.toml`, `news_corpus.addons` a Scrapy add-on:
it may add stages, spiders and settings. Commands need nothing of this: Scrapy itself reads `scrapy.commands`.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

SITES, ADDONS = "news_corpus.sites", "news_corpus.addons"
ORDER = 500
"""Scrapy's middle: add-ons of one order are applied in alphabetical order of their names."""


def installed_addons() -> dict[str, int]:
    """Import path of each add-on and its order, for the setting ADDONS; nothing is imported."""
    found = sorted(entry_points(group=ADDONS), key=lambda point: point.name)
    return {point.value.replace(":", "."): ORDER for point in found}


@cache
def installed_sites() -> tuple[Path, ...]:
    """Folders of packages that bring sites, in alphabetical order of their names."""
    found = sorted(entry_points(group=SITES), key=lambda point: point.name)
    specs = [importlib.util.find_spec(point.value) for point in found]
    return tuple(Path(place) for spec in specs if spec for place in spec.submodule_search_locations or ())
