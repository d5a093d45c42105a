"""Before a replay: whether every archive file is there that the site's rows were made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crawler.corpus import parts
from crawler.corpus.schema import Dataset
from crawler.errors import ArchiveError
from crawler.state.records import Records

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.state.store import Store

_NAMED = 3
"""How many missing files an error names."""


def check_sources(store: Store, site: str) -> None:
    """A replay makes all rows of a site anew, so a file that is gone would take its rows along without a word.

    Asks the state, and the rows themselves, whose state may be lost. Raises ArchiveError, one line that names the
    files; nothing was changed then.
    """
    ends = dict.fromkeys(_files_of_rows(store.output, site), 0) | Records(store, site).archive_ends()
    sizes = {file: _size(store.output / file) for file in sorted(ends)}
    missing = [f"{store.output / file}: gone" for file, size in sizes.items() if size is None]
    cut = [
        f"{store.output / file}: {size} bytes instead of {ends[file]}"
        for file, size in sizes.items()
        if size is not None and size < ends[file]
    ]
    if problems := missing + cut:
        more = f" and {len(problems) - _NAMED} more files" if len(problems) > _NAMED else ""
        advice = "a replay without it would lose rows, so nothing was changed; bring it back from a copy"
        raise ArchiveError(f"{', '.join(problems[:_NAMED])}{more}; {advice}")


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None


def _files_of_rows(output: Path, site: str) -> set[str]:
    found: set[str] = set()
    for dataset in Dataset:
        for path in (output / parts.partition(dataset, site)).glob("*.parquet"):
            try:
                column = pq.read_table(path, columns=["archive_file"], partitioning=None)["archive_file"]
            except (pa.ArrowException, OSError):
                continue  # a damaged part is one of the reasons for a replay
            found.update(pc.unique(column).to_pylist())
    return found
