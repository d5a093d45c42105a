"""Commits of a published corpus, and what they come to: the files of one moment, and who writes."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from crawler.corpus.parts import Part  # noqa: TC001 - msgspec reads the annotations at run time

FORMAT = 1
READERS_GRACE = timedelta(hours=1)
"""How long an object stays after a commit took it out: for readers who hold a list of before."""


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Who writes a site."""

    writer: str
    """Name of a working folder: the same folder goes on where it was, another one reads the commits first."""
    epoch: int
    """Raised by one whenever a writer takes the site."""
    run_id: str
    host: str
    pid: int
    at: datetime
    """When the writer was last heard of."""
    is_over: bool = False
    """The run came to its end and let go."""


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes `start` to `end` of an archive file, whole records: itself a WARC file."""

    start: int
    end: int
    sha256: str


class Commit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One object below `commits/`: all of it counts, or nothing."""

    id: str
    """Random: tells the commits of two writers apart that come to the same number."""
    corpus: str
    """Random, made with the first commit: which corpus this is."""
    number: int
    writer: str
    run_id: str
    at: datetime
    claims: dict[str, Claim] = {}
    added: tuple[Part, ...] = ()
    removed: tuple[str, ...] = ()
    """Paths of parts."""
    archive: dict[str, tuple[Segment, ...]] = {}
    """By archive file: segments from the start of the first one on; what was there before goes."""
    runs: tuple[str, ...] = ()
    """Names of new run manifests."""
    open: dict[str, int] = {}
    """By site: addresses that wait and records without an outcome."""
    format: int = FORMAT

    def brings(self) -> set[str]:
        """Keys of its objects, run manifests aside."""
        segments = {segment_key(file, one) for file, some in self.archive.items() for one in some}
        return segments | {part_key(part) for part in self.added}


class Published(msgspec.Struct, kw_only=True):
    """What the commits up to `number` come to."""

    corpus: str = ""
    number: int = 0
    claims: dict[str, Claim] = {}
    parts: dict[str, Part] = {}
    """By path, in the order in which they were committed."""
    archive: dict[str, tuple[Segment, ...]] = {}
    runs: dict[str, str] = {}
    """Names of run manifests, and of the writer of each."""
    open: dict[str, int] = {}
    touched: dict[str, int] = {}
    """By site: the last commit that changed its parts."""
    gone: dict[str, datetime] = {}
    """Objects that a commit took out, and when: kept for readers for a while."""
    format: int = FORMAT

    def copy(self) -> Published:
        """One that can be kept while this one goes on."""
        return msgspec.structs.replace(
            self, **{name: dict(value) for name, value in msgspec.structs.asdict(self).items() if type(value) is dict}
        )

    def apply(self, commit: Commit) -> None:
        """Take the next commit in."""
        self.corpus, self.number = commit.corpus, commit.number
        self.gone = {key: at for key, at in self.gone.items() if commit.at - at < READERS_GRACE}
        sites = {self.parts[path].site for path in commit.removed} | {part.site for part in commit.added}
        self.touched |= dict.fromkeys(sites, commit.number)
        for path in commit.removed:
            self.gone[part_key(self.parts.pop(path))] = commit.at
        for part in commit.added:
            if part.path in self.parts:
                self.gone[part_key(self.parts.pop(part.path))] = commit.at
            self.parts[part.path] = part
        for file, segments in commit.archive.items():
            before = self.archive.get(file, ())
            stays = tuple(one for one in before if one.end <= segments[0].start)
            for one in before[len(stays) :]:
                self.gone[segment_key(file, one)] = commit.at
            self.archive[file] = stays + segments
        for key in commit.brings():  # taken out and put in again
            self.gone.pop(key, None)
        self.claims |= commit.claims
        self.open |= commit.open
        self.runs |= dict.fromkeys(commit.runs, commit.writer)

    def sites(self) -> set[str]:
        """All that were ever written."""
        return set(self.claims)

    def site_parts(self, site: str) -> dict[str, Part]:
        """The parts of a site by path."""
        return {path: part for path, part in self.parts.items() if part.site == site}

    def site_archive(self, site: str) -> dict[str, tuple[Segment, ...]]:
        """The archive of a site, oldest file first."""
        start = f"archive/{site}/"
        return {file: self.archive[file] for file in sorted(self.archive) if file.startswith(start)}

    def archive_end(self, file: str) -> int:
        """Bytes of an archive file that are published."""
        segments = self.archive.get(file)
        return segments[-1].end if segments else 0

    def keys(self) -> set[str]:
        """Objects that belong to the corpus of this moment, run manifests aside."""
        segments = {segment_key(file, one) for file, some in self.archive.items() for one in some}
        return segments | {part_key(part) for part in self.parts.values()}


def part_key(part: Part) -> str:
    """Where a part lies: its path with the beginning of its checksum, so that no content replaces another."""
    return f"{part.path.removesuffix('.parquet')}.{part.sha256[:12]}.parquet"


def segment_key(file: str, segment: Segment) -> str:
    """Where a segment of an archive file lies."""
    return f"{file.removesuffix('.warc.gz')}/{segment.start:012d}.{segment.sha256[:12]}.warc.gz"


def run_key(run: str) -> str:
    """Where a run manifest lies."""
    return f"runs/{run}.json"
