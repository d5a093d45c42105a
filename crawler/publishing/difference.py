"""What a working folder committed and the published corpus has not: one moment of its state, file by file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crawler.corpus.parts import Part
from crawler.errors import CorpusError
from crawler.publishing.commits import Segment, part_key, segment_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from crawler.publishing.commits import Published
    from crawler.state.store import Store

MAX_SEGMENT_BYTES = 64 << 20
"""Bytes of an archive file in one object, and in memory, a record more at most."""

# one statement is one moment, whatever other connections commit meanwhile
_MOMENT = """
SELECT 'part', rowid, path, dataset, site, rows, bytes, sha256, schema_version, run_id FROM parts WHERE site = :site
UNION ALL SELECT 'end', end, file, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM archive_ends WHERE site = :site
UNION ALL SELECT 'open', (SELECT coalesce(sum(n), 0) FROM url_counts WHERE site = :site
    AND state IN ('pending', 'leased'))
  + (SELECT count(*) FROM records WHERE site = :site AND outcome IS NULL), NULL,
  NULL, NULL, NULL, NULL, NULL, NULL, NULL
ORDER BY 1, 2
"""
_BOUNDARY = "SELECT max(offset + length) FROM records WHERE file = ? AND offset >= ? AND offset + length <= ?"


@dataclass(slots=True)
class Difference:
    """What a commit of some sites would bring."""

    added: list[Part] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    archive: dict[str, tuple[Segment, ...]] = field(default_factory=dict)
    runs: list[str] = field(default_factory=list)
    open: dict[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.archive or self.runs)


def difference(
    store: Store, published: Published, sites: Sequence[str], upload: Callable[[str, bytes], None], *, is_doubtful: bool
) -> Difference:
    """Compare, and give what is new to `upload` (key, data).

    `is_doubtful`: compare also the published bytes of the archive. Raises CorpusError when a committed file cannot be
    read, FileNotFoundError when one was replaced since: then compare again.
    """
    found = Difference()
    for site in sites:
        own, ends, found.open[site] = _moment(store, site)
        theirs = published.site_parts(site)
        found.removed += sorted(theirs.keys() - own.keys())
        for path, part in own.items():
            if path not in theirs or theirs[path].sha256 != part.sha256:
                upload(part_key(part), _bytes_of(store.output / path, part))
                found.added.append(part)
        for file, end in sorted(ends.items()):
            segments = _segments(store, published, file, end, upload, is_doubtful=is_doubtful)
            if segments:
                found.archive[file] = segments
    return found


def _moment(store: Store, site: str) -> tuple[dict[str, Part], dict[str, int], int]:
    own: dict[str, Part] = {}
    ends: dict[str, int] = {}
    n_open = 0
    for kind, number, *values in store.rows(_MOMENT, {"site": site}):
        if kind == "part":
            own[values[0]] = Part(*values)
        elif kind == "end":
            ends[values[0]] = number
        else:
            n_open = number
    return own, ends, n_open


def _bytes_of(path: Path, part: Part) -> bytes:
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != part.sha256:
        raise CorpusError(f"{path}: is not what was committed; `scrapy replay {part.site}` makes the rows anew")
    return data


def _segments(
    store: Store,
    published: Published,
    file: str,
    end: int,
    upload: Callable[[str, bytes], None],
    *,
    is_doubtful: bool,
) -> tuple[Segment, ...]:
    """New segments up to `end`; with `is_doubtful` all from the first one on that is not what it was."""
    known = published.archive.get(file, ())
    path = store.output / file
    changed: list[Segment] = []
    if is_doubtful and path.is_file():
        changed = _changed(path, file, known, upload)
    start = known[-1].end if known else 0
    if end > start and not path.is_file():
        raise CorpusError(f"{path}: gone before it was published; its pages since byte {start} are lost")
    fresh = [_upload(path, file, *span, upload) for span in _spans(store, file, start, end)]
    return tuple(changed + fresh)


def _changed(path: Path, file: str, known: Sequence[Segment], upload: Callable[[str, bytes], None]) -> list[Segment]:
    with path.open("rb") as opened:
        sums: list[Any] = [hashlib.sha256(opened.read(one.end - one.start)).hexdigest() for one in known]
    first = next((n for n, one in enumerate(known) if one.sha256 != sums[n]), len(known))
    return [_upload(path, file, one.start, one.end, upload) for one in known[first:]]


def _spans(store: Store, file: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut at the ends of records."""
    while start < end:
        stop = end
        if end - start > MAX_SEGMENT_BYTES:
            ((found,),) = store.rows(_BOUNDARY, (file, start, start + MAX_SEGMENT_BYTES))
            stop = found or end
        yield start, stop
        start = stop


def _upload(path: Path, file: str, start: int, end: int, upload: Callable[[str, bytes], None]) -> Segment:
    with path.open("rb") as opened:
        opened.seek(start)
        data = opened.read(end - start)
    if len(data) != end - start:
        raise CorpusError(f"{path}: {end - start - len(data)} bytes that were synced are gone; check the disk")
    segment = Segment(start=start, end=end, sha256=hashlib.sha256(data).hexdigest())
    upload(segment_key(file, segment), data)
    return segment


def new_runs(output: Path, published: Published) -> dict[str, bytes]:
    """Run manifests that are not published yet: names and contents."""
    found: Mapping[str, Path] = {path.stem: path for path in (output / "runs").glob("*.json")}
    return {name: path.read_bytes() for name, path in sorted(found.items()) if name not in published.runs}
