"""Does a published corpus add up: is every object there that the commits name, and as long as they say?"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from crawler.publishing import sweeping
from crawler.publishing.commits import part_key, run_key, segment_key
from crawler.publishing.log import CommitLog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.publishing.commits import Published
    from crawler.storage.objects import Objects

LOST = "a folder that has the file publishes it again: crawl the site there; else bring it back from a copy"
ORPHAN = "the next crawl of its site deletes it"


class Finding(NamedTuple):
    """Something that does not agree."""

    problem: str
    mend: str


def archive_ends(published: Published) -> dict[str, int]:
    """Bytes of each archive file that are published."""
    return {file: segments[-1].end for file, segments in published.archive.items()}


def check_published(objects: Objects, *, is_thorough: bool = False) -> Iterator[Finding]:
    """What is missing, of another size, or named by no commit; `is_thorough` reads every byte. Raises StorageError."""
    published = CommitLog(objects).refresh()
    expected = {part_key(part): (part.bytes, part.sha256) for part in published.parts.values()}
    for file, segments in published.archive.items():
        expected |= {segment_key(file, one): (one.end - one.start, one.sha256) for one in segments}
    there = {found.key: found.size for found in objects.list("")}
    for key, (size, sha256) in sorted(expected.items()):
        if there.get(key) != size:
            what = "missing" if key not in there else f"{there[key]} bytes, its commit says {size}"
            yield Finding(f"{objects.address(key)}: {what}", LOST)
        elif is_thorough and _sha256(objects, key, size) != sha256:
            yield Finding(f"{objects.address(key)}: SHA-256 differs from its commit's", LOST)
    for run in sorted(published.runs):
        if run_key(run) not in there:
            yield Finding(f"{objects.address(run_key(run))}: missing", "nothing depends on it")
    found = [
        key for key in sweeping.orphans(objects, published, sorted(published.sites())) if key not in published.gone
    ]
    if found:
        example = objects.address(found[0])
        yield Finding(f"{len(found):,} objects belong to no commit, {example} for one", ORPHAN)


def _sha256(objects: Objects, key: str, size: int) -> str:
    digest = hashlib.sha256()
    for piece in objects.pieces(key, size):
        digest.update(piece)
    return digest.hexdigest()
