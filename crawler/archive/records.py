"""WARC 1.1 records as gzip members: what stands in the files, byte by byte."""

from __future__ import annotations

import base64
import hashlib
import io
import ipaddress
import re
import uuid
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from fastwarc.warc import WarcRecord, WarcRecordType

from crawler.archive.exchange import MAX_BODY_BYTES
from crawler.archive.heads import request_head, response_head, truthful
from crawler.archive.members import gzip_member, gzip_member_of_packed
from crawler.errors import RefusedError

if TYPE_CHECKING:
    from crawler.archive.exchange import Exchange

REVISIT_PROFILES = {
    "server-not-modified": "http://netpreserve.org/warc/1.1/revisit/server-not-modified",
    "identical-payload-digest": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
}
TRUNCATED = ("length", "time", "disconnect", "unspecified")

_PROJECT = "news-corpus-collector"
_SPECIFICATION = "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
_NO_URL = re.compile(r"[\x00-\x20\x7f]")


def warcinfo_record(record_id: str, file_name: str, site: str, robots: str) -> bytes:
    """The first record of a file: who wrote it and how the crawl treats robots.txt."""
    fields = (
        ("software", _software()),
        ("format", "WARC File Format 1.1"),
        ("conformsTo", _SPECIFICATION),
        ("isPartOf", site),
        ("robots", robots),
    )
    block = "".join(f"{name}: {value}\r\n" for name, value in fields).encode()
    record = _begin(WarcRecordType.warcinfo, record_id, datetime.now(UTC))
    record.headers["WARC-Filename"] = file_name
    record.headers["Content-Type"] = "application/warc-fields"
    return _member(record, block)


def response_records(exchange: Exchange, warcinfo_id: str) -> tuple[bytes, bytes]:
    """The request and the response that it brought, two members."""
    if len(exchange.body) > MAX_BODY_BYTES:
        raise RefusedError(f"{exchange.url}: the body has more than {MAX_BODY_BYTES} bytes")
    record_id = new_id()
    record = _begin_http(WarcRecordType.response, record_id, exchange, warcinfo_id)
    record.headers["WARC-Payload-Digest"] = digest(exchange.body)
    if exchange.truncated:
        record.headers["WARC-Truncated"] = exchange.truncated if exchange.truncated in TRUNCATED else TRUNCATED[-1]
    head = response_head(exchange.status, truthful(exchange.headers, len(exchange.body)))
    is_packed = exchange.header("content-encoding") is not None
    answer = _member(record, head, exchange.body, is_packed=is_packed)
    return _request_record(exchange, record_id, warcinfo_id), answer


def revisit_records(
    exchange: Exchange, warcinfo_id: str, *, refers_to_url: str, refers_to_at: datetime, profile: str
) -> tuple[bytes, bytes]:
    """The request and a revisit: an answer whose body stands in an older record. Only its head is kept."""
    if profile not in REVISIT_PROFILES:
        raise RefusedError(f"{exchange.url}: no revisit profile {profile!r}, there are {', '.join(REVISIT_PROFILES)}")
    record_id = new_id()
    record = _begin_http(WarcRecordType.revisit, record_id, exchange, warcinfo_id)
    record.headers["WARC-Profile"] = REVISIT_PROFILES[profile]
    record.headers["WARC-Refers-To-Target-URI"] = _url(refers_to_url)
    record.headers["WARC-Refers-To-Date"] = _date(refers_to_at)
    if profile == "identical-payload-digest":
        record.headers["WARC-Payload-Digest"] = digest(exchange.body)
    head = response_head(exchange.status, exchange.headers)
    return _request_record(exchange, record_id, warcinfo_id), _member(record, head)


def new_id() -> str:
    """A record's name that no other has."""
    return f"<urn:uuid:{uuid.uuid4()}>"


def digest(data: bytes) -> str:
    """SHA-1 in base 32, the form that every tool checks; it guards against damage, not against people."""
    return "sha1:" + base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()


def _software() -> str:
    try:
        return f"{_PROJECT}/{version(_PROJECT)}"
    except PackageNotFoundError:  # run from a checkout that was not installed
        return _PROJECT


def _request_record(exchange: Exchange, response_id: str, warcinfo_id: str) -> bytes:
    record = _begin_http(WarcRecordType.request, new_id(), exchange, warcinfo_id)
    record.headers["WARC-Concurrent-To"] = response_id
    return _member(record, request_head(exchange.url, exchange.request_headers))


def _begin(record_type: WarcRecordType, record_id: str, at: datetime) -> WarcRecord:
    record = WarcRecord()
    record.init_headers(record_type, record_id.strip("<>").removeprefix("urn:").encode())
    record.headers.status_line = "WARC/1.1"
    record.headers["WARC-Date"] = _date(at)
    return record


def _begin_http(record_type: WarcRecordType, record_id: str, exchange: Exchange, warcinfo_id: str) -> WarcRecord:
    record = _begin(record_type, record_id, exchange.fetched_at)
    role = "request" if record_type == WarcRecordType.request else "response"
    record.headers["Content-Type"] = f"application/http; msgtype={role}"
    record.headers["WARC-Target-URI"] = _url(exchange.url)
    record.headers["WARC-Warcinfo-ID"] = warcinfo_id
    if exchange.ip_address:
        record.headers["WARC-IP-Address"] = _ip_address(exchange.ip_address)
    return record


def _member(record: WarcRecord, head: bytes, body: bytes = b"", *, is_packed: bool = False) -> bytes:
    block = head + body
    record.set_bytes_content(block)
    record.headers["WARC-Block-Digest"] = digest(block)
    buffer = io.BytesIO()
    record.write(buffer)
    data = buffer.getvalue()
    if not is_packed:
        return gzip_member(data)
    n_head = data.index(b"\r\n\r\n") + 4 + len(head)
    return gzip_member_of_packed(data[:n_head], data[n_head:])


def _url(url: str) -> str:
    if not url or _NO_URL.search(url):
        raise RefusedError(f"{url[:80]!r} is no address")
    return url


def _ip_address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise RefusedError(f"{text[:80]!r} is no IP address") from None


def _date(at: datetime) -> str:
    if at.tzinfo is None:
        raise RefusedError(f"{at} has no time zone")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
