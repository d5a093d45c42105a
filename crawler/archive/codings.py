"""Undo encodings of bodies nobody vouches for: capped, at most two, and by what the bytes are."""

from __future__ import annotations

import io
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import brotli  # type: ignore[import-untyped]
from fastwarc.stream_io import ZstdReader

from crawler.errors import ArchiveError, TooLargeError, TruncatedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_CODINGS = 2
"""More than a server and one proxy can have put on; chains of codings are a known attack (CVE-2025-66418)."""
MAX_MEMBERS = 100
"""Gzip members joined in one body; a body of empty members costs time without end."""

MAX_RATIO = 250
"""Bytes that one byte on the wire may become; pages and sitemaps come to 5 to 60, bombs to a thousand and more."""
RATIO_FREE = 4 << 20
"""Bytes that any body may unpack to, however well it was packed."""

_PIECE = 1 << 16
_CHUNK = 1 << 12
"""Compressed bytes unpacked at a time: at most 4 MiB come out of them (deflate packs 1,032 to 1)."""
_CHUNK_HEAD = re.compile(rb"(?:\r?\n)?([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,999})?\r?\n")
_SAMPLE = 64
_SHORTEST = 8
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\f\r")
_GZIP = b"\x1f\x8b\x08"
_ZSTD = b"\x28\xb5\x2f\xfd"
_SPELLINGS = {"x-gzip": "gzip", "gzip": "gzip", "deflate": "deflate", "br": "br", "zstd": "zstd"}


class _CutError(Exception):
    """The stream ended before its own end mark."""


class _DamagedError(Exception):
    """The stream is not what its coding says."""


@dataclass(slots=True)
class _Output:
    max_bytes: int
    data: bytearray

    def fill(self, pieces: Iterator[bytes]) -> None:
        for piece in pieces:
            self.data += piece
            if len(self.data) > self.max_bytes:
                raise TooLargeError


def decode(body: bytes, codings: str, *, max_bytes: int, where: str, is_cut: bool = False) -> bytes:
    """Undo the comma-separated `codings`, last first; see `exchange.decode_body`. `where` names the body in errors."""
    max_bytes = min(max_bytes, max(RATIO_FREE, MAX_RATIO * len(body)))
    said = [_SPELLINGS[name] for part in codings.lower().split(",") if (name := part.strip()) in _SPELLINGS]
    if len(said) > MAX_CODINGS:
        raise ArchiveError(f"{where}: {len(said)} content-encodings, at most {MAX_CODINGS} are undone")
    try:
        for _ in range(MAX_CODINGS):
            coding = _coding(body, said.pop() if said else None)
            if coding is None:
                break
            body = _undo(body, coding, max_bytes, is_cut=is_cut)
    except _CutError:
        raise TruncatedError(f"{where}: the compressed body ends early") from None
    except _DamagedError as error:
        raise ArchiveError(f"{where}: the compressed body is damaged ({error})") from None
    except TooLargeError:
        raise TooLargeError(f"{where}: the body unpacks to more than {max_bytes} bytes") from None
    if len(body) > max_bytes:
        raise TooLargeError(f"{where}: the body has more than {max_bytes} bytes")
    return body


def join_chunks(body: bytes) -> bytes:
    """The body of a stored `transfer-encoding: chunked` answer, as far as it came; one that is no chunks stays.

    Many tools store the chunks as sent, others join them and leave the header.
    """
    joined = bytearray()
    start = 0
    while match := _CHUNK_HEAD.match(body, start):
        start = match.end() + int(match[1], 16)
        joined += body[match.end() : start]
    return bytes(joined) if start else body


def _coding(body: bytes, said: str | None) -> str | None:
    """What the body is; only brotli and deflate, which have no mark of their own, are taken on trust."""
    if body.startswith(_GZIP):
        return "gzip"
    if body.startswith(_ZSTD):
        return "zstd"
    if said in ("br", "deflate") and body and not _is_text(body[:_SAMPLE]):
        return said
    return None


def _is_text(sample: bytes) -> bool:
    """No control character and UTF-8 as far as it goes: 64 compressed bytes are that once in far over a million."""
    if len(sample) < _SHORTEST or _CONTROLS & set(sample):
        return False
    return len(sample.decode(errors="ignore").encode()) > len(sample) - 4


def _undo(body: bytes, coding: str, max_bytes: int, *, is_cut: bool) -> bytes:
    output = _Output(max_bytes, bytearray())
    try:
        output.fill(_DECODERS[coding](body))
    except (_CutError, _DamagedError):
        if not is_cut:
            raise
    return bytes(output.data)


def _inflate(body: bytes, wbits: int) -> Iterator[bytes]:
    view = memoryview(body)
    start = 0
    for _ in range(MAX_MEMBERS):
        inflater = zlib.decompressobj(wbits)
        while not inflater.eof:
            chunk = view[start : start + _CHUNK]
            if not chunk:
                raise _CutError
            yield _inflated(inflater, chunk)
            start += len(chunk) - len(inflater.unused_data)
        if body[start : start + len(_GZIP)] != _GZIP:  # anything else after the end is padding
            return


def _inflated(inflater: zlib._Decompress, chunk: memoryview) -> bytes:
    try:
        return inflater.decompress(chunk)
    except zlib.error as error:
        raise _DamagedError(error) from None


def _gunzip(body: bytes) -> Iterator[bytes]:
    return _inflate(body, 16 + zlib.MAX_WBITS)


def _undeflate(body: bytes) -> Iterator[bytes]:
    """RFC 9110 means zlib's wrapping; many servers send the naked stream."""
    is_wrapped = len(body) > 1 and body[0] & 0x0F == zlib.DEFLATED and int.from_bytes(body[:2]) % 31 == 0
    return _inflate(body, zlib.MAX_WBITS if is_wrapped else -zlib.MAX_WBITS)


def _unbrotli(body: bytes) -> Iterator[bytes]:
    decoder = brotli.Decompressor()
    rest = body
    try:
        while not decoder.is_finished():
            piece = decoder.process(rest, output_buffer_limit=_PIECE)
            if not piece and decoder.can_accept_more_data() and not decoder.is_finished():
                raise _CutError
            rest = b""
            yield piece
    except brotli.error as error:
        raise _DamagedError(error) from None


def _unzstd(body: bytes) -> Iterator[bytes]:
    """Damage is seen where the stream contradicts itself or has a checksum; servers seldom send one."""
    reader = ZstdReader(io.BytesIO(body))
    try:
        while piece := reader.read(_PIECE):
            yield piece
    except OSError as error:
        raise (_CutError if "incomplete" in str(error) else _DamagedError(error)) from None


_DECODERS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "gzip": _gunzip,
    "deflate": _undeflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
