from __future__ import annotations

import base64
import errno
import gzip
import hashlib
import os
import re
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler import disk
from crawler.archive import ArchiveWriter, Exchange, decode_body, read_exchange, scan_tail, to_page, truncate_torn_tail
from crawler.archive.members import gzip_member_of_packed
from crawler.errors import ArchiveError, RefusedError

AT = datetime(2026, 3, 1, 23, 59, 58, 123456, tzinfo=UTC)
HTML = "<html><p>Sáng 1/3, mưa lớn gây ngập.</p></html>".encode()
HEADERS = (("content-type", "text/html; charset=utf-8"), ("set-cookie", "a=1"), ("set-cookie", "b=2"))


def exchange(number: int = 0, body: bytes = HTML, headers=HEADERS, **fields) -> Exchange:
    return Exchange(f"https://bao.example/tin-{number}", 200, headers, body, AT + timedelta(seconds=number), **fields)


def members(data: bytes) -> list[bytes]:
    """The gzip members of a file, by nothing but zlib."""
    found = []
    while data:
        inflater = zlib.decompressobj(31)
        found.append(inflater.decompress(data))
        assert inflater.eof
        data = inflater.unused_data
    return found


def fields(record: bytes) -> dict[str, str]:
    head = record.split(b"\r\n\r\n", 1)[0].decode()
    first, *lines = head.split("\r\n")
    assert first == "WARC/1.1"
    return dict(line.split(": ", 1) for line in lines)


def block(record: bytes) -> bytes:
    assert record.endswith(b"\r\n\r\n")
    return record.split(b"\r\n\r\n", 1)[1][:-4]


def sha1(data: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(data).digest()).decode()  # noqa: S324 - what WARC tools use


def test_a_file_holds_warcinfo_then_request_and_response(tmp_path):
    sent = exchange(
        request_headers=(("user-agent", "bot/1"),), ip_address="203.0.113.7", body=gzip.compress(HTML), truncated="time"
    )
    with ArchiveWriter(tmp_path, "bao.example", 7, robots="obey") as writer:
        pointer = writer.append(sent)
    assert pointer.file == "archive/bao.example/bao.example-000007-0001.warc.gz"
    data = (tmp_path / pointer.file).read_bytes()
    info, request, response = members(data)
    assert pointer.offset + pointer.length == len(data)
    assert gzip.decompress(data[pointer.offset :]) == response
    assert fields(info)["WARC-Type"] == "warcinfo"
    assert fields(info)["WARC-Filename"] == "bao.example-000007-0001.warc.gz"
    assert b"software: news-corpus-collector" in block(info)
    assert b"robots: obey\r\n" in block(info)
    assert fields(request)["WARC-Concurrent-To"] == fields(response)["WARC-Record-ID"]
    assert fields(request)["WARC-Warcinfo-ID"] == fields(info)["WARC-Record-ID"]
    assert re.fullmatch(r"<urn:uuid:[0-9a-f-]{36}>", fields(response)["WARC-Record-ID"])
    assert block(request) == b"GET /tin-0 HTTP/1.1\r\nHost: bao.example\r\nUser-Agent: bot/1\r\n\r\n"
    assert fields(response)["WARC-Date"] == "2026-03-01T23:59:58.123456Z"
    assert fields(response)["WARC-IP-Address"] == "203.0.113.7"
    assert fields(response)["WARC-Truncated"] == "time"
    assert block(response).startswith(b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n")
    assert data[4:8] == bytes(4), "no time in the gzip head: equal records are equal bytes"


@given(st.binary(max_size=200), st.binary(max_size=300).map(lambda data: data * 500))
def test_a_member_of_a_packed_body_is_ordinary_gzip(head, packed):
    member = gzip_member_of_packed(head, packed)
    assert gzip.decompress(member) == head + packed
    assert members(member * 2) == [head + packed] * 2


def test_digests_and_lengths_are_right(tmp_path):
    with ArchiveWriter(tmp_path, "a", 1) as writer:
        pointer = writer.append(exchange())
    for record in members((tmp_path / pointer.file).read_bytes()):
        assert fields(record)["WARC-Block-Digest"] == sha1(block(record))
        assert int(fields(record)["Content-Length"]) == len(block(record))
    assert fields(record)["WARC-Payload-Digest"] == sha1(HTML)
    assert block(record).split(b"\r\n\r\n", 1)[1] == HTML


def test_lengths_and_transfer_encoding_of_the_server_are_corrected_and_kept(tmp_path):
    headers = (("transfer-encoding", "chunked"), ("content-length", "7"), ("etag", '"x"'))
    with ArchiveWriter(tmp_path, "a", 1) as writer:
        pointer = writer.append(exchange(headers=headers))
    back = read_exchange(tmp_path, pointer)
    assert back.headers == (
        ("x-crawler-transfer-encoding", "chunked"),
        ("x-crawler-content-length", "7"),
        ("etag", '"x"'),
        ("content-length", str(len(HTML))),
    )
    assert back.body == HTML


NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,12}", fullmatch=True).filter(
    lambda name: name not in ("content-length", "transfer-encoding", "content-encoding")
)
VALUES = st.text(st.characters(max_codepoint=255, exclude_categories=("Cc", "Zs")), max_size=30)


@settings(max_examples=150)
@given(
    headers=st.lists(st.tuples(NAMES, VALUES) | st.just(("content-encoding", "gzip")), max_size=6).map(tuple),
    body=st.binary(max_size=400),
    status=st.integers(100, 999),
    at=st.datetimes(datetime(1995, 1, 1), datetime(2200, 1, 1), timezones=st.just(timezone(timedelta(hours=7)))),  # noqa: DTZ001 - bounds are naive by contract
    truncated=st.sampled_from([None, "length", "time", "disconnect", "unspecified"]),
)
def test_what_was_written_is_read(tmp_path_factory, *, headers, body, status, at, truncated):
    output = tmp_path_factory.mktemp("archive")
    headers = (*headers, ("content-length", str(len(body))))
    sent = Exchange(
        "https://a.example/bài?x=1", status, headers, body, at, (("host", "a.example"),), "2001:db8::1", truncated
    )
    with ArchiveWriter(output, "a", 1) as writer:
        pointer = writer.append(sent)
    tail = scan_tail(output / pointer.file, 0)
    assert list(tail) == [(pointer, sent)]
    assert (tail.problem, tail.end) == (None, pointer.offset + pointer.length)
    back = read_exchange(output, pointer)
    assert (back.headers, back.body, back.status, back.fetched_at) == (headers, body, status, at)
    assert back.fetched_at.utcoffset() == timedelta(0)


def test_a_character_above_latin_1_does_not_lose_the_page(tmp_path):
    with ArchiveWriter(tmp_path, "a", 1) as writer:
        pointer = writer.append(exchange(headers=(("x-title", "Đà Lạt"),)))
    value = read_exchange(tmp_path, pointer).header("x-title")
    assert value is not None
    assert value.encode("latin-1").decode() == "Đà Lạt"


def test_a_server_cannot_forge_a_head(tmp_path):
    evil = (("x", "a\r\nContent-Length: 0\r\n\r\nWARC/1.1"), ("y\r\nz", "b"), ("y z", "c"), ("k", "a\0b"), ("", "d"))
    with ArchiveWriter(tmp_path, "a", 1) as writer:
        pointer = writer.append(exchange(headers=evil))
    assert read_exchange(tmp_path, pointer).headers == (
        ("x", "a  Content-Length: 0    WARC/1.1"),
        ("k", "a b"),
        ("content-length", str(len(HTML))),
    )
    assert read_exchange(tmp_path, pointer).body == HTML


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "https://a.example/\r\nWARC-Type: x"},
        {"url": "https://a.example/a b"},
        {"url": "https://[a.example/"},
        {"url": ""},
        {"status": 99},
        {"status": 1000},
        {"ip_address": "1.2.3.4\r\nX: y"},
        {"ip_address": "host.example"},
        {"request_headers": (("x", "a\nb"),)},
        {"request_headers": (("x: y", "a"),)},
        {"fetched_at": datetime(2026, 1, 1)},  # noqa: DTZ001 - the point
        {"body": bytes((64 << 20) + 1)},
    ],
)
def test_what_is_no_http_is_refused_and_the_next_one_is_written(tmp_path, wrong):
    with ArchiveWriter(tmp_path, "a", 1) as writer:
        with pytest.raises(RefusedError) as caught:
            writer.append(replace(exchange(), **wrong))
        pointer = writer.append(exchange())
    assert "\n" not in str(caught.value)
    assert [found for found, _ in scan_tail(tmp_path / pointer.file, 0)] == [pointer]


@pytest.mark.parametrize("site", ["", "../x", "a/b", "A", ".hidden", "a\n", "x" * 101])
def test_file_names_come_from_a_plain_key_only(tmp_path, site):
    with pytest.raises(ArchiveError, match="cannot be the key"):
        ArchiveWriter(tmp_path, site, 1)


def test_rotation_begins_a_new_file_with_its_own_warcinfo(tmp_path):
    with ArchiveWriter(tmp_path, "a", 2, max_bytes=3000) as writer:
        pointers = [writer.append(exchange(number, body=os.urandom(500))) for number in range(20)]
    files = sorted({pointer.file for pointer in pointers})
    assert files == [f"archive/a/a-000002-{number:04d}.warc.gz" for number in range(1, len(files) + 1)]
    assert len(files) > 3
    for file in files:
        records = members((tmp_path / file).read_bytes())
        assert [fields(record)["WARC-Type"] for record in records[:3]] == ["warcinfo", "request", "response"]
    assert [read_exchange(tmp_path, pointer).url for pointer in pointers] == [exchange(n).url for n in range(20)]


def test_a_file_that_exists_is_never_touched(tmp_path):
    with ArchiveWriter(tmp_path, "a", 1) as writer:
        first = writer.append(exchange())
    before = (tmp_path / first.file).read_bytes()
    with ArchiveWriter(tmp_path, "a", 1) as writer:
        second = writer.append(exchange())
    assert second.file.endswith("-0002.warc.gz")
    assert (tmp_path / first.file).read_bytes() == before


@pytest.mark.parametrize("profile", ["server-not-modified", "identical-payload-digest"])
def test_a_revisit_points_back_and_keeps_no_body(tmp_path, profile):
    with ArchiveWriter(tmp_path, "a", 1) as writer:
        writer.append(exchange(0))
        again = exchange(60, headers=(("etag", '"x"'), ("content-length", str(len(HTML)))))
        pointer = writer.append_revisit(again, exchange(0).url, exchange(0).fetched_at, profile)
    record = members((tmp_path / pointer.file).read_bytes())[-1]
    assert fields(record)["WARC-Type"] == "revisit"
    assert fields(record)["WARC-Profile"] == f"http://netpreserve.org/warc/1.1/revisit/{profile}"
    assert fields(record)["WARC-Refers-To-Target-URI"] == exchange(0).url
    assert fields(record)["WARC-Refers-To-Date"] == "2026-03-01T23:59:58.123456Z"
    assert fields(record).get("WARC-Payload-Digest") == (sha1(HTML) if profile.startswith("identical") else None)
    back = read_exchange(tmp_path, pointer)
    assert (back.body, back.refers_to_url, back.refers_to_at) == (b"", exchange(0).url, exchange(0).fetched_at)
    assert back.headers == again.headers


def test_an_unknown_revisit_profile_is_refused(tmp_path):
    with ArchiveWriter(tmp_path, "a", 1) as writer, pytest.raises(ArchiveError, match="no revisit profile 'same'"):
        writer.append_revisit(exchange(), "https://a.example/", AT, "same")


def test_a_page_carries_decoded_bytes_and_where_they_lie(tmp_path):
    sent = exchange(body=gzip.compress(HTML), headers=(*HEADERS, ("content-encoding", "gzip")))
    with ArchiveWriter(tmp_path, "a", 1) as writer:
        pointer = writer.append(sent)
    back = read_exchange(tmp_path, pointer)
    assert (back.body, decode_body(back)) == (sent.body, HTML)
    page = to_page(back, pointer, site="a", found_via="feed", run_id="r1", asked_url="https://bao.example/short")
    assert (page.url, page.final_url) == ("https://bao.example/short", sent.url)
    assert (page.body, page.pointer, page.status, page.fetched_at) == (HTML, pointer, 200, AT)
    assert page.header("content-type") == "text/html; charset=utf-8"


class Fault:
    def __init__(self, at: int, act: BaseException | int | None) -> None:
        self.at, self.act, self.steps = at, act, []

    def __call__(self, step, _path, /):
        self.steps.append(step)
        if len(self.steps) != self.at:
            return None
        if isinstance(self.act, BaseException):
            raise self.act
        return self.act


class Crash(BaseException):
    """The process ends here."""


def crawl(output, safe: list[str] | None = None) -> None:
    """Five pages, a sync after each; `safe` fills with the addresses that were promised to be safe."""
    writer = ArchiveWriter(output, "a", 1, max_bytes=2500)
    for number in range(5):
        writer.append(exchange(number, body=os.urandom(600)))
        writer.sync()
        if safe is not None:
            safe.append(exchange(number).url)
    writer.close()


def recover(output) -> list[str]:
    urls = []
    for path in sorted((output / "archive" / "a").glob("*.warc.gz")):
        tail = scan_tail(path, 0)
        urls += [found.url for _, found in tail]
        truncate_torn_tail(path, tail.end)
        again = scan_tail(path, 0)
        assert len(list(again)) <= 5
        assert again.problem is None
        members(path.read_bytes())
    return urls


def n_steps(tmp_path) -> int:
    fault = Fault(0, None)
    with disk.hooked(fault):
        crawl(tmp_path / "count")
    return len(fault.steps)


def test_a_crash_at_every_step_leaves_whole_exchanges_in_order(tmp_path):
    for at in range(1, n_steps(tmp_path) + 1):
        output = tmp_path / str(at)
        safe: list[str] = []
        with disk.hooked(Fault(at, Crash())), pytest.raises(Crash):
            crawl(output, safe)
        urls = recover(output)
        assert urls == [exchange(number).url for number in range(len(urls))]
        assert len(safe) <= len(urls) <= len(safe) + 1


@pytest.mark.parametrize("n_bytes", [1, 100, 700])
def test_a_crash_inside_a_write_leaves_a_torn_tail_that_is_cut(tmp_path, n_bytes):
    class Torn(Fault):
        def __call__(self, step, _path, /):
            if self.steps.count("write") == 4 and step == "write":
                raise Crash
            self.steps.append(step)
            return n_bytes if step == "write" and self.steps.count("write") == 4 else None

    with disk.hooked(Torn(0, None)), pytest.raises(Crash):
        crawl(tmp_path)
    assert recover(tmp_path) == [exchange(0).url, exchange(1).url]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_an_error_at_every_step_is_one_line_and_what_was_promised_is_there(tmp_path, code):
    for at in range(1, n_steps(tmp_path) + 1):
        output = tmp_path / str(at)
        safe: list[str] = []
        with disk.hooked(Fault(at, OSError(code, "no"))), pytest.raises(ArchiveError) as caught:
            crawl(output, safe)
        assert re.fullmatch(rf"{tmp_path}\S*: [^\n]+", str(caught.value))
        done = recover(output)
        assert done == [exchange(number).url for number in range(len(done))]
        assert len(safe) <= len(done) <= len(safe) + 1


def test_writing_goes_on_after_a_full_disk_has_space_again(tmp_path):
    with ArchiveWriter(tmp_path, "a", 1) as writer:
        first = writer.append(exchange(0))
        with (
            disk.hooked(Fault(1, OSError(errno.ENOSPC, "full"))),
            pytest.raises(ArchiveError, match=r"0001\.warc\.gz: the disk is full"),
        ):
            writer.append(exchange(1))
        second = writer.append(exchange(2))
    assert [pointer for pointer, _ in scan_tail(tmp_path / first.file, 0)] == [first, second]


def test_a_torn_record_that_cannot_be_cut_ends_its_file(tmp_path):
    class Half(Fault):
        def __call__(self, step, _path, /):
            self.steps.append(step)
            if len(self.steps) == 1:
                return 50
            raise OSError(errno.ENOSPC, "full")

    with ArchiveWriter(tmp_path, "a", 1) as writer:
        first = writer.append(exchange(0))
        with disk.hooked(Half(0, None)), pytest.raises(ArchiveError):
            writer.append(exchange(1))
        second = writer.append(exchange(2))
    assert second.file.endswith("0002.warc.gz")
    tail = scan_tail(tmp_path / first.file, 0)
    assert [pointer for pointer, _ in tail] == [first]
    assert truncate_torn_tail(tmp_path / first.file, tail.end) == 50


def test_nothing_is_promised_after_a_failed_sync(tmp_path):
    writer = ArchiveWriter(tmp_path, "a", 1)
    writer.append(exchange(0))
    with disk.hooked(Fault(1, OSError(errno.EIO, "bad"))), pytest.raises(ArchiveError, match="the disk failed"):
        writer.sync()
    for call in (writer.sync, lambda: writer.append(exchange(1)), writer.close):
        with pytest.raises(ArchiveError, match="did not reach the disk"):
            call()


def test_a_file_is_synced_before_the_next_one_begins(tmp_path):
    writer = ArchiveWriter(tmp_path, "a", 1, max_bytes=1)
    writer.append(exchange(0))
    fault = Fault(0, None)
    with disk.hooked(fault):
        writer.append(exchange(1))
    writer.close()
    assert fault.steps == ["fsync", "create", "write", "fsync_folder", "write"]
