"""Make a seed of an article: its archived page, and what a person says is right on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.archive import read_exchange, to_page
from crawler.errors import LearningError
from crawler.extraction.document import parse
from crawler.inspection.zones import local
from crawler.learning.gold import GoldFields
from crawler.learning.seeds import Seed, check_seed, load_seeds, next_number, save_seed
from crawler.refinement.normalise import normalise_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crawler.items import Article
    from crawler.learning.seeds import FieldCheck
    from crawler.sites.profile import SiteProfile

LINES = ("title", "kicker", "lede", "author", "source", "section", "published_at")
"""Fields of one line that can be corrected."""
MAX_TEXT = 300_000
"""Characters; no article is longer."""


def proposed(article: Article, zone: str) -> dict[str, str]:
    """What the form begins with: the article as it was read, its time in `zone`."""
    paragraphs = article.text.split("\n\n")
    has_lede = bool(article.lede) and paragraphs[0] == article.lede
    return {
        "title": article.title,
        "kicker": article.kicker or "",
        "lede": article.lede or "" if has_lede else "",
        "author": article.authors[0] if article.authors else "",
        "source": article.source or "",
        "section": article.section or "",
        "published_at": local(article.published_at, zone).isoformat() if article.published_at else "",
        "captions": "\n".join(article.captions),
        "body": "\n\n".join(paragraphs[has_lede:]),
    }


def make_seed(output: Path, seeds_dir: Path, article: Article, form: Mapping[str, str]) -> Seed:
    """Write `seeds/<site>/NN.*` from an article's page and the corrected fields; a seed of its address is replaced.

    Raises LearningError when the fields cannot be used or a file cannot be written, ArchiveError when the page is gone.
    """
    gold = _gold(article, form)
    folder = seeds_dir / article.site
    page = to_page(read_exchange(output, article.pointer), article.pointer, site=article.site, found_via="seed")
    # a saved page has no header that names its encoding
    source = parse(page.body, page.final_url, page.header("content-type"))
    body = page.body if source.encoding == "utf-8" else _as_utf8(source.text)
    earlier = next((one for one in load_seeds(folder) if one.gold.url in {article.url, article.canonical_url}), None)
    number = earlier.number if earlier else next_number(folder)
    seed = Seed(article.site, number, gold, earlier.text if earlier else None, body)
    save_seed(folder, seed)
    return seed


def _as_utf8(text: str) -> bytes:
    return b"\xef\xbb\xbf" + text.encode("utf-8", "replace")


def _gold(article: Article, form: Mapping[str, str]) -> GoldFields:
    values = {name: " ".join(normalise_text(form.get(name, "")).split()) or None for name in LINES}
    body = _paragraphs(form.get("body", ""))
    if not values["title"] or not body:
        raise LearningError("a seed needs a title and at least one paragraph")
    if sum(map(len, body)) > MAX_TEXT:
        raise LearningError(f"a seed's text has at most {MAX_TEXT:,} characters")
    captions = _paragraphs(form.get("captions", ""))
    return GoldFields(
        url=article.canonical_url, title=values["title"], kicker=values["kicker"], lede=values["lede"],
        author=values["author"], source=values["source"], section=values["section"],
        published_at=values["published_at"], captions=captions, body=body,
    )  # fmt: skip


def _paragraphs(text: str) -> tuple[str, ...]:
    lines = (" ".join(line.split()) for line in normalise_text(text).splitlines())
    return tuple(line for line in lines if line)


def checked_seeds(folder: Path, profile: SiteProfile) -> list[tuple[Seed, list[FieldCheck]]]:
    """Each seed of a site with what its page yields under `profile`. Raises LearningError."""
    return [(seed, check_seed(seed, profile)) for seed in load_seeds(folder)]
