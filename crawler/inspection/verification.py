"""Do archive, corpus, index, state and manifests agree? And if not, what mends it?"""

from __future__ import annotations

from collections import defaultdict
from types import MappingProxyType
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from crawler.archive.reader import scan_tail
from crawler.archive.spans import GZIP
from crawler.corpus.checks import check_corpus
from crawler.corpus.manifest import RUNS_FOLDER, check, read_manifest
from crawler.corpus.reader import CorpusReader
from crawler.corpus.schema import Dataset
from crawler.errors import CorpusError
from crawler.progress import unwatched
from crawler.state.forgotten import forgotten_pages, unclean
from crawler.state.store import STATE_FILE, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from crawler.progress import Tell

REPLAY = "`scrapy replay {site}` makes the site's rows anew from its archive"
COPY = "bring the file back from a copy; its pages are lost otherwise, and `scrapy replay` would refuse"
STATE = "bring the file back from a copy, or `scrapy verify --rebuild-state`"
INDEX = "`scrapy dedup --rebuild` makes the index anew"
STRAY = "the next crawl of its site removes what is ours; move away what is not"
FORGET = "`scrapy forget` finishes it"
MANIFEST = "nothing depends on it; delete the file"
MAX_EXAMPLES = 5
"""Of one kind that are named."""


class Fault(NamedTuple):
    """Something that does not agree."""

    area: str
    """corpus, archive, index, state or manifests."""
    problem: str
    mend: str


def verify(
    output: Path,
    *,
    is_thorough: bool = False,
    phase: Callable[[str, str], Tell] = unwatched,
    elsewhere: Mapping[str, int] = MappingProxyType({}),
) -> Iterator[Fault]:
    """Faults, as they are found; none when all agree. `is_thorough` reads every byte.

    `phase` gives what is told of the progress of a part of the work, by its name and what it counts;
    `elsewhere`: archive files that need not be here, and how many bytes of them are published.
    Raises CorpusError when there is no corpus or its state cannot be read at all.
    """
    with Store(output, is_read_only=True) as store:
        if is_thorough:
            yield from _state(store)
        yield from _corpus(output, is_thorough=is_thorough, tell=phase("verify: corpus", "parts"))
        yield from _rows(store, output)
        yield from _index(store)
        tell = phase("verify: archive", "files")
        yield from _archive(store, output, elsewhere, is_thorough=is_thorough, tell=tell)
        for site, url in unclean(store):
            yield Fault("archive", f"{site}: {url} is forgotten and may still be in the archive", FORGET)
    yield from _manifests(output)


def _state(store: Store) -> Iterator[Fault]:
    for (line,) in store.rows("PRAGMA integrity_check"):
        if line != "ok":
            yield Fault("state", f"{STATE_FILE}: {line}", STATE)
    counted = "SELECT site, state, kind, coalesce(reason, ''), count(*) FROM urls GROUP BY 1, 2, 3, 4"
    noted = "SELECT site, state, kind, reason, n FROM url_counts WHERE n > 0"
    differing = {tuple(row) for row in store.rows(counted)} ^ {tuple(row) for row in store.rows(noted)}
    for row in sorted(differing)[:MAX_EXAMPLES]:
        yield Fault("state", f"{row[0]}: counts of its addresses differ ({', '.join(map(str, row[1:]))})", STATE)


def _corpus(output: Path, *, is_thorough: bool, tell: Tell) -> Iterator[Fault]:
    for problem in check_corpus(output, is_thorough=is_thorough, tell=tell):
        is_stray = problem.endswith(("never committed", "not ours"))
        site = problem.partition("site=")[2].partition("/")[0] or "SITE"
        yield Fault("corpus", problem, STRAY if is_stray else REPLAY.format(site=site))


def _rows(store: Store, output: Path) -> Iterator[Fault]:
    """Every article is in the part that the state names, and every duplicate repeats one that is kept."""
    kept = {row[0]: row[1:] for row in store.rows("SELECT id, part, site FROM kept")}
    with CorpusReader(output) as reader:
        found: dict[str, str] = {}
        for part in reader.parts(Dataset.ARTICLES):
            try:
                ids = reader.column(part, "id")
            except CorpusError:
                continue  # told of already
            found.update(dict.fromkeys(ids, part.path))
        wrong = [one for one in kept.keys() | found.keys() if one not in kept or found.get(one) != kept[one][0]]
        for article_id in sorted(wrong)[:MAX_EXAMPLES]:
            site = kept[article_id][1] if article_id in kept else "SITE"
            where = f"{found.get(article_id)}, the state says {kept.get(article_id, ('nowhere',))[0]}"
            yield Fault("corpus", f"article {article_id} is in {where}", REPLAY.format(site=site))
    query = "SELECT DISTINCT site FROM records WHERE outcome = 'duplicate' AND article_id NOT IN (SELECT id FROM kept)"
    for (site,) in store.rows(query):
        yield Fault("corpus", f"{site}: has duplicates of articles that are not kept", REPLAY.format(site=site))


def _index(store: Store) -> Iterator[Fault]:
    if not store.rows("SELECT 1 FROM sqlite_master WHERE name = 'dedup_article'"):
        if store.rows("SELECT 1 FROM kept LIMIT 1"):
            yield Fault("index", "there is none", INDEX)
        return
    for one, other, what in (("kept", "dedup_article", "lacks"), ("dedup_article", "kept", "still has")):
        query = f"SELECT count(*), min(id) FROM {one} WHERE id NOT IN (SELECT id FROM {other})"  # noqa: S608 - constants
        n, example = store.rows(query)[0]
        if n:
            yield Fault("index", f"it {what} {n:,} articles, {example} for one", INDEX)


def _archive(
    store: Store, output: Path, elsewhere: Mapping[str, int], *, is_thorough: bool, tell: Tell
) -> Iterator[Fault]:
    places: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    emptied = forgotten_pages(store)
    for file, offset, length, *page in store.rows("SELECT file, offset, length, site, url FROM records ORDER BY 1, 2"):
        if tuple(page) not in emptied:
            places[file].append((offset, length))
    for file, end in store.rows("SELECT file, end FROM archive_ends"):
        places[file].append((end, 0))
    for n_done, (file, spans) in enumerate(sorted(places.items())):
        tell(n_done, len(places))
        path = output / file
        if not path.is_file() and elsewhere.get(file, 0) >= max(offset + length for offset, length in spans):
            continue
        if not path.is_file():
            yield Fault("archive", f"{file}: missing, {len(spans):,} records name it", COPY)
        elif path.stat().st_size < max(offset + length for offset, length in spans):
            yield Fault("archive", f"{file}: {path.stat().st_size} bytes, shorter than what was synced", COPY)
        else:
            yield from _file(output, file, spans, is_thorough=is_thorough)


def _file(output: Path, file: str, spans: list[tuple[int, int]], *, is_thorough: bool) -> Iterator[Fault]:
    answers = [offset for offset, length in spans if length]
    if is_thorough:
        tail = scan_tail(output / file, 0)
        whole = {pointer.offset for pointer, _ in tail}
        if tail.problem is not None:
            yield Fault("archive", tail.problem, COPY)
        wrong = [offset for offset in answers if offset not in whole]
    else:
        with (output / file).open("rb") as opened:
            wrong = [offset for offset in answers if not _begins_record(opened, offset)]
    if wrong:
        yield Fault("archive", f"{file}: {len(wrong):,} answers cannot be read, that at byte {wrong[0]} for one", COPY)


def _begins_record(opened: BinaryIO, offset: int) -> bool:
    opened.seek(offset)
    return opened.read(2) in {GZIP, b"WA"}


def _manifests(output: Path) -> Iterator[Fault]:
    for path in sorted((output / RUNS_FOLDER).glob("*.json")):
        try:
            problems = check(read_manifest(path))
        except CorpusError as error:
            problems = [" ".join(str(error).split())[:200]]
        for problem in problems:
            yield Fault("manifests", f"{RUNS_FOLDER}/{path.name}: {problem}", MANIFEST)
