"""Full text search without an index: finds a phrase with and without its marks, in either tone style and any case.

The text in the corpus stays as it is; the phrase becomes a pattern that all its spellings fit: each letter stands for
every letter that folds to it. The parts committed last are read first, and hits are given as they are found.
"""

from __future__ import annotations

import functools
import operator
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from crawler.errors import CorpusError, OptionError
from crawler.folding import fold, syllables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from crawler.corpus.reader import CorpusReader

MAX_WORDS = 30
"""Words of a phrase."""
AROUND = 70
"""Characters of context on each side of a hit."""
_LETTERS = "0-9A-Za-z\u00c0-\u024f\u0300-\u036f\u1e00-\u1eff"
"""Latin letters, their marks and digits: what a word of the phrase must not be the middle of."""
_LAST_LETTER = 0x1EFF
_SPACES = re.compile(r"\s+")
_COLUMNS = ("id", "site", "url", "title", "text", "published_at")


@dataclass(frozen=True, slots=True)
class Snippet:
    """A hit and what stands around it."""

    before: str
    hit: str
    after: str


@dataclass(frozen=True, slots=True)
class Found:
    """An article that has all phrases."""

    id: str
    site: str
    url: str
    title: str
    published_at: datetime | None
    snippets: tuple[Snippet, ...]
    """The first place of each phrase."""


def search(reader: CorpusReader, phrases: Sequence[str], site: str | None = None) -> Iterator[Found]:
    """Articles that have all `phrases` in title or text, those committed last first.

    Raises OptionError for a phrase without a letter or with too many words, CorpusError when a part cannot be read.
    """
    patterns = [pattern(phrase) for phrase in phrases]
    places = [re.compile(one) for one in patterns]
    wanted = functools.reduce(operator.and_, map(_stands_in, patterns))
    source = reader.dataset(site=site, is_newest_first=True)
    try:
        batches = source.to_batches(
            columns=list(_COLUMNS), filter=wanted, batch_size=2_048, batch_readahead=4, fragment_readahead=2
        )
        for batch in batches:
            yield from (_found(row, places) for row in batch.to_pylist())
    except (pa.ArrowException, OSError) as error:
        raise CorpusError(" ".join(str(error).split())[:300]) from error


def _stands_in(one: str) -> Any:
    return pc.match_substring_regex(ds.field("title"), one) | pc.match_substring_regex(ds.field("text"), one)


def pattern(phrase: str) -> str:
    """A regular expression, for RE2 and for `re`, that every spelling of `phrase` fits; the hit is its first group.

    Raises OptionError for a phrase without a letter or with too many words.
    """
    words = syllables(phrase)
    if not words or len(words) > MAX_WORDS:
        raise OptionError(f"--search {phrase[:80]!r}: 1 to {MAX_WORDS} words are needed")
    spelled = ("".join(_class(letter) for letter in word) for word in words)
    between = f"[^{_LETTERS}]{{1,12}}"
    return f"(?:^|[^{_LETTERS}])({between.join(spelled)})(?:[^{_LETTERS}]|$)"


def _class(letter: str) -> str:
    spellings = _spellings().get(letter, ())
    return f"[{''.join(spellings)}]" if spellings else re.escape(letter)


@functools.cache
def _spellings() -> dict[str, list[str]]:
    """Letter without marks to all letters that fold to it."""
    found: dict[str, list[str]] = defaultdict(list)
    for code in range(ord("0"), _LAST_LETTER + 1):
        folded = fold(chr(code))
        if len(folded) == 1:
            found[folded].append(chr(code))
    return found


def _found(row: dict[str, Any], places: Sequence[re.Pattern[str]]) -> Found:
    snippets = tuple(found for place in places if (found := snippet(row, place)) is not None)
    return Found(row["id"], row["site"], row["url"], row["title"], row["published_at"], snippets)


def snippet(row: dict[str, Any], place: re.Pattern[str]) -> Snippet | None:
    """The first place of a `pattern` in text or title of a row, and what stands around it."""
    text = next((row[name] for name in ("text", "title") if place.search(row[name])), None)
    if text is None:
        return None
    match = place.search(text)
    begin, end = match.span(1) if match else (0, 0)
    before, after = text[max(0, begin - AROUND) : begin], text[end : end + AROUND]
    before = before.partition(" ")[2] if begin > AROUND else before
    after = after.rpartition(" ")[0] if end + AROUND < len(text) else after
    return Snippet(*(_SPACES.sub(" ", piece) for piece in (before, text[begin:end], after)))
