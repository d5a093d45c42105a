"""One article, whole: every field with the place it was read at, then the text."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crawler.inspection.lookup import printable
from crawler.inspection.zones import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.items import Article

FACTS = (
    "url", "canonical_url", "kicker", "published_at", "modified_at", "authors", "source", "section", "tags", "captions",
    "language", "licence", "robots", "opt_outs", "extraction", "changes", "nearest_seed", "n_words", "n_paragraphs",
    "fetched_at", "run_id", "archive_file", "profile_version", "extractor_version", "id",
)  # fmt: skip
RULE = "─" * 100


def page(article: Article, zone: str) -> Iterator[str]:
    """Lines to print; what came from the web has no control character in them, times are those of `zone`."""
    sources = {one.field: one.source for one in article.provenance}
    yield from ("", RULE, printable(article.title), _source(sources, "title"), "")
    for name in FACTS:
        value = _value(article, name, zone)
        if value and (name != "canonical_url" or article.canonical_url != article.url):
            yield f"  {name:<18}{printable(value)}{_source(sources, name)}"
    yield from ("", printable(article.text), _source(sources, "text"))


def _value(article: Article, name: str, zone: str) -> str:
    value = getattr(article, name)
    if not value:
        return ""
    text = (" | " if name == "captions" else ", ").join(value) if isinstance(value, tuple) else str(value)
    more = {
        "published_at": f", read from {article.published_raw!r}",
        "modified_at": f", read from {article.modified_raw!r}",
        "archive_file": f" at byte {article.archive_offset}, {article.archive_length} bytes",
        "language": f" ({article.language_score})",
        "nearest_seed": f", similarity {article.nearest_seed_similarity}",
    }.get(name, "")
    return (shown(value, zone) if isinstance(value, datetime) else text) + more


def _source(sources: dict[str, str], name: str) -> str:
    """In brackets, where the field was read; a time is read from its raw string."""
    found = sources.get(name) or sources.get(name.removesuffix("_at"))
    return f"  [{printable(found)}]" if found else ""


def plain_article(article: Article) -> dict[str, Any]:
    """For JSON."""
    return asdict(article) | {"signature": article.signature.hex()}
