"""The steps of `scrapy dedup --on`, one call each: files in the work folder in, files there out.

Each name says which piece it is and each file appears at once, so that a call that is begun anew, or runs twice,
leaves what one would have left. What is computed is `crawler.dedup`'s.
"""

from __future__ import annotations

import hashlib
import tempfile
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import pyarrow as pa

from crawler.dedup.batches import PrintReader
from crawler.dedup.candidates import PAIR, POSTING, paired, postings_of, worthy
from crawler.dedup.comparison import Comparison, Pair
from crawler.dedup.tables import read_rows
from crawler.dedup.texts import KEY, SCHEMA, Texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from crawler.dedup.relations import Thresholds
    from crawler.dedup.wholesale import Columns

FACTS = {"keys": KEY, "words": np.dtype("i8"), "sizes_of": np.dtype("i8"), "ids": np.dtype("u8")}
"""Arrays with a value for each row of a span: key of its text, words, fingerprints, hash of its id."""
NAMES = pa.schema([("id", pa.string()), ("site", pa.string())])


@dataclass(frozen=True, slots=True)
class Span:
    """Row groups of a file."""

    number: int
    file: str
    row_groups: tuple[int, ...]
    first: int
    """Number of its first row in the corpus."""
    n_rows: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What every call needs to know."""

    folder: str
    """For files between the steps; all nodes can reach it."""
    columns: Columns
    n_buckets: int

    def path(self, name: str, *numbers: int | str) -> Path:
        """A file of the work folder."""
        return Path(self.folder, "-".join([name, *map(str, numbers)]))


def read_span(plan: Plan, span: Span) -> int:
    """Prints of the rows of a span: postings by bucket, and what the ranks are made of."""
    reader, first = PrintReader(), span.first
    postings: list[NDArray[np.void]] = []
    parts: list[tuple[NDArray[Any], ...]] = []
    names: list[pa.RecordBatch] = []
    for rows in _rows(plan, span):
        prints = reader.read(rows.column("text"))
        postings.append(postings_of(prints.fingerprints, prints.n_fingerprints, first))
        keys = np.frombuffer(prints.keys, dtype=KEY)
        parts.append((keys, prints.n_words, prints.n_fingerprints, _id_hashes(rows)))
        names.append(rows.select(["id", "site"]))
        first += len(rows)
    values = np.concatenate([np.empty(0, POSTING), *postings])
    buckets = values["fingerprint"] % np.uint64(plan.n_buckets)
    _save_sorted(plan.path("postings", span.number), values, buckets, plan.n_buckets)
    for (name, kind), some in zip(FACTS.items(), zip(*parts, strict=True) if parts else [()] * 4, strict=True):
        save(plan.path(name, span.number), np.concatenate([np.empty(0, kind), *some]))
    _save_table(plan.path("names", span.number), pa.Table.from_batches(names, NAMES))
    return first - span.first


def _rows(plan: Plan, span: Span) -> Iterator[pa.RecordBatch]:
    return read_rows(Path(span.file), plan.columns, span.row_groups)


def _id_hashes(rows: pa.RecordBatch) -> NDArray[np.uint64]:
    digests = b"".join(hashlib.blake2b(name.encode(), digest_size=8).digest() for name in rows.column("id").to_pylist())
    return np.frombuffer(digests, dtype=np.uint64)


def _save_sorted(path: Path, values: NDArray[Any], buckets: NDArray[np.uint64], n_buckets: int) -> None:
    """The values by bucket, and where each bucket ends."""
    order = np.argsort(buckets, kind="stable")
    save(path.with_name(f"{path.name}-ends"), np.searchsorted(buckets[order], np.arange(n_buckets + 1)))
    save(path, values[order])


def _pieces(plan: Plan, name: str, bucket: int, numbers: Sequence[int]) -> Iterator[NDArray[Any]]:
    """The values of a bucket in each of some files."""
    for number in numbers:
        begin, end = load(plan.path(name, number, "ends"))[bucket : bucket + 2]
        yield np.array(load(plan.path(name, number))[begin:end])


def pair_bucket(plan: Plan, bucket: int, n_spans: int) -> int:
    """Pairs of texts that share a fingerprint of a bucket, in files by ranges of the lesser rank."""
    postings = np.concatenate([np.empty(0, POSTING), *_pieces(plan, "postings", bucket, range(n_spans))])
    pairs = np.concatenate([np.empty(0, PAIR), *paired(postings, load(plan.path("ranks")))])
    width = 1 + len(load(plan.path("sizes"))) // plan.n_buckets
    _save_sorted(plan.path("pairs", bucket), pairs, (pairs >> np.uint64(32)) // np.uint64(width), plan.n_buckets)
    return len(pairs)


def sort_out(plan: Plan, number: int) -> int:
    """The pairs of a range of lesser ranks that share enough, sorted."""
    pairs = np.concatenate([np.empty(0, PAIR), *_pieces(plan, "pairs", number, range(plan.n_buckets))])
    first, second = worthy(pairs, load(plan.path("sizes")))
    save(plan.path("worth", number), np.stack([first, second]))
    return len(first)


def gather(plan: Plan, span: Span) -> int:
    """The texts of a span that stand for a rank with candidates, in files by the bin of their component."""
    bins = load(plan.path("bins"))[span.first : span.first + span.n_rows]
    found: dict[int, list[pa.RecordBatch]] = {}
    begin = 0
    for rows in _rows(plan, span):
        here = np.asarray(bins[begin : begin + len(rows)])
        begin += len(rows)
        for number in np.unique(here[here >= 0]).tolist():
            found.setdefault(number, []).append(rows.take(pa.array(np.flatnonzero(here == number))))
    for number, batches in found.items():
        _save_table(plan.path("texts", number, span.number), pa.Table.from_batches(batches, SCHEMA))
    return len(found)


def compare_bin(plan: Plan, number: int, n_spans: int, thresholds: Thresholds) -> tuple[list[Pair], dict[str, str]]:
    """Compare all candidates of whole components, as `crawler.dedup.wholesale` would among all others.

    Returns the pairs, and the id that stands for each text that has duplicates.
    """
    with tempfile.TemporaryDirectory(prefix="compare-") as name:
        texts = Texts(Path(name))
        for span in range(n_spans):
            path = plan.path("texts", number, span)
            if path.is_file():
                with pa.memory_map(str(path)) as file:
                    for batch in pa.ipc.open_file(file).read_all().to_batches(256):
                        texts.add(batch)
        texts.seal()
        members, pairs = load(plan.path("members", number)), load(plan.path("candidates", number))
        comparison = Comparison(texts, thresholds)
        local = np.searchsorted(members, pairs)  # ranks of these texts alone are in the order of all ranks
        comparison.compare_all(zip(*local.tolist(), strict=True))
        names = [texts.row(texts.row_of(rank)).id for rank in range(texts.n_texts)]
        return list(comparison.pairs()), {names[one]: names[centre] for one, centre in comparison.centres().items()}


def save(path: Path, values: NDArray[Any]) -> None:
    """An array as a file that is there whole or not at all; not synced, for what is lost is made anew."""
    with _appearing(path) as file:
        np.save(file, values, allow_pickle=False)


def load(path: Path) -> NDArray[Any]:
    """An array that was saved, read where it lies."""
    found: NDArray[Any] = np.load(path, mmap_mode="r")
    return found


def _save_table(path: Path, table: pa.Table) -> None:
    with _appearing(path) as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


@contextmanager
def _appearing(path: Path) -> Iterator[BinaryIO]:
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with draft.open("wb") as file:
            yield file
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
