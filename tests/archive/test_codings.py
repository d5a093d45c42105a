from __future__ import annotations

import gzip
import io
import random
import tracemalloc
import zlib
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

import brotli
import pytest
from fastwarc.stream_io import ZstdWriter
from hypothesis import given
from hypothesis import strategies as st

from crawler.archive import Exchange, decode_body
from crawler.archive.codings import join_chunks
from crawler.errors import ArchiveError, TooLargeError, TruncatedError

HTML = ("<html><p>Sáng 1/3, mưa lớn gây ngập nhiều tuyến đường.</p>" * 400).encode()


def _zstd(data: bytes) -> bytes:
    buffer = io.BytesIO()
    writer = ZstdWriter(buffer)
    writer.write(data)
    writer.finish()
    del writer  # only then is everything in the buffer
    return buffer.getvalue()


def _raw_deflate(data: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-15)
    return deflater.compress(data) + deflater.flush()


PACK = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": partial(brotli.compress, quality=4),
    "zstd": _zstd,
    "raw": _raw_deflate,
}


def _exchange(body: bytes, *codings: str, truncated: str | None = None) -> Exchange:
    headers = tuple(("content-encoding", coding) for coding in codings)
    return Exchange("https://a.example/1", 200, headers, body, datetime.now(UTC), truncated=truncated)


@pytest.mark.parametrize(
    ("body", "codings"),
    [
        (HTML, ()),
        (HTML, ("identity",)),
        (gzip.compress(HTML), ("gzip",)),
        (gzip.compress(HTML), ("X-GZIP",)),
        (zlib.compress(HTML), ("deflate",)),
        (_raw_deflate(HTML), ("deflate",)),
        (brotli.compress(HTML), ("br",)),
        (_zstd(HTML), ("zstd",)),
        (brotli.compress(gzip.compress(HTML)), ("gzip, br",)),
        (gzip.compress(gzip.compress(HTML)), ("gzip", "gzip")),
        (gzip.compress(HTML[:500]) + gzip.compress(HTML[500:]), ("gzip",)),
        (gzip.compress(HTML) + b"\0" * 40, ("gzip",)),
    ],
)
def test_codings_are_undone(body, codings):
    assert decode_body(_exchange(body, *codings)) == HTML


@pytest.mark.parametrize(
    ("body", "codings"),
    [
        (HTML, ("gzip",)),
        (HTML, ("br",)),
        (HTML, ("deflate",)),
        (HTML, ("zstd",)),
        (HTML, ("none",)),
        (HTML, ("utf-8",)),
        (gzip.compress(HTML), ()),
        (gzip.compress(HTML), ("br",)),
        (gzip.compress(HTML), ("deflate",)),
        (_zstd(HTML), ("gzip",)),
        (gzip.compress(gzip.compress(HTML)), ("gzip",)),
    ],
)
def test_the_body_decides_when_the_header_lies(body, codings):
    assert decode_body(_exchange(body, *codings)) == HTML


def test_plain_text_that_is_called_brotli_stays():
    text = "User-agent: *\nDisallow: /tìm-kiếm\n".encode()
    assert decode_body(_exchange(text, "br")) == text


@pytest.mark.parametrize(("coding", "pack"), [("gzip", "gzip"), ("deflate", "deflate"), ("br", "br"), ("zstd", "zstd")])
def test_a_cut_stream_is_told_or_given_as_far_as_it_came(coding, pack):
    noise = bytes(range(256)) * 300 + HTML
    body = PACK[pack](noise)[:-30]
    with pytest.raises(TruncatedError, match=r"https://a\.example/1: .* ends early"):
        decode_body(_exchange(body, coding))
    assert noise.startswith(decode_body(_exchange(body, coding, truncated="disconnect")))


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_damaged_stream_is_no_cut_one(coding):
    """Another try mends a cut body; one that contradicts itself comes the same again. None of both is silent."""
    dice = random.Random(7)  # noqa: S311 - no secret
    page = " ".join(str(dice.random()) for _ in range(8_000)).encode()
    packed = PACK[coding](page)
    told = Counter()
    for at in range(len(packed) // 8, len(packed) - 40, 1997):
        body = bytearray(packed)
        body[at : at + 20] = bytes(255 - byte for byte in body[at : at + 20])
        try:
            told["read" if decode_body(_exchange(bytes(body), coding)) == page else "silent"] += 1
        except ArchiveError as error:
            told[type(error).__name__] += 1
    assert told["ArchiveError"] > told["TruncatedError"] or coding == "zstd"
    if coding in {"gzip", "deflate"}:  # they end with a checksum; the others need not have one
        assert told["silent"] == told["read"] == 0


def test_gzip_that_was_changed_at_its_end_is_an_error():
    body = bytearray(gzip.compress(HTML))
    body[-6] ^= 0xFF
    with pytest.raises(ArchiveError, match="damaged"):
        decode_body(_exchange(bytes(body), "gzip"))


def test_three_codings_are_refused():
    with pytest.raises(ArchiveError, match="3 content-encodings"):
        decode_body(_exchange(gzip.compress(HTML), "gzip, gzip, gzip"))


@pytest.mark.parametrize(
    ("stored", "joined"),
    [
        (b"5\r\nhello\r\n0\r\n\r\n", b"hello"),
        (b"5;a=b\r\nhello\r\n00a  \r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n", b"hello0123456789"),
        (b"5\nhello\n0\n\n", b"hello"),
        (b"5\r\nhello\r\nff\r\ncut", b"hellocut"),
        (b"5\r\nhello", b"hello"),
        (b"0\r\n\r\n", b""),
        (b"<p>hello</p>", b"<p>hello</p>"),
        (b"", b""),
    ],
)
def test_chunks_are_joined_as_far_as_they_came(stored, joined):
    assert join_chunks(stored) == joined


def test_a_third_coding_that_is_not_said_stays():
    twice = gzip.compress(gzip.compress(HTML))
    assert decode_body(_exchange(gzip.compress(twice), "gzip, gzip")) == gzip.compress(HTML)


@pytest.mark.parametrize(("coding", "pack"), [("gzip", "gzip"), ("deflate", "deflate"), ("br", "br"), ("zstd", "zstd")])
@pytest.mark.parametrize("is_nested", [False, True])
def test_bombs_stop_at_the_cap(coding, pack, is_nested):
    bomb = PACK[pack](bytes(24 << 20))
    exchange = _exchange(gzip.compress(bomb), coding, "gzip") if is_nested else _exchange(bomb, coding)
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError, match="unpacks to more than 1048576 bytes"):
            decode_body(exchange, 1 << 20)
        assert tracemalloc.get_traced_memory()[1] < 12 << 20
    finally:
        tracemalloc.stop()


def test_a_plain_body_has_the_same_cap():
    with pytest.raises(TooLargeError):
        decode_body(_exchange(HTML), 100)


def test_many_empty_members_end_soon():
    assert decode_body(_exchange(gzip.compress(b"") * 100_000, "gzip")) == b""


@given(st.binary(max_size=300), st.sampled_from(["", "gzip", "deflate", "br", "zstd", "gzip, br", "br, br"]))
def test_any_bytes_give_bytes_or_an_archive_error(body, coding):
    with suppress(ArchiveError):
        assert len(decode_body(_exchange(body, coding), 10_000)) <= 10_000


@given(st.binary(max_size=2000), st.sampled_from(sorted(PACK)))
def test_what_was_packed_comes_back(body, coding):
    if body.startswith((b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd")):
        return
    assert decode_body(_exchange(PACK[coding](body), "deflate" if coding == "raw" else coding)) == body
