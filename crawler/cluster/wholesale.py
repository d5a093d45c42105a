"""`scrapy dedup --on`: a whole corpus deduplicated in calls on many nodes, with the result of `crawler.dedup`.

1. Spans of rows are read into postings, sorted by bucket. 2. Texts are ranked here, by their keys alone. 3. Buckets
give pairs, ranges of pairs give candidates. 4. Components of candidates are found, and put together into bins. 5. Each
bin is compared, with its texts beside it, just as the whole would be on one machine: a comparison depends on nothing
outside its component.
"""

from __future__ import annotations

import tempfile
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from crawler import disk
from crawler.cluster.components import MAX_EDGES, components, components_of
from crawler.cluster.dedup_tasks import (
    FACTS,
    Plan,
    Span,
    compare_bin,
    gather,
    load,
    pair_bucket,
    read_span,
    save,
    sort_out,
)
from crawler.cluster.engine import cluster_module
from crawler.dedup.candidates import by_rank, n_buckets
from crawler.dedup.tables import parquet_files
from crawler.dedup.texts import rank_texts
from crawler.dedup.wholesale import Deduplicated, copy, write_tables
from crawler.errors import CorpusError, OptionError
from crawler.progress import unwatched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from crawler.dedup.comparison import Pair
    from crawler.dedup.relations import Thresholds
    from crawler.dedup.wholesale import Columns
    from crawler.progress import Tell

T = TypeVar("T")
SPAN_ROWS = 20_000
"""Rows read by one call, or a whole row group: some 10 s of work, 20 MB of postings."""
BIN_PAIRS = 20_000
"""Candidates compared by one call, or a whole component: some 10 s of work."""


class Executor(Protocol):
    """Whoever makes calls."""

    def each(self, function: Callable[..., T], calls: Iterable[tuple[Any, ...]]) -> Iterator[tuple[int, T]]:
        """Number and result of each call, as they end."""


class ClusterDedup:
    """One deduplication; the steps in the order they are called."""

    def __init__(
        self,
        executor: Executor,
        files: Sequence[Path],
        folder: Path,
        columns: Columns,
        phase: Callable[[str, str], Tell],
    ) -> None:
        self._executor = executor
        self._phase = phase
        self._spans = list(_spans(files))
        self.n_rows = sum(span.n_rows for span in self._spans)
        self._plan = Plan(str(folder), columns, n_buckets(self.n_rows))

    def run(self, out: Path, thresholds: Thresholds) -> Deduplicated:
        """All steps."""
        plan, n_spans = self._plan, len(self._spans)
        self._all("reading", read_span, [(plan, span) for span in self._spans])
        copies = self._rank()
        self._all("pairing", pair_bucket, [(plan, bucket, n_spans) for bucket in range(plan.n_buckets)])
        self._all("pairing", sort_out, [(plan, number) for number in range(plan.n_buckets)])
        bins = self._fill_bins()
        self._all("gathering", gather, [(plan, span) for span in self._spans])
        found = self._all("comparing", compare_bin, [(plan, number, n_spans, thresholds) for number in range(bins)])
        pairs: list[Pair] = [pair for some, _ in found for pair in some]
        centre_of = {name: centre for _, some in found for name, centre in some.items()}
        for first, others in copies:
            for other in others:
                pairs.append(copy(first, other))
                centre_of[other[0]] = centre_of.setdefault(first[0], first[0])
        return write_tables(out, self.n_rows, pairs, centre_of)

    def _all(self, name: str, function: Callable[..., T], calls: Sequence[tuple[Any, ...]]) -> list[T]:
        """Results of all calls, in their order."""
        tell = self._phase(f"dedup: {name}", "calls")
        found: dict[int, T] = {}
        for number, result in self._executor.each(function, calls):
            found[number] = result
            tell(len(found), len(calls))
        return [found[number] for number in range(len(calls))]

    def _rank(self) -> list[tuple[tuple[str, str], list[tuple[str, str]]]]:
        """Rank the texts; returns id and site of each row that has copies, the least id, and of its copies."""
        names = _Names(self._plan, self._spans)
        _check_ids(self._joined("ids"), names)
        sizes = self._joined("sizes_of")
        ranks, order, starts = rank_texts(self._joined("keys"), self._joined("words"))
        self._rows = order[starts]
        copies = []
        ends = np.append(starts, len(order))[1:]
        for rank in np.flatnonzero(ends - starts > 1).tolist():
            rows = order[starts[rank] : ends[rank]].tolist()
            first, *others = sorted((names[row], row) for row in rows)
            self._rows[rank] = first[1]
            copies.append((first[0], [other for other, _ in others]))
        save(self._plan.path("ranks"), ranks)
        save(self._plan.path("sizes"), by_rank(sizes, ranks))
        return copies

    def _joined(self, name: str) -> NDArray[Any]:
        pieces = (load(self._plan.path(name, span.number)) for span in self._spans)
        return np.concatenate([np.empty(0, FACTS[name]), *pieces])

    def _fill_bins(self) -> int:
        """Put whole components together; returns how many bins there are."""
        plan = self._plan
        pairs = np.concatenate([load(plan.path("worth", number)) for number in range(plan.n_buckets)], axis=1)
        nodes, least = _components(pairs)
        roots, component = np.unique(least, return_inverse=True)
        of_pair = component[np.searchsorted(nodes, pairs[0])]
        filled = np.cumsum(np.bincount(of_pair, minlength=len(roots)))
        _, bins = np.unique((filled - 1) // BIN_PAIRS, return_inverse=True)
        by_row = np.full(self.n_rows, -1, dtype=np.int32)
        by_row[self._rows[nodes]] = bins[component]
        save(plan.path("bins"), by_row)
        n_bins = int(bins.max(initial=-1)) + 1
        for name, numbers, values in (("members", bins[component], nodes), ("candidates", bins[of_pair], pairs)):
            order = np.argsort(numbers, kind="stable")
            for number, (begin, end) in enumerate(pairwise(np.searchsorted(numbers[order], np.arange(n_bins + 1)))):
                save(plan.path(name, number), values[..., order[begin:end]])
        return n_bins


def deduplicate_on(
    executor: Executor,
    paths: Sequence[Path],
    out: Path,
    columns: Columns,
    thresholds: Thresholds,
    *,
    phase: Callable[[str, str], Tell] = unwatched,
) -> Deduplicated:
    """As `crawler.dedup.wholesale.deduplicate`; `paths` and `out` must be where all nodes can reach them."""
    files = parquet_files(paths)
    try:
        disk.make_folders(out)
        with tempfile.TemporaryDirectory(prefix=".dedup-", dir=out.absolute()) as name:
            return ClusterDedup(executor, files, Path(name), columns, phase).run(out, thresholds)
    except (pa.ArrowException, OSError) as error:
        raise CorpusError(" ".join(str(error).split())[:300]) from error


def _spans(files: Sequence[Path]) -> Iterator[Span]:
    number = first = 0
    for file in files:
        metadata = pq.read_metadata(file)
        waiting: list[int] = []
        n_rows = 0
        for group in range(metadata.num_row_groups):
            waiting.append(group)
            n_rows += metadata.row_group(group).num_rows
            if n_rows >= SPAN_ROWS or group == metadata.num_row_groups - 1:
                yield Span(number, str(file), tuple(waiting), first, n_rows)
                number, first, n_rows, waiting = number + 1, first + n_rows, 0, []


class _Names:
    """Id and site of a row, read where they lie."""

    def __init__(self, plan: Plan, spans: Sequence[Span]) -> None:
        self._firsts = np.array([span.first for span in spans])
        files = (pa.memory_map(str(plan.path("names", span.number))) for span in spans)
        self._tables = [pa.ipc.open_file(file).read_all() for file in files]

    def __getitem__(self, row: int) -> tuple[str, str]:
        number = int(np.searchsorted(self._firsts, row, side="right")) - 1
        table = self._tables[number]
        place = row - int(self._firsts[number])
        return table["id"][place].as_py(), table["site"][place].as_py()


def _check_ids(hashes: NDArray[np.uint64], names: _Names) -> None:
    order = np.argsort(hashes, kind="stable")
    is_equal = hashes[order][1:] == hashes[order][:-1]
    seen: set[str] = set()
    for row in np.union1d(order[1:][is_equal], order[:-1][is_equal]).tolist():
        name = names[row][0]
        if name in seen:
            raise OptionError(f"id {name!r} stands in two rows; name a column that tells them apart")
        seen.add(name)


def _components(pairs: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    if pairs.shape[1] <= MAX_EDGES:
        return components(*pairs)
    daft = cluster_module("daft")
    daft.set_runner_ray(noop_if_initialized=True)
    found = components_of(daft.from_pydict({"one": pairs[0], "other": pairs[1]})).sort("node").to_pydict()
    return np.array(found["node"]), np.array(found["least"])
