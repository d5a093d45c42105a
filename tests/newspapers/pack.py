"""Pack responses as WARC 1.1: one gzip member per record, the same bytes every time."""

from __future__ import annotations

import gzip
import io
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastwarc.warc import WarcRecord, WarcRecordType
from newsroom import FETCHED_AT, REASONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from newsroom import Response

INFO = "software: tests/newspapers/build.py\r\nformat: WARC File Format 1.1\r\ndescription: reconstructed pages\r\n"


def pack(responses: Iterable[Response]) -> bytes:
    """A whole .warc.gz: warcinfo, then request and response of each address."""
    members = [member("warcinfo", INFO.encode(), FETCHED_AT, "warcinfo", {"Content-Type": "application/warc-fields"})]
    for number, response in enumerate(responses):
        members.extend(exchange(response, FETCHED_AT + timedelta(seconds=2 * number)))
    return b"".join(members)


def exchange(response: Response, moment: datetime) -> Iterator[bytes]:
    """Request and response record of one address."""
    target = {"WARC-Target-URI": response.url}
    ids = {kind: record_id(f"{kind} {response.url}") for kind in ("request", "response")}
    answer = {**target, "WARC-Concurrent-To": ids["request"], "Content-Type": "application/http; msgtype=response"}
    question = {**target, "WARC-Concurrent-To": ids["response"], "Content-Type": "application/http; msgtype=request"}
    yield member("request", request_bytes(response.url), moment, f"request {response.url}", question)
    yield member("response", response_bytes(response, moment), moment, f"response {response.url}", answer)


def record_id(name: str) -> str:
    """A record id that depends on nothing but `name`."""
    return f"<{uuid.uuid5(uuid.NAMESPACE_URL, name).urn}>"


def member(kind: str, content: bytes, moment: datetime, name: str, headers: dict[str, str]) -> bytes:
    """One record as a gzip member of its own."""
    record = WarcRecord()
    record.init_headers(getattr(WarcRecordType, kind))
    for key, value in headers.items():
        record.headers[key] = value
    record.headers["WARC-Record-ID"] = record_id(name)
    record.headers["WARC-Date"] = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    record.set_bytes_content(content)
    buffer = io.BytesIO()
    record.write(buffer, checksum_data=True)
    return gzip.compress(buffer.getvalue(), 9, mtime=0)


def request_bytes(url: str) -> bytes:
    """What a collector sent."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return (
        f"GET {parts.path}{query} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        "User-Agent: news-corpus-collector\r\nAccept-Encoding: gzip\r\n\r\n"
    ).encode()


def response_bytes(response: Response, moment: datetime) -> bytes:
    """Status line, headers and body as they came over the wire."""
    body = response.sent_body
    headers = [("Date", f"{moment:%a, %d %b %Y %H:%M:%S GMT}"), *response.headers]
    headers.append(("Content-Type", response.content_type))
    if response.is_gzipped:
        headers.append(("Content-Encoding", "gzip"))
    headers.append(("Content-Length", str(len(body))))
    head = f"HTTP/1.1 {response.status} {REASONS[response.status]}\r\n"
    head += "".join(f"{name.title()}: {value}\r\n" for name, value in headers) + "\r\n"
    return head.encode() + body
