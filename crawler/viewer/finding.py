"""Ask the search index: phrases in any spelling, narrowed by site, section, source, language, kind and time."""

from __future__ import annotations

import re
import sqlite3
import threading
import time
import zlib
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as clock
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from crawler.errors import CorpusError, OptionError
from crawler.folding import fold
from crawler.inspection.search import MAX_WORDS
from crawler.state.instants import opt_moment
from crawler.viewer.index_file import open_index
from crawler.viewer.indexing import FACETS, JOINT, SHIFT, UNDATED, facet_word, word_pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

T = TypeVar("T")
QUERY_SECONDS = 10.0
"""After which a query is ended."""
LOOK_SECONDS, MIN_LOOKED = 0.15, 200
"""For how long, and at least how many, texts are read for one page; the next page goes on."""
PAIR = 2
"""Words side by side that the index has as one."""
_STEPS = 10_000
"""Steps of SQLite's machine between two looks at the clock."""
_PHRASE = re.compile(r'"([^"]*)"|“([^”]*)”|([^,"“”]+)')
_SHOWN = "a.n, a.id, a.site, a.url, a.title, a.published_at, a.section, a.source, a.language, a.extraction"
_LAST = (1 << 62) - 1


@dataclass(frozen=True)
class Wanted:
    """What is looked for. Phrases stand in title or text; all must."""

    phrases: tuple[str, ...] = ()
    facets: dict[str, str] = field(default_factory=dict)
    """Column of FACETS to its value."""
    since: date | None = None
    until: date | None = None
    """First and last day of publication, in the readers' time zone."""
    is_loose: bool = False
    """Look for the words of a phrase anywhere in the article."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that was found."""

    n: int
    id: str
    site: str
    url: str
    title: str
    published_at: datetime | None
    section: str | None
    source: str | None
    language: str | None
    extraction: str
    text: str


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found."""

    hits: list[Hit]
    looked_until: int | None = None
    """Number of the last article that was looked at, where time ended the look before the last one that may fit."""


def _hit(row: tuple[Any, ...]) -> Hit:
    *known, published_at, section, source, language, extraction, packed = row
    n, article_id, site, url, title = known
    text = zlib.decompress(packed).decode()
    return Hit(n, article_id, site, url, title, opt_moment(published_at), section, source, language, extraction, text)


def _has_phrases(phrases: Sequence[str], title: str, packed: bytes) -> bool:
    """The pairs of a phrase stand in the article; whether one behind the other, its text tells."""
    folded = f" {fold(title)} {JOINT} {fold(zlib.decompress(packed).decode())} "
    return all(f" {phrase} " in folded for phrase in phrases)


def _with_phrases(phrases: Sequence[str], limit: int, rows: Iterable[Any]) -> tuple[list[Any], int | None]:
    """The first `limit` rows whose texts have the phrases; the number of the last one where time was over before."""
    deadline, found = time.monotonic() + LOOK_SECONDS, []
    for n_looked, (n, title, packed, *row) in enumerate(rows, start=1):
        if _has_phrases(phrases, title, packed):
            found.append(tuple(row))
        if len(found) == limit:
            break
        if n_looked >= MIN_LOOKED and time.monotonic() > deadline:
            return found, n
    return found, None


def phrases_of(typed: str) -> tuple[str, ...]:
    """Phrases of what was typed: one, or several between commas or quotation marks.

    Raises OptionError for more words than a search takes.
    """
    found = [" ".join(fold("".join(groups)).split()) for groups in _PHRASE.findall(typed)]
    found = [phrase for phrase in found if phrase]
    if sum(len(phrase.split()) for phrase in found) > MAX_WORDS:
        raise OptionError(f"at most {MAX_WORDS} words are looked for")
    return tuple(found)


class Finder:
    """Reads the index of an output folder; one question at a time."""

    def __init__(self, output: Path, zone: str) -> None:
        """Raises CorpusError when there is no index."""
        self._connection = open_index(output, is_read_only=True)
        self._zone = ZoneInfo(zone)
        self._lock = threading.Lock()

    def find(self, wanted: Wanted, limit: int, *, older_than: int | None = None) -> Hits:
        """The newest articles that fit, with their texts; `older_than`: number of the last one seen."""
        rows, looked_until = self._ask(wanted, f"{_SHOWN}, a.packed", "DESC", limit, high=older_than)
        return Hits([_hit(row) for row in rows], looked_until)

    def count(self, wanted: Wanted, most: int) -> tuple[int, bool]:
        """How many fit, counted up to `most` or as far as texts can be read in time, and whether those are all."""
        rows, looked_until = self._ask(wanted, "a.n", "DESC", most + 1)
        return min(len(rows), most), looked_until is None and len(rows) <= most

    def neighbours(self, wanted: Wanted, article_id: str) -> tuple[str | None, str | None]:
        """Ids of the next newer and the next older article that fit."""
        rows = self._rows("SELECT n FROM articles WHERE id = ?", (article_id,))
        if not rows:
            return None, None
        newer, _ = self._ask(wanted, "a.id", "ASC", 1, low=rows[0][0])
        older, _ = self._ask(wanted, "a.id", "DESC", 1, high=rows[0][0])
        return (newer[0][0] if newer else None), (older[0][0] if older else None)

    def facets(self, limit: int = 300) -> dict[str, list[tuple[str, int]]]:
        """Values of each column of FACETS with their number of articles, the most frequent first."""
        query = "SELECT value, n FROM facets WHERE name = ? AND n > 0 ORDER BY n DESC, value LIMIT ?"
        return {name: [tuple(row) for row in self._rows(query, (name, limit))] for name in FACETS}

    def n_articles(self) -> int:
        """How many are indexed."""
        return int(self._rows("SELECT coalesce(sum(n), 0) FROM facets WHERE name = 'site'", ())[0][0])

    def _ask(
        self, wanted: Wanted, columns: str, order: str, limit: int, *, low: int | None = None, high: int | None = None
    ) -> tuple[list[Any], int | None]:
        begin, end = self._span(wanted)
        begin = begin if low is None else max(begin, low + 1)
        end = end if high is None else min(end, high - 1)
        match = self._match(wanted)
        if match is None:
            return [], None
        source = "words CROSS JOIN articles AS a ON a.n = words.rowid" if match else "articles AS a"
        key = "words.rowid" if match else "a.n"
        long = [] if wanted.is_loose else [phrase for phrase in wanted.phrases if len(phrase.split()) > PAIR]
        where = f"{'words MATCH :match AND ' if match else ''}{key} BETWEEN :begin AND :end"
        columns = f"a.n, a.title, a.packed, {columns}" if long else columns
        query = f"SELECT {columns} FROM {source} WHERE {where} ORDER BY {key} {order} LIMIT :limit"  # noqa: S608 - constants
        values = {"match": match, "begin": begin, "end": end, "limit": -1 if long else limit}
        if long:
            return self._ask_index(query, values, partial(_with_phrases, long, limit))
        return self._rows(query, values), None

    def _span(self, wanted: Wanted) -> tuple[int, int]:
        if wanted.since is None and wanted.until is None:
            return -_LAST, _LAST
        begin = self._midnight(wanted.since) << SHIFT if wanted.since else UNDATED >> 1
        end = (self._midnight(wanted.until + timedelta(days=1)) << SHIFT) - 1 if wanted.until else _LAST
        return begin, end

    def _midnight(self, day: date) -> int:
        return int(datetime.combine(day, clock(), self._zone).timestamp())

    def _match(self, wanted: Wanted) -> str | None:
        """For MATCH; empty: everything fits, None: nothing can. Phrases are folded: letters, digits and spaces."""
        terms = []
        for phrase in wanted.phrases:
            words = phrase.split()
            terms += words if wanted.is_loose or len(words) < PAIR else word_pairs(words)
        for name, value in wanted.facets.items():
            rows = self._rows("SELECT number FROM facets WHERE name = ? AND value = ?", (name, value))
            if not rows:
                return None
            terms.append(facet_word(rows[0][0]))
        return " AND ".join(f'"{term}"' for term in terms)

    def _rows(self, query: str, values: Any) -> list[Any]:
        return self._ask_index(query, values, list)

    def _ask_index(self, query: str, values: Any, take: Callable[[Iterable[Any]], T]) -> T:
        with self._lock:
            deadline = time.monotonic() + QUERY_SECONDS
            self._connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
            try:
                return take(self._connection.execute(query, values))
            except sqlite3.OperationalError as error:
                if "interrupted" in str(error):
                    raise OptionError(f"the search took more than {QUERY_SECONDS:g} s; narrow it") from None
                raise CorpusError(f"search index: {error}") from None
            finally:
                self._connection.set_progress_handler(None, 0)

    def close(self) -> None:
        """Close the index."""
        with self._lock:
            self._connection.close()
