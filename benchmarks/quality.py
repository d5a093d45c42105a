"""Which articles the quality rules drop, and which list pages they let through.

    python benchmarks/quality.py [FOLDER]

FOLDER holds saved pages: `<set>/gold.jsonl` with articles to keep, `vi/lists.jsonl` and `vi/lists/` with pages that
are none; default `../shared/pages`. Prints, for every rule, articles and list pages that fail it, and the extremes.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import trafilatura

from crawler.items import Article
from crawler.refinement.normalise import normalise
from crawler.refinement.quality import Verdict, verdicts
from crawler.sites.profile import SiteProfile

if TYPE_CHECKING:
    from collections.abc import Iterator

ARTICLES = ("vi", "vi_sites", "vi_families", "vi_fragments")
NO_LISTS = ("article-nogold", "forum-thread", "fragment")
PROFILE = SiteProfile(hosts=("example.vn",))


def article(name: str, title: str, text: str, link_share: float) -> Article:
    """An article with what the rules read; paragraphs of `text` are lines."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return normalise(
        Article(
            id=name, url="", canonical_url="", site="", title=title, text="\n\n".join(text.splitlines()),
            link_share=link_share, fetched_at=moment, run_id="", archive_file="", archive_offset=0, archive_length=0,
        )
    )  # fmt: skip


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a .jsonl file."""
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def articles(folder: Path) -> Iterator[tuple[str, Article]]:
    """Set and article, of pages that are articles with a text."""
    for name in ARTICLES:
        for row in rows(folder / name / "gold.jsonl"):
            if row.get("kind") != "photo":
                yield name, article(row["id"], row["title"] or "", row["text"], 0.0)


def list_pages(folder: Path) -> Iterator[tuple[str, Article]]:
    """Kind and what trafilatura takes for the article, of pages that are none."""
    for row in rows(folder / "vi" / "lists.jsonl"):
        source = gzip.decompress((folder / "vi" / "lists" / f"{row['id']}.html.gz").read_bytes())
        linked = trafilatura.bare_extraction(source, include_links=True)
        text = trafilatura.extract(source)
        if text:
            links = sum(len("".join(link.itertext())) for link in linked.body.iter("ref"))
            share = links / max(1, len("".join(linked.body.itertext())))
            yield row["type"], article(row["id"], row["title"] or "", text, share)


def main(folder: Path) -> None:
    """Print the tables."""
    failed: Counter[str] = Counter()
    kept: defaultdict[str, list[bool]] = defaultdict(list)
    extremes: dict[str, tuple[float, float]] = {}
    started = time.perf_counter()
    for name, item in articles(folder):
        said = verdicts(item, PROFILE)
        report(name, item, said, failed, kept)
        for verdict in said:
            low, high = extremes.get(verdict.rule, (verdict.value, verdict.value))
            extremes[verdict.rule] = min(low, verdict.value), max(high, verdict.value)
    seconds = time.perf_counter() - started
    caught: Counter[str] = Counter()
    for kind, item in list_pages(folder):
        report(f"no article: {kind}", item, verdicts(item, PROFILE), caught, kept)
    print("\n| set | pages | kept |\n|---|---|---|")
    for name, flags in kept.items():
        print(f"| {name} | {len(flags)} | {sum(flags)} |")
    print("\n| rule | articles that fail | lowest to highest in articles | other pages that fail |\n|---|---|---|---|")
    for rule, (low, high) in extremes.items():
        print(f"| {rule} | {failed[rule]} | {low:.3g} to {high:.3g} | {caught[rule]} |")
    n_articles = sum(len(kept[name]) for name in ARTICLES)
    print(f"\n{1000 * seconds / n_articles:.1f} ms per article, normalisation and language included")


def report(name: str, item: Article, said: list[Verdict], failed: Counter[str], kept: dict[str, list[bool]]) -> None:
    """Count what failed, and name what is on the wrong side."""
    wrong = [verdict for verdict in said if not verdict.is_passed]
    failed.update(verdict.rule for verdict in wrong)
    kept[name].append(not wrong)
    if bool(wrong) == (name in ARTICLES):
        why = ", ".join(f"{verdict.rule} {verdict.value:.3g}" for verdict in wrong) or "kept"
        print(f"{name} {item.id} ({len(item.text.split())} words) {item.title[:50]}: {why}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/pages"))
