"""Which members of the clusters a policy would keep instead, decided from the rows alone: no crawl, no archive.

A member takes the place of the kept article only if all others, the kept one included, repeat *it*: a policy never
loses a text that the thresholds call worth keeping, and parts of a series and notices never come together.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from crawler.corpus.decisions import REVISION, SAME_PAGE
from crawler.corpus.schema import Dataset
from crawler.dedup.clusters import Member, ranked
from crawler.dedup.relations import Version, is_repeat, relate
from crawler.dedup.sketches import Sketch, sketch

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from crawler.corpus.reader import CorpusReader
    from crawler.corpus.rows import Row
    from crawler.dedup.clusters import Policy, Sites
    from crawler.dedup.relations import Thresholds

_LIGHT = ("id", "url", "site", "fetched_at", "published_at", "source", "n_words", "archive_file", "archive_offset")
_HEAVY = ("id", "site", "title", "text", "content_hash", "archive_file", "archive_offset")


class Place(NamedTuple):
    """Which row: each stands for one record of the archive."""

    file: str
    offset: int


class Repeats(NamedTuple):
    """What a row becomes: a duplicate of another article."""

    id: str
    kept_id: str
    kept_url: str
    kept_site: str
    kept_published_at: datetime | None
    relation: str
    likeness: float

    def as_fields(self) -> dict[str, Any]:
        """The fields that DuplicateArticle has and Article has not."""
        fields = self._asdict()
        del fields["id"]
        return fields


@dataclass(slots=True)
class Changes:
    """What a policy changes."""

    kept: dict[Place, str] = field(default_factory=dict)
    """Duplicates that are kept from now on, by their ids."""
    repeats: dict[Place, Repeats] = field(default_factory=dict)
    """Articles that are duplicates from now on, and duplicates of another article than before."""
    gone: dict[Place, str | None] = field(default_factory=dict)
    """Rows that become rejects, forgotten on request; the id where the row was a kept article."""
    n_clusters: int = 0
    """Clusters looked at."""
    n_unfit: int = 0
    """Clusters whose preferred member cannot stand for all others; the next in order stays or comes."""


class _Row(NamedTuple):
    place: Place
    url: str
    member: Member


def plan(reader: CorpusReader, policy: Policy, sites: Sites, thresholds: Thresholds) -> Changes:
    """What `policy` would change. Raises CorpusError when a part cannot be read."""
    clusters = _clusters(reader)
    changes = Changes(n_clusters=len(clusters))
    unsettled = {
        kept_id: rows
        for kept_id, rows in clusters.items()
        if ranked([row.member for row in rows], policy, sites)[0].id != kept_id
    }
    versions = dict(_versions(reader, unsettled))
    for kept_id, rows in unsettled.items():
        order = ranked([row.member for row in _newest(rows, kept_id)], policy, sites)
        _settle(rows, [member.id for member in order], versions, thresholds, changes)
    return changes


def _clusters(reader: CorpusReader) -> dict[str, list[_Row]]:
    """All rows by the article they repeat, that article's row first; only where another page repeats it."""
    found: dict[str, list[_Row]] = defaultdict(list)
    for row in reader.rows(Dataset.DUPLICATES, (*_LIGHT, "kept_id")):
        found[row["kept_id"]].append(_row(row))
    clusters = {kept_id: rows for kept_id, rows in found.items() if any(row.member.id != kept_id for row in rows)}
    for row in reader.rows(Dataset.ARTICLES, _LIGHT, {"id": clusters}):
        clusters[row["id"]].insert(0, _row(row))
    return clusters


def _row(row: Row) -> _Row:
    member = Member(row["id"], row["site"], row["fetched_at"], row["published_at"], row["source"], row["n_words"] or 0)
    return _Row(Place(row["archive_file"], row["archive_offset"]), row["url"], member)


def _versions(reader: CorpusReader, kept_ids: Collection[str]) -> Iterator[tuple[Place, tuple[Version, bytes]]]:
    """What is compared of the clusters' rows, the words packed: about 1 KB a row."""
    for dataset, key in ((Dataset.ARTICLES, "id"), (Dataset.DUPLICATES, "kept_id")):
        for row in reader.rows(dataset, _HEAVY, {key: kept_ids}):
            if row["text"] is not None:
                version = Version(row["id"], row["site"], row["title"], row["content_hash"], Sketch(()))
                yield Place(row["archive_file"], row["archive_offset"]), (version, sketch(row["text"]).pack())


def _newest(rows: Sequence[_Row], kept_id: str) -> list[_Row]:
    """One row of each member: the kept one as it is, of the others the one fetched last."""
    newest: dict[str, _Row] = {}
    for row in sorted(rows[1:], key=lambda row: (row.member.fetched_at, row.place)):
        newest[row.member.id] = row
    return list((newest | {kept_id: rows[0]}).values())


def _settle(
    rows: Sequence[_Row],
    order: Sequence[str],
    packed: dict[Place, tuple[Version, bytes]],
    thresholds: Thresholds,
    changes: Changes,
) -> None:
    if any(row.place not in packed for row in rows):
        return
    versions = {row.place: _unpacked(*packed[row.place]) for row in rows}
    kept_id = rows[0].member.id
    newest = {row.member.id: row for row in _newest(rows, kept_id)}
    for attempt, article_id in enumerate(order):
        if article_id == kept_id:
            return
        verdicts = _verdicts(newest[article_id], rows, versions, thresholds)
        if verdicts is not None:
            changes.kept[newest[article_id].place] = article_id
            changes.repeats |= verdicts
            return
        changes.n_unfit += not attempt


def _unpacked(version: Version, words: bytes) -> Version:
    return Version(version.id, version.site, version.title, version.content_hash, Sketch.unpack(words))


def _verdicts(
    kept: _Row, rows: Sequence[_Row], versions: dict[Place, Version], thresholds: Thresholds
) -> dict[Place, Repeats] | None:
    """What all other rows become when `kept` is kept; None when one of them does not repeat it."""
    member = kept.member
    verdicts = {}
    for row in rows:
        if row.place == kept.place:
            continue
        likeness = relate(versions[row.place], versions[kept.place], thresholds)
        relation = str(likeness.relation)
        if row.member.id == member.id:
            is_same = versions[row.place].content_hash == versions[kept.place].content_hash
            relation = SAME_PAGE if is_same else REVISION
        elif not is_repeat(versions[row.place], versions[kept.place], likeness, thresholds):
            return None
        verdicts[row.place] = Repeats(
            row.member.id, member.id, kept.url, member.site, member.published_at, relation, likeness.figure
        )
    return verdicts


def rehomed(reader: CorpusReader, gone: Collection[str], but: Collection[Place], thresholds: Thresholds) -> Changes:
    """What becomes of the rows that repeat articles which are `gone`, all but those at `but`.

    The first fetched that repeats none of the others before it is kept. Raises CorpusError when a part cannot be read.
    """
    changes = Changes()
    orphans: dict[str, list[_Row]] = defaultdict(list)
    for row in reader.rows(Dataset.DUPLICATES, (*_LIGHT, "kept_id"), {"kept_id": gone}):
        if Place(row["archive_file"], row["archive_offset"]) not in but:
            orphans[row["kept_id"]].append(_row(row))
    packed = dict(_versions(reader, orphans))
    for rows in orphans.values():
        kept: list[_Row] = []
        for one in sorted(rows, key=lambda one: (one.member.fetched_at, one.place)):
            versions = {other.place: _unpacked(*packed[other.place]) for other in (one, *kept)}
            verdict = next((v for other in kept if (v := _verdicts(other, [one], versions, thresholds))), None)
            if verdict is None:
                kept.append(one)
                changes.kept[one.place] = one.member.id
            else:
                changes.repeats |= verdict
    return changes
