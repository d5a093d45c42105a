"""Read exchanges back: one by its pointer, or the tail of a file after a crash."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

from crawler import disk
from crawler.archive.parsing import parse_record
from crawler.archive.spans import GZIP, MAX_RECORD_BYTES, Spans
from crawler.errors import ArchiveError
from crawler.items import Pointer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crawler.archive.exchange import Exchange, Headers


def read_exchange(output: Path, pointer: Pointer) -> Exchange:
    """The response or revisit at `pointer`, its digest checked, without request headers.

    Raises ArchiveError when the file is missing, outside of `output`, or the record is damaged.
    """
    path = output / pointer.file
    if not path.resolve().is_relative_to(output.resolve()):
        raise ArchiveError(f"{pointer.file}: outside of the output folder")
    return read_at(path, pointer.offset, pointer.length)


def read_at(path: Path, offset: int, length: int) -> Exchange:
    """The response or revisit in `length` bytes at `offset` of a file, gzip or plain; errors as `read_exchange`."""
    where = f"{path} at byte {offset}"
    try:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read(min(length, MAX_RECORD_BYTES))
    except (OSError, ValueError) as error:
        raise ArchiveError(f"{where}: {getattr(error, 'strerror', None) or error}") from None
    record = parse_record(_unpacked(data, where) if data.startswith(GZIP) else data, where)
    if record.exchange is None:
        raise ArchiveError(f"{where}: a {record.type} record, no answer of a server")
    return record.exchange


def _unpacked(data: bytes, where: str) -> bytes:
    inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        record = inflater.decompress(data, MAX_RECORD_BYTES)
    except zlib.error as error:
        raise ArchiveError(f"{where}: the record is damaged ({error})") from None
    if not inflater.eof:
        what = "larger than is read" if inflater.unconsumed_tail else "cut"
        raise ArchiveError(f"{where}: the record is {what}")
    return record


class Tail:
    """What `scan_tail` finds: iterate it, then read `end` and `problem`."""

    def __init__(self, path: Path, start: int) -> None:
        self._spans = Spans(path, start)
        self._file = "/".join(path.parts[-3:])
        self.end = start
        """First byte after the last whole exchange: a request whose answer is missing lies beyond."""
        self.problem: str | None = None
        """One line that names file and offset when something follows that is not whole."""

    def __iter__(self) -> Iterator[tuple[Pointer, Exchange]]:
        request_headers: Headers = ()
        for span in self._spans:
            try:
                record = parse_record(span.data, f"{self._spans.path} at byte {span.offset}", is_cut=span.is_cut)
            except ArchiveError as error:
                self.problem = str(error)
                return
            if record.type == "request":
                request_headers = record.request_headers
                continue
            self.end = span.offset + span.length
            if record.exchange is not None:
                yield (
                    Pointer(self._file, span.offset, span.length),
                    replace(record.exchange, request_headers=request_headers),
                )
            request_headers = ()
        self.problem = self._spans.problem
        if self.problem is None and self._spans.end > self.end:
            self.problem = f"{self._spans.path}: the request at byte {self.end} has no answer"


def scan_tail(path: Path, start: int) -> Tail:
    """The whole exchanges of one of our files from byte `start` on, in order, and where the whole part ends."""
    return Tail(path, start)


def truncate_torn_tail(path: Path, end: int) -> int:
    """Cut the file after `end`; returns how many bytes were cut. After a power cut they may be back, to be cut again.

    Raises ArchiveError when the file is shorter than `end`: then the disk lost what it had promised to keep.
    """
    try:
        with disk.append(path) as file:
            n_cut = file.tell() - end
            if n_cut < 0:
                raise ArchiveError(f"{path}: {-n_cut} bytes that were synced are gone; check the disk")
            if n_cut:
                file.truncate(end)
    except OSError as error:
        raise ArchiveError(disk.describe(error)) from None
    return n_cut
