"""Clusters of articles that repeat each other, for people: side by side, and who reprints whom."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import TYPE_CHECKING, NamedTuple

from crawler.corpus.rows import article_of
from crawler.corpus.schema import SCHEMAS, Dataset
from crawler.dedup.overlaps import is_covered
from crawler.dedup.sketches import sketch
from crawler.dedup.winnowing import SHINGLE_SIZE

if TYPE_CHECKING:
    from crawler.corpus.reader import CorpusReader
    from crawler.items import Article


@dataclass(frozen=True, slots=True)
class Repeat:
    """A row of `duplicates/` in a cluster."""

    article: Article
    relation: str
    likeness: float | None


@dataclass(frozen=True, slots=True)
class Cluster:
    """The kept article and what repeats it, by time of fetching."""

    kept: Article
    repeats: list[Repeat]


class Word(NamedTuple):
    """A word of a text as it stands there."""

    text: str
    is_shared: bool
    """Whether it stands in a passage that the other text has too."""


Marked = list[list[Word]]
"""Paragraphs of words."""


class Reprints(NamedTuple):
    """How often one site repeats another."""

    site: str
    kept_site: str
    """The site whose articles are kept; the same one for second addresses and revisions."""
    n: int
    relations: dict[str, int]


def find_cluster(reader: CorpusReader, article_id: str) -> Cluster | None:
    """The cluster of a kept article or of a duplicate; None for an id that is neither.

    Raises CorpusError when a part cannot be read.
    """
    kept = reader.article(article_id)
    if kept is None:
        rows = list(reader.rows(Dataset.DUPLICATES, ["kept_id"], {"id": [article_id]}))
        kept = reader.article(rows[0]["kept_id"]) if rows else None
    if kept is None:
        return None
    found = reader.rows(Dataset.DUPLICATES, SCHEMAS[Dataset.DUPLICATES].names, {"kept_id": [kept.id]})
    repeats = [Repeat(article_of(row), row["relation"], row["likeness"]) for row in found]
    return Cluster(kept, sorted(repeats, key=lambda one: (one.article.fetched_at, one.article.id)))


def mark(text: str, other: str) -> Marked:
    """The words of `text`, those marked that stand in no passage of SHINGLE_SIZE syllables that `other` has too."""
    is_shared = iter(is_covered(sketch(text), sketch(other), SHINGLE_SIZE).tolist())
    return [
        [Word(word, all(list(islice(is_shared, len(sketch(word).words))))) for word in paragraph.split()]
        for paragraph in text.split("\n\n")
    ]


def side_by_side(one: str, other: str) -> list[tuple[list[Word], list[Word]]]:
    """Paragraphs of both texts in rows: the same paragraph, or the one that took its place, in one row."""
    left, right = mark(one, other), mark(other, one)
    places: dict[str, deque[int]] = defaultdict(deque)
    for index, paragraph in enumerate(right):
        places[_key(paragraph)].append(index)
    rows: list[tuple[list[Word], list[Word]]] = []
    done = 0
    waiting: list[list[Word]] = []
    for paragraph in left:
        waiting.append(paragraph)
        same = places[_key(paragraph)]
        while same and same[0] < done:
            same.popleft()
        if same:
            place = same.popleft()
            rows += zip_longest(waiting[:-1], right[done:place], fillvalue=[])
            rows.append((paragraph, right[place]))
            done, waiting = place + 1, []
    rows += zip_longest(waiting, right[done:], fillvalue=[])
    return rows


def _key(paragraph: list[Word]) -> str:
    return " ".join(sketch(" ".join(word.text for word in paragraph)).folded)


def who_reprints_whom(reader: CorpusReader) -> list[Reprints]:
    """Counts by pair of sites, the most frequent first.

    Raises CorpusError when a part cannot be read.
    """
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in reader.rows(Dataset.DUPLICATES, ["site", "kept_site", "relation"]):
        counts[row["site"], row["kept_site"]][row["relation"]] += 1
    found = [Reprints(*sites, n.total(), dict(n.most_common())) for sites, n in counts.items()]
    return sorted(found, key=lambda one: (-one.n, one.site, one.kept_site))
