"""Find where records begin and end in a WARC file, gzip or plain, and tell exactly where the whole part ends."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Literal, Protocol

from crawler.archive.exchange import MAX_BODY_BYTES
from crawler.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_RECORD_BYTES = MAX_BODY_BYTES + (1 << 20)
"""Most of a record, unpacked, that is held in memory: a body and one mebibyte of heads."""
GZIP = b"\x1f\x8b"

_CHUNK = 1 << 14
_MAX_HEAD_LINES = 200
_MAX_LINE = 1 << 16


@dataclass(frozen=True, slots=True)
class Span:
    """One whole record."""

    offset: int
    """First byte in the file."""
    length: int
    """Bytes in the file, compressed."""
    data: bytes
    """The record, unpacked, cut at MAX_RECORD_BYTES."""
    is_cut: bool
    """Whether the record is larger than that."""


class Openable(Protocol):
    """A file that can be opened, wherever it lies; a Path is one. Its text names it in messages."""

    def open(self, mode: Literal["rb"], /) -> BinaryIO:
        """To be read and sought in. Raises OSError."""


class Spans:
    """The whole records of `path` from `start` on. After iteration `end` and `problem` say how it ended.

    Raises ArchiveError when the file is missing or cannot be read.
    """

    def __init__(self, path: Openable, start: int = 0) -> None:
        self.path = path
        self.end = start
        """First byte after the last whole record."""
        self.problem: str | None = None
        """One line that names file and offset when something follows that is no whole record."""

    def __iter__(self) -> Iterator[Span]:
        try:
            with self.path.open("rb") as file:
                yield from self._spans(file)
        except OSError as error:
            raise ArchiveError(f"{self.path}: {error.strerror or error}") from None

    def _spans(self, file: BinaryIO) -> Iterator[Span]:
        file.seek(self.end)
        mark = file.read(5)
        file.seek(self.end)
        if not mark:
            return
        if not mark.startswith(GZIP) and mark != b"WARC/":
            self.problem = f"{self.path}: what begins at byte {self.end} is no WARC record, neither gzip nor plain"
            return
        find = _gzip_spans if mark.startswith(GZIP) else _plain_spans
        try:
            for span in find(file, self.end):
                self.end = span.offset + span.length
                yield span
        except (_CutError, zlib.error) as error:
            what = "ends inside a record" if isinstance(error, _CutError) else f"is damaged ({error})"
            self.problem = f"{self.path}: the file {what}; what begins at byte {self.end} is missing"


class _CutError(Exception):
    """The file ends before the record does."""


def _gzip_spans(file: BinaryIO, offset: int) -> Iterator[Span]:
    rest = file.read(_CHUNK)
    while rest:
        data, is_cut, length, rest = _member(file, rest)
        yield Span(offset, length, data, is_cut)
        offset += length
        rest = rest or file.read(_CHUNK)


def _member(file: BinaryIO, chunk: bytes) -> tuple[bytes, bool, int, bytes]:
    """Data, whether it was cut, length in the file, and the bytes read beyond it."""
    inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
    data = bytearray()
    length = 0
    is_cut = False
    while chunk:
        data += inflater.decompress(chunk)
        length += len(chunk)
        if len(data) > MAX_RECORD_BYTES:
            is_cut = True
            del data[MAX_RECORD_BYTES:]
        if inflater.eof:
            rest = inflater.unused_data
            return bytes(data), is_cut, length - len(rest), rest
        chunk = file.read(_CHUNK)
    raise _CutError


def _plain_spans(file: BinaryIO, offset: int) -> Iterator[Span]:
    size = file.seek(0, 2)
    while offset < size:
        file.seek(offset)
        head, n_block = _plain_head(file)
        end = offset + len(head) + n_block
        if end > size:
            raise _CutError
        data = head + file.read(min(n_block, MAX_RECORD_BYTES - len(head)))
        is_cut = len(data) < len(head) + n_block
        file.seek(end)
        end += _line_ends(file.read(4))
        yield Span(offset, end - offset, data, is_cut)
        offset = end


def _plain_head(file: BinaryIO) -> tuple[bytes, int]:
    """The record's head with its empty line, and the length of its block as it says."""
    lines: list[bytes] = []
    n_block = 0
    while len(lines) < _MAX_HEAD_LINES:
        lines.append(line := file.readline(_MAX_LINE))
        if not line.endswith(b"\n"):
            raise _CutError
        if not line.strip():
            return b"".join(lines), n_block
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length" and value.strip().isdigit():
            n_block = int(value[:20])
    raise _CutError


def _line_ends(after: bytes) -> int:
    return len(after) - len(after.lstrip(b"\r\n"))
