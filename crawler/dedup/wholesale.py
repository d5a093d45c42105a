"""A whole Parquet corpus at once: its duplicates as pairs and clusters, the same whatever the order of its rows."""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from crawler import disk
from crawler.dedup.candidates import Candidates
from crawler.dedup.comparison import Comparison
from crawler.dedup.relations import Relation
from crawler.dedup.tables import parquet_files, read_rows
from crawler.dedup.texts import Texts
from crawler.errors import CorpusError
from crawler.progress import unwatched

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from crawler.dedup.comparison import Pair
    from crawler.dedup.relations import Thresholds
    from crawler.progress import Tell

PAIRS_FILE, CLUSTERS_FILE = "pairs.parquet", "clusters.parquet"
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
    files = parquet_files(paths)
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
        for rows in read_rows(file, columns):
            prints = texts.add(rows)
            candidates.add(prints.fingerprints, prints.n_fingerprints)
            tell(texts.n_rows, n_rows)
    ranks = texts.seal()
    comparison = Comparison(texts, thresholds)
    comparison.compare_all(_told(candidates.pairs(ranks), int(ranks.max(initial=-1)) + 1, phase))
    pairs = [*_copies(texts), *comparison.pairs()]
    return write_tables(out, texts.n_rows, pairs, _clusters(texts, comparison.centres()))


def write_tables(out: Path, n_rows: int, pairs: list[Pair], centre_of: Mapping[str, str]) -> Deduplicated:
    """Write both tables, and count; `centre_of`: the id that stands for each row in a cluster, its own too."""
    pairs.sort()
    members: dict[str, list[str]] = defaultdict(list)
    for name, centre in centre_of.items():
        members[centre].append(name)
    clusters = sorted(
        (name, min(some), name == centre) for centre, some in members.items() if len(some) > 1 for name in some
    )
    _write(out / PAIRS_FILE, _PAIRS, pairs)
    _write(out / CLUSTERS_FILE, _CLUSTERS, clusters)
    n_clusters = sum(is_kept for _, _, is_kept in clusters)
    return Deduplicated(n_rows, n_clusters, len(clusters) - n_clusters, Counter(pair[2] for pair in pairs))


def _told(
    candidates: Iterator[tuple[int, int]], n_texts: int, phase: Callable[[str, str], Tell]
) -> Iterator[tuple[int, int]]:
    """Candidates come in the order of their first texts."""
    tell = phase("dedup: comparing", "texts")
    for first, second in candidates:
        tell(first, n_texts)
        yield first, second


def copy(one: tuple[str, str], other: tuple[str, str]) -> Pair:
    """The pair of two rows, ids and sites, with the same text."""
    first, second = sorted((one, other))
    relation = Relation.SECOND_URL if first[1] == second[1] else Relation.EXACT_COPY
    return first[0], second[0], str(relation), 1.0


def _copies(texts: Texts) -> Iterator[Pair]:
    for one, other in texts.copies:
        yield copy(texts.row(one)[:2], texts.row(other)[:2])


def _clusters(texts: Texts, centres: Mapping[int, int]) -> dict[str, str]:
    """The id that stands for each row which has duplicates or copies."""
    centre_of = {texts.row_of(rank): texts.row_of(centre) for rank, centre in centres.items()}
    for other, first in texts.copies:
        centre_of[other] = centre_of.setdefault(first, first)
    return {texts.row(row).id: texts.row(centre).id for row, centre in centre_of.items()}


def _write(path: Path, schema: pa.Schema, rows: Sequence[tuple[Any, ...]]) -> None:
    buffer = pa.BufferOutputStream()
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), buffer, compression="zstd")
    disk.replace(path, buffer.getvalue().to_pybytes())
