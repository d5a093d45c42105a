"""Makes a WARC file as Common Crawl's news crawler writes them, out of exchanges; with the quirks that they have.

Each capture is a request and a response record, WARC 1.0, seconds only, one gzip member each. Bodies are stored decoded
with the head's `Content-Encoding` renamed to `X-Crawler-Content-Encoding`; what was chunked keeps the header.
"""

import gzip
import io
import uuid
from pathlib import Path

from fastwarc.warc import WarcRecord, WarcRecordType

from crawler.archive import ArchiveIndex, decode_body

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "seeds" / "demo.warc.gz"
NAME = "CC-NEWS-20261116010203-00042.warc.gz"


def demo_pages(*hosts):
    """Answers of the bundled archive on these hosts."""
    index = ArchiveIndex([DEMO])
    return [one for one in index if one.url.split("/")[2].removeprefix("www.") in hosts and one.status < 600]


def member(kind, url, at, block, **fields):
    record = WarcRecord()
    record.init_headers(kind, str(uuid.uuid4()).encode())
    record.headers.status_line = "WARC/1.0"
    record.headers["WARC-Date"] = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    if url:
        record.headers["WARC-Target-URI"] = url
    for name, value in fields.items():
        record.headers[name.replace("_", "-")] = value
    record.set_bytes_content(block)
    buffer = io.BytesIO()
    record.write(buffer, checksum_data=True)
    return gzip.compress(buffer.getvalue(), mtime=0)


def capture(exchange, **fields):
    """Request and response."""
    split = exchange.url.split("/", 3)
    asked = f"GET /{split[3] if len(split) > 3 else ''} HTTP/1.1\r\nHost: {split[2]}\r\nUser-Agent: CCBot/3.1\r\n\r\n"
    role = "application/http; msgtype="
    request = member(
        WarcRecordType.request, exchange.url, exchange.fetched_at, asked.encode(), Content_Type=f"{role}request"
    )
    block = head(exchange) + body(exchange)
    kind = WarcRecordType.revisit if "WARC_Profile" in fields else WarcRecordType.response
    fields = {"Content_Type": f"{role}response", "WARC_IP_Address": "203.0.113.7", **fields}
    return request + member(kind, exchange.url, exchange.fetched_at, block, **fields)


def head(exchange):
    lines = [f"HTTP/1.1 {exchange.status} OK"]
    for name, value in exchange.headers:
        hidden = name in {"content-encoding", "content-length", "transfer-encoding"}
        lines.append(f"{'X-Crawler-' if hidden else ''}{name.title()}: {value}")
    if exchange.header("x-test-chunked"):
        lines.append("Transfer-Encoding: chunked")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def body(exchange):
    if not exchange.header("x-test-chunked"):
        return decode_body(exchange)
    data = decode_body(exchange)
    pieces = [data[start : start + 1000] for start in range(0, len(data), 1000)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def info(at):
    text = b"software: StormCrawler\r\nformat: WARC File Format 1.0\r\n"
    return member(WarcRecordType.warcinfo, "", at, text, Content_Type="application/warc-fields", WARC_Filename=NAME)


def write(path, members):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(members))
    return path
