"""The seeds of a site on disk, and whether its profile still reads them: every seed is a regression test."""

from __future__ import annotations

import gzip
import re
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

import msgspec

from crawler import disk
from crawler.errors import LearningError
from crawler.extraction.article import extract
from crawler.items import Article, Page, Pointer
from crawler.learning.gold import GoldFields, load_gold
from crawler.learning.worth import word_f1
from crawler.refinement.normalise import normalise, normalise_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crawler.sites.profile import SiteProfile

MIN_TEXT_F1 = 0.99
"""Word F1 from which a seed's text counts as read."""

MAX_PAGE = 20_000_000
"""Bytes of a seed's page, decompressed."""

_NUMBER = re.compile(r"(\d{2,})\.json$")


@dataclass(frozen=True, slots=True)
class Seed:
    """`seeds/<site>/NN.*`: an example article and what is right on its page."""

    site: str
    number: str
    """Two digits or more, as in the file names."""
    gold: GoldFields
    text: str | None = None
    """The seed as it was given, if it was given as text."""
    page: bytes | None = None
    """Its page, when known."""

    @property
    def name(self) -> str:
        """`<site>/<number>`."""
        return f"{self.site}/{self.number}"


@dataclass(frozen=True, slots=True)
class FieldCheck:
    """One field of a seed: what its gold says and what its page gives now."""

    field: str
    wanted: str
    found: str
    is_right: bool


def load_seeds(folder: Path) -> list[Seed]:
    """Seeds below `folder` (`seeds/<site>`), by number.

    Raises LearningError naming the file that cannot be read.
    """
    numbers = sorted(match.group(1) for path in folder.glob("*.json") if (match := _NUMBER.search(path.name)))
    return [_load(folder, number) for number in numbers]


def _load(folder: Path, number: str) -> Seed:
    text, page = folder / f"{number}.txt", folder / f"{number}.html.gz"
    try:
        return Seed(
            site=folder.name,
            number=number,
            gold=load_gold(folder / f"{number}.json"),
            text=text.read_text("utf-8") if text.exists() else None,
            page=_unpack(page) if page.exists() else None,
        )
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise LearningError(f"{folder}/{number}.*: {error}") from None


def _unpack(path: Path) -> bytes:
    with gzip.open(path) as file:
        data = file.read(MAX_PAGE + 1)
    if len(data) > MAX_PAGE:
        raise LearningError(f"{path}: more than {MAX_PAGE:,} bytes")
    return data


def save_seed(folder: Path, seed: Seed) -> None:
    """Write a seed's files below `folder`; each is whole or not there, the gold comes last.

    Raises LearningError naming the file that cannot be written.
    """
    try:
        disk.make_folders(folder)
        if seed.text is not None:
            disk.replace(folder / f"{seed.number}.txt", seed.text.encode())
        if seed.page is not None:
            disk.replace(folder / f"{seed.number}.html.gz", gzip.compress(seed.page, mtime=0))
        gold = msgspec.json.format(msgspec.json.encode(seed.gold), indent=2)
        disk.replace(folder / f"{seed.number}.json", gold + b"\n")
    except OSError as error:
        raise LearningError(disk.describe(error)) from None


def next_number(folder: Path) -> str:
    """The first number no seed below `folder` has, two digits."""
    taken = {int(seed.number) for seed in load_seeds(folder)} if folder.is_dir() else set()
    return f"{max(taken, default=0) + 1:02d}"


def check_seed(seed: Seed, profile: SiteProfile) -> list[FieldCheck]:
    """What the seed's page gives under `profile`, by field, against its gold; empty when it has no page."""
    if seed.page is None:
        return []
    outcome = extract(_as_page(seed, seed.page), profile)
    if not isinstance(outcome, Article):
        return [FieldCheck("text", seed.gold.text, f"{outcome.reason}: {outcome.detail}", is_right=False)]
    return list(_compare(seed.gold, normalise(outcome)))


def _as_page(seed: Seed, body: bytes) -> Page:
    url = seed.gold.url or f"https://{seed.site}.invalid/{seed.number}"
    return Page(
        url=url,
        final_url=url,
        status=200,
        headers=(),
        body=body,
        fetched_at=datetime.now(UTC),
        site=seed.site,
        found_via="seed",
        pointer=Pointer("", 0, 0),
    )


def _compare(gold: GoldFields, article: Article) -> Iterator[FieldCheck]:
    for name in ("title", "kicker", "lede", "section", "source"):
        yield _same(name, getattr(gold, name), getattr(article, name))
    yield _same("author", gold.author, article.authors[0] if article.authors else None)
    zone = _zone(gold.published_at)
    yield _same("published_at", _instant(gold.published_at, zone), _instant(article.published_at, zone))
    yield _same("captions", "\n".join(gold.captions), "\n".join(article.captions))
    if gold.tags:
        yield _same("tags", ", ".join(gold.tags), ", ".join(article.tags))
    f1 = word_f1(normalise_text(gold.text), article.text)
    yield FieldCheck("text", gold.text, article.text, is_right=f1 >= MIN_TEXT_F1)
    leaked = [line for line in gold.boilerplate if line in article.text.split("\n")]
    yield FieldCheck("boilerplate", "", "\n".join(leaked), is_right=not leaked)


def _same(name: str, wanted: str | None, found: str | None) -> FieldCheck:
    return FieldCheck(name, wanted or "", found or "", is_right=_plain(wanted) == _plain(found))


def _plain(text: str | None) -> str:
    return " ".join(normalise_text(text or "").split())


def _zone(when: str | None) -> tzinfo:
    """The offset that a gold time states, else UTC."""
    try:
        return (datetime.fromisoformat(when).tzinfo if when else None) or UTC
    except ValueError:
        return UTC


def _instant(when: str | datetime | None, zone: tzinfo) -> str:
    """An instant in `zone`, to the second; a gold time that cannot be read stays as it is written."""
    if isinstance(when, datetime):
        return when.astimezone(zone).isoformat(timespec="seconds")
    try:
        return _instant(datetime.fromisoformat(when), zone) if when else ""
    except ValueError:
        return when or ""
