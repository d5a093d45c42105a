"""Read a seed that is nothing but text: title, kicker, date, lede, body, captions, author, source, section, junk."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.errors import LearningError
from crawler.extraction.credits import split_credits
from crawler.extraction.dates import Clock, read_moment
from crawler.learning import seed_lines as lines
from crawler.learning.gold import GoldFields

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

MAX_CHARS = 300_000
"""Characters of one seed: the same bound as for an article's text."""

MAX_LEDE_WORDS = 60
"""A Vietnamese sapo has 25 to 60 syllables; a longer first paragraph is the article's beginning."""


@dataclass(frozen=True, slots=True)
class ReadSeed:
    """Fields read out of a seed's text, and where a person should look again."""

    gold: GoldFields
    uncertain: tuple[str, ...]
    """One line each, beginning with the field's name."""


@dataclass(slots=True)
class _Head:
    """What stands above the first paragraph."""

    title: str | None = None
    kicker: str | None = None
    section: str | None = None
    published_at: str | None = None
    junk: list[str] = field(default_factory=list)
    uncertain: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Rest:
    """What stands below the headline."""

    paragraphs: list[str] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    author: str | None = None
    source: str | None = None
    host: str | None = None
    junk: list[str] = field(default_factory=list)
    uncertain: list[str] = field(default_factory=list)


def read_seed_text(text: str, *, fetched_at: datetime, seed: str | None = None) -> ReadSeed:
    """Read the fields out of a seed's `text`; `fetched_at` (aware) bounds dates, `seed` names it in messages.

    Raises LearningError for a text that is empty, too large, or holds no paragraph.
    """
    name = seed or "seed"
    if len(text) > MAX_CHARS:
        raise LearningError(f"{name}: {len(text):,} characters; one article has at most {MAX_CHARS:,}")
    rows = [row for row in map(str.strip, text.splitlines()) if row.strip("\ufeff\u200b\xa0 ")]
    if not rows:
        raise LearningError(f"{name}: the text is empty")
    first = next((index for index, row in enumerate(rows) if lines.is_prose(row)), None)
    if first is None:
        raise LearningError(f"{name}: no paragraph of {lines.MIN_PROSE_WORDS} words or more, so no article")
    head = _read_head(rows[:first], fetched_at)
    rest = _read_rest(rows[first:])
    lede, body = _split_lede(rest)
    gold = GoldFields(
        seed=seed,
        site=rest.host,
        kicker=head.kicker,
        title=head.title,
        lede=lede,
        published_at=head.published_at,
        section=head.section,
        author=rest.author,
        source=rest.source or rest.host,
        captions=tuple(rest.captions),
        body=tuple(body),
        boilerplate=(*head.junk, *rest.junk),
    )
    return ReadSeed(gold, (*head.uncertain, *rest.uncertain))


def _read_head(rows: Sequence[str], fetched_at: datetime) -> _Head:
    head = _Head()
    left: list[str] = []
    for row in rows:
        if lines.is_dateline(row):
            _read_dateline(head, row, fetched_at)
        elif lines.is_junk(row):
            head.junk.append(row)
        else:
            left.append(row)
    _read_title(head, left)
    if head.published_at is None:
        head.uncertain.append("published_at: the text states no date")
    return head


def _read_dateline(head: _Head, row: str, fetched_at: datetime) -> None:
    section, label, date = lines.split_dateline(row)
    moment = read_moment(f"{label} {date}", Clock(fetched_at))
    if moment is None:
        head.uncertain.append(f"published_at: {row!r} is no date that can be read")
        return
    clock = Clock(fetched_at)
    head.published_at = moment.at.astimezone(clock.tz).isoformat()
    head.section = section
    if label:
        head.junk.append(label)
    if not moment.has_time:
        head.uncertain.append("published_at: a day without a time")


def _read_title(head: _Head, left: list[str]) -> None:
    if not left:
        head.uncertain.append("title: nothing stands above the first paragraph")
        return
    title, tools = lines.split_tools(left[-1])
    head.title = title
    head.junk.extend(tools)
    above = left[:-1]
    if above and lines.is_kicker(above[-1]):
        head.kicker = above.pop()
        head.uncertain.append(f"kicker: {head.kicker!r} may be the title's first line or a slogan of the site")
    head.junk.extend(above)
    if above:
        head.uncertain.append(f"title: {len(above)} more lines stand above it")


def _read_rest(rows: Sequence[str]) -> _Rest:
    rest = _Rest()
    prose = [index for index, row in enumerate(rows) if lines.is_prose(row)]
    last = max((index for index in prose if lines.is_long_prose(rows[index])), default=prose[-1])
    tail = _read_tail(rest, rows[last + 1 :])
    _, signed = split_credits([rows[last], *tail])
    rest.author = signed.authors[0] if signed.authors else None
    rest.source = signed.source
    previous = ""
    for position, row in enumerate(rows[: last + 1]):
        if lines.is_junk(row):
            rest.junk.append(row)
        elif lines.is_caption(row, rows[position + 1 : position + 2], previous, is_second=position == 1):
            rest.captions += [] if row in rest.captions else [row]
        else:
            rest.paragraphs.append(row)
        previous = row
    rest.paragraphs += [row for row in tail if row not in signed.removed and lines.is_closing(row)]
    rest.junk += [row for row in tail if row not in signed.removed and not lines.is_closing(row)]
    if rest.captions:
        rest.uncertain.append(f"captions: {len(rest.captions)} told from headings by their form alone")
    if rest.author is None:
        rest.uncertain.append("author: no signature found")
    return rest


def _read_tail(rest: _Rest, rows: Sequence[str]) -> list[str]:
    """Rows after the last paragraph up to the last credit; what follows is the page's furniture."""
    end = _end_of_credits(rows)
    kept: list[str] = []
    for index, row in enumerate(rows):
        host = lines.read_host(row)
        if host:
            rest.host = host
        clean, tools = lines.split_tools(row)
        rest.junk += tools
        if host or index > end or lines.is_junk(clean):
            rest.junk.append(clean)
        elif clean:
            kept.append(clean)
    return kept


def _end_of_credits(rows: Sequence[str]) -> int:
    """Index of the last of the first run of credit lines; the last row's when none is a credit."""
    credited = [index for index, row in enumerate(rows) if lines.is_credit(row)]
    if not credited:
        return len(rows) - 1
    end = credited[0]
    while end + 1 in credited:
        end += 1
    return end


def _split_lede(rest: _Rest) -> tuple[str | None, list[str]]:
    """The first paragraph when it is as long as a sapo and shorter than the others; else none."""
    first, *others = rest.paragraphs
    lengths = [len(row.split()) for row in others if lines.is_prose(row)]
    n_words = len(first.split())
    if n_words <= MAX_LEDE_WORDS and lengths and n_words < statistics.mean(lengths):
        rest.uncertain.append("lede: the first paragraph is taken for it by its length")
        return first, others
    rest.uncertain.append("lede: the first paragraph is too long to be one")
    return None, rest.paragraphs
