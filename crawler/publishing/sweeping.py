"""Objects that no commit names: of uploads that were never committed, and those that later commits took out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crawler.corpus.schema import Dataset
from crawler.publishing.commits import READERS_GRACE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crawler.publishing.commits import Published
    from crawler.storage.objects import Objects


def orphans(objects: Objects, published: Published, sites: Iterable[str]) -> Iterator[str]:
    """Keys below the folders of `sites` that the corpus of this moment does not name."""
    named = published.keys()
    for site in sites:
        for folder in (*(f"{dataset.value}/site={site}" for dataset in Dataset), f"archive/{site}"):
            yield from (found.key for found in objects.list(folder) if found.key not in named)


def sweep(objects: Objects, published: Published, sites: Iterable[str], *, is_at_once: bool = False) -> int:
    """Delete the orphans of sites that the caller holds: nobody else uploads to them. Returns how many.

    What a commit took out stays for READERS_GRACE, unless `is_at_once`.
    """
    now = datetime.now(UTC)
    kept = {key for key, at in published.gone.items() if now - at < READERS_GRACE and not is_at_once}
    found = [key for key in orphans(objects, published, sites) if key not in kept]
    objects.delete(found)
    return len(found)
