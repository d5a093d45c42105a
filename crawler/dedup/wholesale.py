"""A whole Parquet corpus at once: its duplicates as pairs and clusters, the same whatever the order of its rows."""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from crawler import disk
from crawler.dedup.candidates import Candidates
from crawler.dedup.clusters import cluster
from crawler.dedup.relations import Relation, relate
from crawler.dedup.texts import NewText, Texts
from crawler.errors import CorpusError, OptionError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from crawler.dedup.relations import Thresholds

PAIRS_FILE, CLUSTERS_FILE = "pairs.parquet", "clusters.parquet"
MAX_COMPLETE = 32
"""Members of a cluster up to which all its pairs are written; of a larger one as many as connect it."""
_READ_ROWS = 500
_PAIRS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("other_id", pa.string(), nullable=False),
        pa.field("relation", pa.string(), nullable=False),
        pa.field("likeness", pa.float64(), nullable=False),
    ]
)
_CLUSTERS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("cluster", pa.string(), nullable=False),
        pa.field("is_kept", pa.bool_(), nullable=False),
    ]
)
Pair = tuple[str, str, str, float]
"""id, other_id, what the first is to the other, likeness."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of a Parquet corpus are what; ids may be numbers."""

    text: str = "text"
    id: str = "id"
    title: str | None = None
    """None: `title` where there is such a column. Only titles tell the parts of a series apart."""
    site: str | None = None
    """None: `site` where there is such a column. Without it nothing is a second address of one story."""

    def within(self, there: Collection[str]) -> Columns:
        """The same, for a file that has these columns."""
        title, site = (name if name in there else None for name in ("title", "site"))
        return replace(self, title=self.title or title, site=self.site or site)


@dataclass(frozen=True, slots=True)
class Deduplicated:
    """What was found."""

    n_rows: int
    n_clusters: int
    """Clusters of two rows or more."""
    n_repeats: int
    """Rows that go when one of each cluster stays."""
    relations: Counter[str]
    """Pairs by relation."""


def deduplicate(paths: Sequence[Path], out: Path, columns: Columns, thresholds: Thresholds) -> Deduplicated:
    """Compare all rows of the Parquet files in `paths` (files, or folders of them) and write the tables to `out`.

    Pairs: `id`, `other_id` (the greater), `relation` (what the first is to the other), `likeness`. Clusters: `id`,
    `cluster` (its least id) and `is_kept` (the longest text, then the least id), for rows that are in one. Raises
    OptionError for files or columns that are not there and ids that are not unique, CorpusError when a file cannot be
    read or written.
    """
    files = _files(paths)
    try:
        disk.make_folders(out)
        with tempfile.TemporaryDirectory(prefix=".dedup-", dir=out) as name:
            return _deduplicate(files, out, Path(name), columns, thresholds)
    except (pa.ArrowException, OSError) as error:
        raise CorpusError(" ".join(str(error).split())[:300]) from error


def _deduplicate(
    files: Sequence[Path], out: Path, folder: Path, columns: Columns, thresholds: Thresholds
) -> Deduplicated:
    texts = Texts(folder)
    for file in files:
        for batch in _read(file, columns):
            texts.add(batch)
    n_texts = texts.seal()
    candidates = Candidates(folder, n_texts).pairs(texts.fingerprints())
    pairs = sorted([*_copies(texts), *_compared(texts, candidates, n_texts, thresholds)])
    clusters = cluster((one, other) for one, other, _, _ in pairs)
    kept = _kept(texts, clusters)
    _write(out / PAIRS_FILE, _PAIRS, pairs)
    _write(out / CLUSTERS_FILE, _CLUSTERS, [(one, name, one == kept[name]) for one, name in clusters.items()])
    n_rows = texts.n_rows()
    texts.close()
    return Deduplicated(n_rows, len(kept), len(clusters) - len(kept), Counter(pair[2] for pair in pairs))


def _files(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        files = sorted(path.glob("**/*.parquet")) if path.is_dir() else [path]
        if not files or not files[0].is_file():
            raise OptionError(f"{path}: {'no Parquet file in it' if path.is_dir() else 'no such file'}")
        found += files
    return list(dict.fromkeys(file.resolve() for file in found))


def _read(path: Path, columns: Columns) -> Iterator[list[NewText]]:
    with pq.ParquetFile(path) as file:
        there = file.schema_arrow.names
        columns = columns.within(there)
        wanted = {option: name for option, name in asdict(columns).items() if name is not None}
        for option, name in wanted.items():
            if name not in there:
                raise OptionError(f"{path}: no column {name!r}; give --{option}-column, there are {', '.join(there)}")
        for batch in file.iter_batches(_READ_ROWS, columns=list(wanted.values())):
            yield [_new_text(row, columns) for row in batch.to_pylist()]


def _new_text(row: dict[str, Any], columns: Columns) -> NewText:
    def words(name: str | None) -> str:
        value = row[name] if name else None
        return "" if value is None else str(value)

    row_id = words(columns.id)
    return NewText(row_id, words(columns.site) or row_id, words(columns.title), words(columns.text))


def _copies(texts: Texts) -> Iterator[Pair]:
    for one, other, is_same_site in texts.copies():
        relation = Relation.SECOND_URL if is_same_site else Relation.EXACT_COPY
        yield (*sorted((one, other)), str(relation), 1.0)  # type: ignore[misc]


def _compared(
    texts: Texts, candidates: Iterable[tuple[int, int]], n_texts: int, thresholds: Thresholds
) -> Iterator[Pair]:
    members = _Members(n_texts)
    for first, second in candidates:
        if members.is_large(first, second):
            continue
        one, other = sorted((texts.version(first), texts.version(second)), key=lambda version: version.id)
        likeness = relate(one, other, thresholds)
        if likeness.is_duplicate:
            members.join(first, second)
            yield one.id, other.id, str(likeness.relation), likeness.figure


class _Members:
    """Which texts hang together already."""

    def __init__(self, n: int) -> None:
        self._parents = list(range(n))
        self._sizes = [1] * n

    def is_large(self, one: int, other: int) -> bool:
        root = self._root(one)
        return self._sizes[root] >= MAX_COMPLETE and root == self._root(other)

    def join(self, one: int, other: int) -> None:
        first, second = sorted((self._root(one), self._root(other)))
        if first != second:
            self._parents[second] = first
            self._sizes[first] += self._sizes[second]

    def _root(self, member: int) -> int:
        while self._parents[member] != member:
            self._parents[member] = self._parents[self._parents[member]]
            member = self._parents[member]
        return member


def _kept(texts: Texts, clusters: dict[str, str]) -> dict[str, str]:
    members: dict[str, list[str]] = defaultdict(list)
    for one, name in clusters.items():
        members[name].append(one)
    return {name: min(some, key=lambda one: (-texts.n_words(one), one)) for name, some in members.items()}


def _write(path: Path, schema: pa.Schema, rows: Sequence[tuple[Any, ...]]) -> None:
    buffer = pa.BufferOutputStream()
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), buffer, compression="zstd")
    disk.replace(path, buffer.getvalue().to_pybytes())
