from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime, timedelta

import pytest
from fastwarc.warc import WarcRecord, WarcRecordType

from crawler.archive import ArchiveIndex, ArchiveWriter, Exchange, decode_body
from crawler.errors import ArchiveError

AT = datetime(2026, 3, 1, tzinfo=UTC)


def exchange(path: str, body: str = "x", *, day: int = 0, status: int = 200, scheme: str = "https") -> Exchange:
    headers = (("content-type", "text/html"),)
    return Exchange(f"{scheme}://a.example{path}", status, headers, body.encode(), AT + timedelta(days=day))


def foreign(url: str, http: bytes, *, record_type=WarcRecordType.response, brackets: bool = False, **fields) -> bytes:
    """A record as fastwarc's own writer makes it."""
    record = WarcRecord()
    record.init_headers(record_type)
    record.headers["WARC-Target-URI"] = f"<{url}>" if brackets else url
    record.headers["WARC-Date"] = "2026-02-03T04:05:06Z"
    record.headers["Content-Type"] = "application/http; msgtype=response"
    for name, value in fields.items():
        record.headers[name.replace("_", "-")] = value
    record.set_bytes_content(http)
    buffer = io.BytesIO()
    record.write(buffer, checksum_data=True)
    return buffer.getvalue()


PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>xin ch\xc3\xa0o</p>"
FOREIGN = [
    foreign("dns:a.example", b"a.example. 300 IN A 203.0.113.7", Content_Type="text/dns"),
    foreign("http://a.example/1", b"GET /1 HTTP/1.1\r\n\r\n", record_type=WarcRecordType.request),
    foreign("http://a.example/1", PAGE),
    foreign("http://a.example/2", PAGE.replace(b"\r\n", b"\n"), brackets=True),
    foreign(
        "http://a.example/3",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/html\r\n\r\n"
        b"3\r\n<p>\r\n11;name=value\r\nxin ch\xc3\xa0o</p>    \r\n0\r\n\r\n",
    ),
    foreign("http://a.example/4", PAGE.replace(b"Content-Type", b"Transfer-Encoding: chunked\r\nContent-Type")),
    foreign("http://a.example/5", PAGE.replace(b"Content-Type", b"Content-Encoding: gzip\r\nContent-Type")),
    foreign(
        "http://a.example/6",
        b"<p>xin ch\xc3\xa0o</p>",
        record_type=WarcRecordType.resource,
        Content_Type="text/html",
    ),
    foreign("http://a.example/1", b"xin chao", record_type=WarcRecordType.conversion, Content_Type="text/plain"),
]


@pytest.mark.parametrize("kind", ["gzip", "plain", "plain without the last line ends"])
def test_files_of_other_tools_are_read(tmp_path, kind):
    path = tmp_path / "foreign"
    data = b"".join(gzip.compress(record, mtime=0) if kind == "gzip" else record for record in FOREIGN)
    path.write_bytes(data[:-4] if kind.endswith("ends") else data)
    index = ArchiveIndex([path])
    assert index.problem is None
    assert list(index.urls()) == [f"http://a.example/{n}" for n in range(1, 7)]
    for url in index.urls():
        found = index.get(url)
        assert found is not None
        assert (found.status, decode_body(found).strip()) == (200, b"<p>xin ch\xc3\xa0o</p>")
        assert found.header("content-type") == "text/html"
        assert found.header("transfer-encoding") is None
        assert found.fetched_at == datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)


def test_every_cut_of_a_foreign_file_keeps_what_is_whole(tmp_path):
    for pack in (gzip.compress, bytes):
        first, second = pack(FOREIGN[2]), pack(FOREIGN[3])
        path = tmp_path / "cut"
        for size in range(len(first) + 1, len(first) + len(second) - (0 if pack is gzip.compress else 4)):
            path.write_bytes((first + second)[:size])
            index = ArchiveIndex([path])
            assert list(index.urls()) == ["http://a.example/1"]
            assert index.problem is not None
            assert f"byte {len(first)}" in index.problem


def test_a_file_compressed_as_one_piece_is_refused_with_the_way_out(tmp_path):
    path = tmp_path / "whole.warc.gz"
    path.write_bytes(gzip.compress(b"".join(FOREIGN), mtime=0))
    with pytest.raises(ArchiveError, match=r"whole\.warc\.gz: compressed as one piece.*gunzip it first"):
        ArchiveIndex([path])


TORN = gzip.compress(b"x", mtime=0)[:-1]


@pytest.mark.parametrize("data", [b"<html>", b"\x28\xb5\x2f\xfd0000", b"\x1f\x8bgarbage", TORN])
def test_what_holds_no_record_is_refused(tmp_path, data):
    path = tmp_path / "x"
    path.write_bytes(data)
    with pytest.raises(ArchiveError, match=str(path)):
        ArchiveIndex([path])


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(ArchiveError, match="No such file"):
        ArchiveIndex([tmp_path / "none"])


def _files(output, *groups):
    for epoch, group in enumerate(groups):
        with ArchiveWriter(output, "a", epoch) as writer:
            for item in group:
                writer.append(item)
    return sorted((output / "archive" / "a").glob("*"))


def test_addresses_are_found_with_fragment_and_other_scheme(tmp_path):
    index = ArchiveIndex(_files(tmp_path, [exchange("/a?x=1"), exchange("/b", scheme="http"), exchange("/c#top")]))
    for asked in ("https://a.example/a?x=1", "https://a.example/a?x=1#y", "http://a.example/a?x=1#y"):
        assert index.get(asked) is not None
    assert index.get("https://a.example/b") is not None
    assert index.get("http://a.example/c") is not None
    for asked in ("https://a.example/a", "https://a.example/a?x=2", "", "x", "https://[/"):
        assert index.get(asked) is None
    assert index.hosts() == ["a.example"]
    assert len(index) == 3


def test_the_exact_scheme_wins_over_its_twin(tmp_path):
    index = ArchiveIndex(_files(tmp_path, [exchange("/", "tls"), exchange("/", "plain", scheme="http", day=1)]))
    assert [index.get(f"{s}://a.example/").body for s in ("https", "http")] == [b"tls", b"plain"]


def test_the_newest_capture_wins_and_all_are_kept(tmp_path):
    files = _files(tmp_path, [exchange("/", "new", day=2), exchange("/", "old")], [exchange("/", "mid", day=1)])
    for order in (files, files[::-1]):
        index = ArchiveIndex(order)
        assert index.get("https://a.example/").body == b"new"
        assert [found.body for found in index.captures("https://a.example/")] == [b"old", b"mid", b"new"]
    assert [found.body for found in ArchiveIndex(files)] == [b"new", b"old", b"mid"]
    pointer = index.pointer("https://a.example/")
    assert (pointer.file, pointer.offset > 0) == (files[0].as_posix(), True)
    assert index.pointer("https://a.example/none") is None


@pytest.mark.parametrize("profile", ["server-not-modified", "identical-payload-digest"])
def test_a_revisit_gives_the_answer_it_refers_to(tmp_path, profile):
    old, other = exchange("/", "the text"), exchange("/twin", "the text")
    with ArchiveWriter(tmp_path, "a", 1) as writer:
        writer.append(old)
        writer.append(other)
        writer.append_revisit(exchange("/", "", day=3, status=304), old.url, old.fetched_at, profile)
        writer.append_revisit(exchange("/copy", "", day=3), other.url, other.fetched_at, profile)
        writer.append_revisit(exchange("/lost", "", day=3), "https://a.example/never", AT, profile)
    index = ArchiveIndex((tmp_path / "archive" / "a").glob("*"))
    assert (index.get(old.url).body, index.get(old.url).status) == (b"the text", 200)
    assert index.get("https://a.example/copy").body == b"the text"
    assert index.get("https://a.example/lost") is None
    assert [found.refers_to_url for found in index.captures(old.url)] == [None, old.url]


def test_a_damaged_record_gives_way_to_the_older_one_and_is_told(tmp_path):
    damaged = foreign("http://a.example/1", PAGE, WARC_Date="2026-05-01T00:00:00Z").replace(b"xin", b"xon")
    path = tmp_path / "x.warc"
    path.write_bytes(FOREIGN[2] + damaged)
    index = ArchiveIndex([path])
    assert index.problem is None
    assert b"xin" in index.get("http://a.example/1").body
    assert "its digest does not fit" in index.problem
    assert f"byte {len(FOREIGN[2])}" in index.problem


def test_a_record_without_time_or_length_is_no_trap(tmp_path):
    head = (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/9\r\nContent-Type: application/http\r\n"
    )
    path = tmp_path / "x.warc"
    path.write_bytes(head + b"\r\n" + FOREIGN[2] + head + b"Content-Length: 99999999999999999999\r\n\r\n")
    index = ArchiveIndex([path])
    assert index.get("http://a.example/1") is not None
    assert index.get("http://a.example/9") is None
    assert any("ends inside a record" in problem for problem in index.problems)


def test_ten_thousand_records_are_indexed_in_a_second_or_two(tmp_path):
    member = gzip.compress(foreign("http://a.example/number/000000", PAGE * 20), mtime=0)
    plain = gzip.decompress(member)
    path = tmp_path / "x.warc.gz"
    with path.open("wb") as file:
        for number in range(10_000):
            file.write(gzip.compress(plain.replace(b"000000", b"%06d" % number), 1, mtime=0))
    started_at = datetime.now(UTC)
    index = ArchiveIndex([path])
    assert datetime.now(UTC) - started_at < timedelta(seconds=6)
    assert len(index) == 10_000
    assert index.get("http://a.example/number/009999") is not None
