"""Does the corpus on disk add up?"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from crawler.corpus.parts import PART_NAME, Part
from crawler.corpus.reader import CorpusReader
from crawler.corpus.schema import Dataset
from crawler.progress import silent
from crawler.state.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crawler.progress import Tell

_OUTCOMES = {Dataset.ARTICLES: "kept", Dataset.DUPLICATES: "duplicate", Dataset.REJECTED: "rejected"}


def check_corpus(output: Path, *, is_thorough: bool = False, tell: Tell = silent) -> list[str]:
    """Compare the files with the manifest and the manifest with the records; one line per discrepancy.

    Quick: existence, size and number of rows of every part, and files that no manifest knows. `is_thorough` reads
    every byte and compares SHA-256. `tell` counts parts. Raises CorpusError when the state cannot be read.
    """
    with CorpusReader(output) as reader:
        found = reader.parts()
    problems: list[str] = []
    for n_done, part in enumerate(found):
        tell(n_done, len(found))
        problems += _part_problems(output, part, is_thorough=is_thorough)
    return [*problems, *_strays(output, {part.path for part in found}), *_count_problems(output)]


def _part_problems(output: Path, part: Part, *, is_thorough: bool) -> Iterator[str]:
    path = output / part.path
    if not path.is_file():
        yield f"{part.path}: missing"
        return
    size = path.stat().st_size
    if size != part.bytes:
        yield f"{part.path}: {size} bytes, the manifest says {part.bytes}"
        return
    if is_thorough and _sha256(path) != part.sha256:
        yield f"{part.path}: SHA-256 differs from the manifest's"
    try:
        n_rows = pq.ParquetFile(path).metadata.num_rows
    except (pa.ArrowException, OSError) as error:
        yield f"{part.path}: not readable ({' '.join(str(error).split())[:200]})"
        return
    if n_rows != part.rows:
        yield f"{part.path}: {n_rows} rows, the manifest says {part.rows}"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _strays(output: Path, known: set[str]) -> Iterator[str]:
    for dataset in Dataset:
        for path in sorted((output / dataset.value).glob("**/*")):
            name = path.relative_to(output).as_posix()
            if path.is_file() and name not in known:
                kind = "never committed" if PART_NAME.fullmatch(path.name) else "not ours"
                yield f"{name}: {kind}"


def _count_problems(output: Path) -> Iterator[str]:
    with Store(output, is_read_only=True) as store:
        in_parts = dict(store.rows("SELECT dataset, sum(rows) FROM parts GROUP BY dataset"))
        in_records = dict(store.rows("SELECT outcome, count(*) FROM records WHERE outcome NOT NULL GROUP BY outcome"))
        (n_kept,) = store.rows("SELECT count(*) FROM kept")[0]
    for dataset, outcome in _OUTCOMES.items():
        n_rows, n_records = in_parts.get(dataset.value, 0), in_records.get(outcome, 0)
        if n_rows != n_records:
            yield f"{dataset.value}: {n_rows} rows in parts, {n_records} records with outcome {outcome}"
    if n_kept != in_records.get("kept", 0):
        yield f"{n_kept} kept ids, {in_records.get('kept', 0)} records with outcome kept"
