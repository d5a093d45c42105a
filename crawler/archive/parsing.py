"""Bytes of one record to what it says: our own files and those of others."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fastwarc.warc import WarcRecord

from crawler.archive.codings import join_chunks
from crawler.archive.exchange import Exchange
from crawler.errors import ArchiveError

if TYPE_CHECKING:
    from crawler.archive.exchange import Headers

_CONTENT_LENGTH = re.compile(rb"\ncontent-length:[ \t]*(\d{1,18})", re.IGNORECASE)

_DIGEST = re.compile(r"sha1:([A-Z2-7]{32}|[0-9a-f]{40})")
"""The two spellings that are checked; others (sha256, blake3, lower-case base 32) are taken on trust."""

MAX_HTTP_HEAD_BYTES = 1 << 20
"""Heads of other tools are read up to this size; browsers stop at a quarter of it."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record, as far as it concerns us."""

    type: str
    """WARC-Type, lower case."""
    exchange: Exchange | None = None
    """Set in a response, a revisit and a resource with an http address."""
    request_headers: Headers = ()
    """Set in a request."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What the record's own head says, read without the block."""

    type: str
    url: str
    fetched_at: datetime
    refers_to_url: str | None


def parse_heading(data: bytes, where: str) -> Heading | None:
    """Heading of a record that holds an answer of a web server, None for any other record.

    Raises ArchiveError when `data` does not begin with a WARC head.
    """
    return _heading(_warc_record(data, where))


def is_joined(data: bytes) -> bool:
    """Whether another record follows the first one: the file was compressed as one piece."""
    head, _, rest = data.partition(b"\r\n\r\n")
    length = _CONTENT_LENGTH.search(head)
    return length is not None and rest[int(length[1]) :].lstrip(b"\r\n").startswith(b"WARC/")


def parse_record(data: bytes, where: str, *, is_cut: bool = False) -> Record:
    """One whole record; `where` names it in errors.

    Raises ArchiveError when it is no WARC record, not whole, larger than is read, or its digest does not fit.
    """
    record = _warc_record(data, where)
    if is_cut:
        raise ArchiveError(f"{where}: the record is larger than is read")
    _check_whole(record, where)
    record_type = _field(record, "WARC-Type").lower()
    heading = _heading(record)
    if heading is None:
        is_request = record_type == "request"
        return Record(record_type, request_headers=_http(record)[1] if is_request else ())
    return Record(record_type, exchange=_exchange(record, heading))


def _warc_record(data: bytes, where: str) -> WarcRecord:
    try:
        return WarcRecord.from_reader(io.BytesIO(data), quirks_mode=True)
    except OSError as error:
        raise ArchiveError(f"{where}: no WARC record ({error})") from None


def _field(record: WarcRecord, name: str) -> str:
    return str(record.headers.get(name) or "").strip()


def _check_whole(record: WarcRecord, where: str) -> None:
    length = _field(record, "Content-Length")
    if not length.isdigit() or len(length) > 20 or int(length) != record.content_length:  # noqa: PLR2004 - 64 bits
        raise ArchiveError(f"{where}: the record is cut")
    has_digest = _DIGEST.fullmatch(_field(record, "WARC-Block-Digest"))
    if has_digest and not record.verify_block_digest():
        raise ArchiveError(f"{where}: the record is damaged, its digest does not fit")


def _heading(record: WarcRecord) -> Heading | None:
    record_type = _field(record, "WARC-Type").lower()
    url = _field(record, "WARC-Target-URI").strip("<>")
    if not url.lower().startswith(("http://", "https://")):
        return None
    is_http = "application/http" in _field(record, "Content-Type").lower()
    if record_type != "resource" and not (is_http and record_type in ("response", "revisit")):
        return None
    at = _date(_field(record, "WARC-Date"))
    return Heading(record_type, url, at, _field(record, "WARC-Refers-To-Target-URI").strip("<>") or None)


def _exchange(record: WarcRecord, heading: Heading) -> Exchange:
    status, headers, body = _resource(record) if heading.type == "resource" else _http(record)
    is_revisit = heading.type == "revisit"
    refers_to_at = _field(record, "WARC-Refers-To-Date")
    return Exchange(
        url=heading.url,
        status=status,
        headers=headers,
        body=b"" if is_revisit else body,
        fetched_at=heading.fetched_at,
        ip_address=_field(record, "WARC-IP-Address") or None,
        truncated=_field(record, "WARC-Truncated") or None,
        refers_to_url=(heading.refers_to_url or heading.url) if is_revisit else None,
        refers_to_at=_date(refers_to_at) if is_revisit and refers_to_at else None,
    )


def _resource(record: WarcRecord) -> tuple[int, Headers, bytes]:
    """A file that was stored without its HTTP head."""
    return 200, (("content-type", _field(record, "Content-Type")),), record.reader.read()


def _http(record: WarcRecord) -> tuple[int, Headers, bytes]:
    """Status (0 when there is none), headers and body, chunks joined when they are chunks."""
    record.parse_http(max_header_len=MAX_HTTP_HEAD_BYTES, quirks_mode=True)
    headers = tuple(
        (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in record.http_headers.items_bytes()
    )
    kept = tuple(header for header in headers if header[0] != "transfer-encoding")
    body = record.reader.read()
    return record.http_headers.status_code or 0, kept, body if len(kept) == len(headers) else join_chunks(body)


def _date(text: str) -> datetime:
    """An aware time; 1970 when a file of others gives none that can be read."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
