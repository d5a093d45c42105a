"""CorpusReader: the corpus as it is committed, from the manifest's list of files and never from a glob."""

from __future__ import annotations

import functools
import operator
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crawler.corpus.parts import PART_COLUMNS, Part
from crawler.corpus.rows import article_of
from crawler.corpus.schema import SCHEMAS, Dataset
from crawler.errors import CorpusError
from crawler.state.store import Store

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from crawler.items import Article

_READ_ROWS = 1_000


class SiteCount(NamedTuple):
    """Key of `CorpusReader.counts`."""

    site: str
    dataset: str


class CorpusReader:
    """Reads `output`; writes nothing and takes no lock, so it can run beside a crawl.

    What it gives is one committed moment per call. All methods raise CorpusError when the state or a part cannot be
    read.
    """

    def __init__(self, output: Path) -> None:
        """Raises CorpusError when there is no corpus in `output`."""
        self._output = output
        self._store = Store(output, is_read_only=True)

    def parts(self, dataset: Dataset | None = None, site: str | None = None, order: str = "path") -> list[Part]:
        """The committed files, of a dataset or a site only where given; `order`: columns of the manifest."""
        rows = self._store.rows(
            f"SELECT {PART_COLUMNS} FROM parts"  # noqa: S608 - constants
            f" WHERE (:dataset IS NULL OR dataset = :dataset) AND (:site IS NULL OR site = :site) ORDER BY {order}",
            {"dataset": dataset, "site": site},
        )
        return [Part(*row) for row in rows]

    def dataset(
        self, dataset: Dataset = Dataset.ARTICLES, site: str | None = None, *, is_newest_first: bool = False
    ) -> Any:
        """A `pyarrow.dataset.Dataset` of the committed files; empty, with the schema, where there are none.

        By path, or those committed last first.
        """
        import pyarrow.dataset as ds  # brings pandas where it is installed: half a second that most crawls never need

        schema = SCHEMAS[dataset]
        order = "rowid DESC" if is_newest_first else "path"
        files = [str(self._output / part.path) for part in self.parts(dataset, site, order)]
        if not files:
            return ds.dataset(schema.empty_table())
        try:
            return ds.dataset(files, schema=schema, format="parquet")
        except (pa.ArrowException, OSError) as error:
            raise CorpusError(f"{self._output}: {_one_line(error)}") from error

    def rows(
        self, dataset: Dataset, columns: Sequence[str], wanted: Mapping[str, Collection[str]] | None = None
    ) -> Iterator[dict[str, Any]]:
        """These columns of all rows of a dataset; `wanted`: columns and which values of them, all must fit."""
        import pyarrow.dataset as ds

        terms = [ds.field(name).isin(pa.array(sorted(values), pa.string())) for name, values in (wanted or {}).items()]
        source = self.dataset(dataset)
        try:
            for batch in source.to_batches(
                columns=list(columns),
                filter=functools.reduce(operator.and_, terms) if terms else None,
                batch_size=_READ_ROWS,
            ):
                yield from batch.to_pylist()
        except (pa.ArrowException, OSError) as error:
            raise CorpusError(f"{self._output}: {_one_line(error)}") from error

    def column(self, part: Part, name: str) -> list[Any]:
        """One column of one file."""
        try:
            with pq.ParquetFile(self._output / part.path) as file:
                values: list[Any] = file.read(columns=[name])[name].to_pylist()
        except (pa.ArrowException, OSError) as error:
            raise CorpusError(f"{self._output / part.path}: {_one_line(error)}") from error
        return values

    def counts(self) -> Counter[SiteCount]:
        """Rows by site and dataset, as the manifest has them."""
        rows = self._store.rows("SELECT site, dataset, sum(rows) FROM parts GROUP BY site, dataset")
        return Counter({SiteCount(site, dataset): n for site, dataset, n in rows})

    def reasons(self, site: str | None = None) -> Counter[str]:
        """Rejected pages by reason."""
        return self._records_by_reason("rejected", site)

    def relations(self, site: str | None = None) -> Counter[str]:
        """Duplicates by their relation to the kept article."""
        return self._records_by_reason("duplicate", site)

    def _records_by_reason(self, outcome: str, site: str | None) -> Counter[str]:
        rows = self._store.rows(
            "SELECT reason, count(*) FROM records WHERE outcome = :outcome AND (:site IS NULL OR site = :site)"
            " GROUP BY reason",
            {"outcome": outcome, "site": site},
        )
        return Counter(dict(rows))

    def article(self, article_id: str) -> Article | None:
        """The article of an id, or None."""
        rows = self._store.rows("SELECT part FROM kept WHERE id = ?", (article_id,))
        row = self._row(rows[0][0], article_id) if rows else None
        return None if row is None else article_of(row)

    def _row(self, path: str, article_id: str) -> dict[str, Any] | None:
        """One row of a file: only the row group that has the id is read whole."""
        try:
            with pq.ParquetFile(self._output / path) as file:
                for group in range(file.num_row_groups):
                    place = pc.index(file.read_row_group(group, columns=["id"])["id"], article_id).as_py()
                    if place >= 0:
                        row: dict[str, Any] = file.read_row_group(group).slice(place, 1).to_pylist()[0]
                        return dict.fromkeys(SCHEMAS[Dataset.ARTICLES].names) | row
        except (pa.ArrowException, OSError) as error:
            raise CorpusError(f"{self._output / path}: {_one_line(error)}") from error
        return None

    def articles(self, ids: Collection[str] | None = None, site: str | None = None) -> Iterator[Article]:
        """Articles in the order they were committed: all, those of `ids`, or those of a site."""
        rows = self._store.rows(
            "SELECT path FROM parts WHERE dataset = :dataset AND (:site IS NULL OR site = :site) ORDER BY rowid",
            {"dataset": Dataset.ARTICLES, "site": site},
        )
        yield from self._read([row[0] for row in rows], None if ids is None else set(ids))

    def _read(self, paths: list[str], ids: set[str] | None) -> Iterator[Article]:
        import pyarrow.dataset as ds

        wanted = None if ids is None else ds.field("id").isin(pa.array(sorted(ids), pa.string()))
        for path in paths:
            for row in self._rows(path, wanted):
                yield article_of(row)

    def _rows(self, path: str, wanted: Any) -> Iterator[dict[str, Any]]:
        import pyarrow.dataset as ds

        try:
            source = ds.dataset(str(self._output / path), schema=SCHEMAS[Dataset.ARTICLES], format="parquet")
            for batch in source.to_batches(filter=wanted, batch_size=_READ_ROWS):
                yield from batch.to_pylist()
        except (pa.ArrowException, OSError) as error:
            raise CorpusError(f"{self._output / path}: {_one_line(error)}") from error

    def close(self) -> None:
        """Close the state file."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
