"""Where an article comes from: what it has from its page, and which source each field was read from."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from crawler.items import FieldSource

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.items import Page


def article_id(canonical_url: str) -> str:
    """32 hex digits that name the article for ever."""
    return hashlib.blake2b(canonical_url.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def facts_of(page: Page) -> dict[str, Any]:
    """Fields of an Article that are its page's."""
    return {
        "id": article_id(page.url),
        "url": page.url,
        "canonical_url": page.url,
        "site": page.site,
        "fetched_at": page.fetched_at,
        "run_id": page.run_id,
        "archive_file": page.pointer.file,
        "archive_offset": page.pointer.offset,
        "archive_length": page.pointer.length,
        "robots": page.robots,
    }


def provenance(origins: Iterable[tuple[str, str | None]]) -> tuple[FieldSource, ...]:
    """One source per filled field, the last named winning."""
    return tuple(
        FieldSource(field, source) for field, source in {key: value for key, value in origins if value}.items()
    )
