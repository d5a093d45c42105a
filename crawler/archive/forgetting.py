"""Take answers out of a WARC file so that every other record stays where its pointer says.

In the place of each comes a record of the very same length that holds nothing: a short gzip member, made as long as
the old one by a comment in its header (RFC 1952, FCOMMENT), which every reader skips. The file is written anew and
takes the old one's place at once.
"""

from __future__ import annotations

import uuid
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crawler import disk
from crawler.archive.parsing import parse_heading
from crawler.archive.spans import Spans
from crawler.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from crawler.archive.spans import Span

_HEADER = b"\x1f\x8b\x08%c\x00\x00\x00\x00\x02\xff"
_COMMENT = 0x10
_BLOCK = b"forgotten: on request\r\n"
_COPIED_AT_ONCE = 1 << 20


def take_out(path: Path, urls: Collection[str], offsets: Collection[int] = ()) -> int:
    """Empty the answers of `urls`, and the records that begin at `offsets`; returns how many were emptied.

    Raises ArchiveError when the file cannot be read or written; then it is as it was.
    """
    spans = Spans(path)
    found = [span for span in spans if _is_meant(span, urls, offsets, path)]
    if spans.problem is not None:
        raise ArchiveError(spans.problem)
    if not found:
        return 0
    try:
        _rewrite(path, found)
    except OSError as error:
        raise ArchiveError(disk.describe(error)) from None
    return len(found)


def _is_meant(span: Span, urls: Collection[str], offsets: Collection[int], path: Path) -> bool:
    heading = parse_heading(span.data, f"{path} at byte {span.offset}")
    return heading is not None and (heading.url in urls or span.offset in offsets)


def _rewrite(path: Path, found: list[Span]) -> None:
    with path.open("rb") as old, disk.replacing(path) as new:
        for span in found:
            _copy(old, new, span.offset - old.tell())
            new.write(empty_member(span.length))
            old.seek(span.length, 1)
        _copy(old, new, path.stat().st_size - old.tell())


def _copy(old: object, new: disk.File, n: int) -> None:
    while n > 0:
        chunk = old.read(min(n, _COPIED_AT_ONCE))  # type: ignore[attr-defined]
        if not chunk:
            return
        new.write(chunk)
        n -= len(chunk)


def empty_member(length: int) -> bytes:
    """A gzip member of `length` bytes: a metadata record that says that something was here.

    Raises ArchiveError below about 250 bytes: no answer is that short.
    """
    head = (
        f"WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: <urn:uuid:{uuid.uuid4()}>\r\n"
        f"WARC-Date: {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\r\nContent-Type: application/warc-fields\r\n"
        f"Content-Length: {len(_BLOCK)}\r\n\r\n"
    )
    record = head.encode() + _BLOCK + b"\r\n\r\n"
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = deflater.compress(record) + deflater.flush()
    end = zlib.crc32(record).to_bytes(4, "little") + len(record).to_bytes(4, "little")
    n_padding = length - len(_HEADER % 0) - len(body) - len(end)
    if n_padding < 0:
        raise ArchiveError(f"a record of {length} bytes cannot be emptied")
    comment = b" " * (n_padding - 1) + b"\x00" if n_padding else b""
    return _HEADER % (_COMMENT if n_padding else 0) + comment + body + end
