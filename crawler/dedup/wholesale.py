"""A whole Parquet corpus at once: its duplicates as pairs and clusters, the same whatever the order of its rows."""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crawler import disk
from crawler.dedup.candidates import Candidates
from crawler.dedup.comparison import Comparison
from crawler.dedup.relations import Relation
from crawler.dedup.texts import SCHEMA, Texts
from crawler.errors import CorpusError, OptionError
from crawler.progress import unwatched

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from crawler.dedup.comparison import Pair
    from crawler.dedup.relations import Thresholds
    from crawler.progress import Tell

PAIRS_FILE, CLUSTERS_FILE = "pairs.parquet", "clusters.parquet"
_READ_ROWS = 256
_READ_BYTES = 1 << 20
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


def deduplicate(
    paths: Sequence[Path],
    out: Path,
    columns: Columns,
    thresholds: Thresholds,
    phase: Callable[[str, str], Tell] = unwatched,
) -> Deduplicated:
    """Compare all rows of the Parquet files in `paths` (files, or folders of them) and write the tables to `out`.

    Pairs: `id`, `other_id` (the greater), `relation` (what the first is to the other), `likeness`. Clusters: `id`,
    `cluster` (its least id) and `is_kept` (the longest text, then the least id; the others are duplicates of it), for
    rows that are in one. Raises OptionError for files or columns that are not there and ids that are not unique,
    CorpusError when a file cannot be read or written.
    """
    files = _files(paths)
    try:
        disk.make_folders(out)
        with tempfile.TemporaryDirectory(prefix=".dedup-", dir=out) as name:
            return _deduplicate(files, (Path(name), out), columns, thresholds, phase)
    except (pa.ArrowException, OSError) as error:
        raise CorpusError(" ".join(str(error).split())[:300]) from error


def _deduplicate(
    files: Sequence[Path],
    folders: tuple[Path, Path],
    columns: Columns,
    thresholds: Thresholds,
    phase: Callable[[str, str], Tell],
) -> Deduplicated:
    folder, out = folders
    texts, tell = Texts(folder), phase("dedup: reading", "rows")
    n_rows = sum(pq.read_metadata(file).num_rows for file in files)
    candidates = Candidates(folder, n_rows)
    for file in files:
        for rows in _read(file, columns):
            prints = texts.add(rows)
            candidates.add(prints.fingerprints, prints.n_fingerprints)
            tell(texts.n_rows, n_rows)
    ranks = texts.seal()
    comparison = Comparison(texts, thresholds)
    comparison.compare_all(_told(candidates.pairs(ranks), int(ranks.max(initial=-1)) + 1, phase))
    pairs = sorted([*_copies(texts), *comparison.pairs()])
    clusters = _clusters(texts, comparison.centres())
    _write(out / PAIRS_FILE, _PAIRS, pairs)
    _write(out / CLUSTERS_FILE, _CLUSTERS, clusters)
    n_clusters = sum(is_kept for _, _, is_kept in clusters)
    return Deduplicated(texts.n_rows, n_clusters, len(clusters) - n_clusters, Counter(pair[2] for pair in pairs))


def _told(
    candidates: Iterator[tuple[int, int]], n_texts: int, phase: Callable[[str, str], Tell]
) -> Iterator[tuple[int, int]]:
    """Candidates come in the order of their first texts."""
    tell = phase("dedup: comparing", "texts")
    for first, second in candidates:
        tell(first, n_texts)
        yield first, second


def _files(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        files = sorted(path.glob("**/*.parquet")) if path.is_dir() else [path]
        if not files or not files[0].is_file():
            raise OptionError(f"{path}: {'no Parquet file in it' if path.is_dir() else 'no such file'}")
        found += files
    return list(dict.fromkeys(file.resolve() for file in found))


def _read(path: Path, columns: Columns) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path, buffer_size=_READ_BYTES) as file:  # else a whole column of a row group is in memory
        there = file.schema_arrow.names
        columns = columns.within(there)
        wanted = {option: name for option, name in asdict(columns).items() if name is not None}
        for option, name in wanted.items():
            if name not in there:
                raise OptionError(f"{path}: no column {name!r}; give --{option}-column, there are {', '.join(there)}")
        for batch in file.iter_batches(_READ_ROWS, columns=list(dict.fromkeys(wanted.values()))):
            yield _rows(batch, columns)


def _rows(batch: pa.RecordBatch, columns: Columns) -> pa.RecordBatch:
    """In the schema of `texts`; a row without a site is its own."""
    ids, text = _strings(batch.column(columns.id)), _strings(batch.column(columns.text))
    title = _strings(batch.column(columns.title)) if columns.title else pa.repeat("", len(batch))
    site = _strings(batch.column(columns.site)) if columns.site else ids
    site = pc.if_else(pc.equal(site, ""), ids, site)
    return pa.RecordBatch.from_arrays([ids, site, title, text], schema=SCHEMA)


def _strings(column: pa.Array) -> pa.StringArray:
    try:
        strings = column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):  # dates, lists, bytes that are no UTF-8
        strings = pa.array([None if value is None else str(value) for value in column.to_pylist()], pa.string())
    return pc.fill_null(strings, "")


def _copies(texts: Texts) -> Iterator[Pair]:
    for one, other in texts.copies:
        first, second = sorted((texts.row(one), texts.row(other)))
        relation = Relation.SECOND_URL if first.site == second.site else Relation.EXACT_COPY
        yield first.id, second.id, str(relation), 1.0


def _clusters(texts: Texts, centres: Mapping[int, int]) -> list[tuple[str, str, bool]]:
    """id, cluster and whether it is kept, for rows that are in a cluster of two or more."""
    centre_of = {texts.row_of(rank): texts.row_of(centre) for rank, centre in centres.items()}
    for other, first in texts.copies:
        centre_of[other] = centre_of.setdefault(first, first)
    members: dict[int, list[tuple[str, bool]]] = defaultdict(list)
    for row, centre in centre_of.items():
        members[centre].append((texts.row(row).id, row == centre))
    return sorted((name, min(some)[0], is_kept) for some in members.values() if len(some) > 1 for name, is_kept in some)


def _write(path: Path, schema: pa.Schema, rows: Sequence[tuple[Any, ...]]) -> None:
    buffer = pa.BufferOutputStream()
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), buffer, compression="zstd")
    disk.replace(path, buffer.getvalue().to_pybytes())
