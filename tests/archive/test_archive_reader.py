from __future__ import annotations

import gzip
import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.archive import ArchiveIndex, ArchiveWriter, Exchange, read_exchange, scan_tail, truncate_torn_tail
from crawler.errors import ArchiveError, CollectorError
from crawler.items import Pointer

AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Output folder and the pointers of four exchanges in one file."""
    output = tmp_path_factory.mktemp("archive")
    with ArchiveWriter(output, "a", 1) as writer:
        pointers = [
            writer.append(Exchange(f"https://a.example/{n}", 200, (), os.urandom(200), AT + timedelta(seconds=n)))
            for n in range(4)
        ]
    return output, pointers


def test_every_cut_gives_the_whole_exchanges_and_says_where_they_end(archive, tmp_path):
    output, pointers = archive
    data = (output / pointers[0].file).read_bytes()
    third = pointers[2]
    whole_end = third.offset + third.length
    path = tmp_path / "torn.warc.gz"
    for size in range(whole_end, len(data)):
        path.write_bytes(data[:size])
        tail = scan_tail(path, 0)
        assert [(found.offset, found.length) for found, _ in tail] == [(p.offset, p.length) for p in pointers[:3]]
        assert tail.end == whole_end
        if size > whole_end:
            assert tail.problem is not None
            assert str(path) in tail.problem
            assert "\n" not in tail.problem
            assert "byte" in tail.problem
        if size % 16:
            continue
        assert truncate_torn_tail(path, tail.end) == size - whole_end
        assert path.read_bytes() == data[:whole_end]


@pytest.mark.parametrize("filler", [b"\0" * 5000, b"\xff" * 10, b"\x1f\x8b", b"WARC/1.1\r\n", b"\n" * 3000])
def test_whatever_follows_the_whole_part_is_told(archive, tmp_path, filler):
    output, pointers = archive
    path = tmp_path / "torn.warc.gz"
    data = (output / pointers[0].file).read_bytes()
    path.write_bytes(data + filler)
    for start in (0, len(data)):
        tail = scan_tail(path, start)
        assert len(list(tail)) == (0 if start else 4)
        assert tail.end == len(data)
        assert f"{path}" in str(tail.problem)


def test_a_scan_begins_where_it_is_told(archive):
    output, pointers = archive
    second = pointers[1]
    tail = scan_tail(output / second.file, second.offset + second.length)
    assert [pointer for pointer, _ in tail] == pointers[2:]
    assert tail.problem is None
    assert list(scan_tail(output / second.file, (output / second.file).stat().st_size)) == []


def test_a_file_shorter_than_promised_is_an_error(tmp_path):
    path = tmp_path / "short.warc.gz"
    path.write_bytes(b"x" * 10)
    with pytest.raises(ArchiveError, match="5 bytes that were synced are gone"):
        truncate_torn_tail(path, 15)
    assert truncate_torn_tail(path, 10) == 0
    with pytest.raises(ArchiveError, match=r"none\.gz: No such file"):
        truncate_torn_tail(tmp_path / "none.gz", 0)


def test_a_flipped_byte_is_found_anywhere(archive, tmp_path):
    output, pointers = archive
    data = (output / pointers[0].file).read_bytes()
    (tmp_path / "x").write_bytes(data)
    wanted = read_exchange(output, pointers[1])
    for position in range(pointers[1].offset, pointers[1].offset + pointers[1].length):
        damaged = bytearray(data)
        damaged[position] ^= 0x55
        (tmp_path / "x").write_bytes(damaged)
        with suppress(ArchiveError):
            back = read_exchange(tmp_path, Pointer("x", pointers[1].offset, pointers[1].length))
            assert back == wanted, "only what says nothing may change: the time and system in the gzip head"


def test_a_digest_that_does_not_fit_is_found_inside_a_sound_gzip_member(archive, tmp_path):
    output, pointers = archive
    pointer = pointers[0]
    data = (output / pointer.file).read_bytes()[pointer.offset : pointer.offset + pointer.length]
    forged = gzip.compress(gzip.decompress(data).replace(b"HTTP/1.1 200 OK", b"HTTP/1.1 404 OK"))
    (tmp_path / "x").write_bytes(forged)
    with pytest.raises(ArchiveError, match="its digest does not fit"):
        read_exchange(tmp_path, Pointer("x", 0, len(forged)))


@pytest.mark.parametrize(
    ("pointer", "message"),
    [
        (Pointer("../x", 0, 10), "outside of the output folder"),
        (Pointer("/etc/hostname", 0, 10), "outside of the output folder"),
        (Pointer("none", 0, 10), "No such file"),
        (Pointer("file", 5, 10), "no WARC record"),
        (Pointer("file", 0, 0), "no WARC record"),
        (Pointer("file", -1, 10), "Invalid argument|negative"),
        (Pointer("file", 0, 60), "cut"),
    ],
)
def test_a_wrong_pointer_is_an_error(archive, pointer, message):
    output, pointers = archive
    (output / "file").write_bytes((output / pointers[0].file).read_bytes())
    with pytest.raises(ArchiveError, match=message):
        read_exchange(output, pointer)


def test_a_pointer_at_the_request_says_what_is_there(archive):
    output, pointers = archive
    request = Pointer(pointers[0].file, pointers[0].offset + pointers[0].length, 10_000)
    with pytest.raises(ArchiveError, match="a request record"):
        read_exchange(output, request)


def test_a_bomb_of_a_record_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr("crawler.archive.reader.MAX_RECORD_BYTES", 1 << 20)
    monkeypatch.setattr("crawler.archive.spans.MAX_RECORD_BYTES", 1 << 20)
    head = b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 8388608\r\n\r\n"
    path = tmp_path / "x.warc.gz"
    path.write_bytes(gzip.compress(head + bytes(8 << 20)))
    with pytest.raises(ArchiveError, match="larger than is read"):
        read_exchange(tmp_path, Pointer("x.warc.gz", 0, path.stat().st_size))
    tail = scan_tail(path, 0)
    assert list(tail) == []
    assert "larger than is read" in str(tail.problem)


@given(st.binary(max_size=400), st.booleans(), st.booleans())
def test_any_bytes_raise_nothing_but_our_errors(tmp_path_factory, data, is_gzip, has_mark):
    data = b"WARC/1.1\r\nContent-Type: application/http\r\nWARC-Type: response\r\n" + data if has_mark else data
    path = tmp_path_factory.mktemp("any") / "x"
    path.write_bytes(gzip.compress(data) if is_gzip else data)
    assert scan_tail(path, 0).problem is None
    for use in (
        lambda: list(scan_tail(path, 0)),
        lambda: list(ArchiveIndex([path])),
        lambda: read_exchange(path.parent, Pointer("x", 0, 10_000)),
    ):
        with suppress(CollectorError):
            use()
