"""Small things that grow large: run as a program, each in a process of its own, it tells what they cost."""

import gzip
import io
import json
import os
import sys
import tempfile
import time
import zlib
from datetime import UTC, datetime
from pathlib import Path

import brotli
from fastwarc.stream_io import ZstdWriter
from twisted.internet.testing import StringTransport
from twisted.web._newclient import Request
from twisted.web.http_headers import Headers

from crawler.archive import Exchange, decode_body
from crawler.archive.reader import read_at, scan_tail
from crawler.crawling.downloader import CappedParser, HeadTooLargeError
from crawler.discovery.feeds import read_feed
from crawler.discovery.listings import read_listing
from crawler.discovery.robots import RobotsPolicy
from crawler.discovery.sitemaps import MAX_SITEMAP_BYTES, read_sitemap
from crawler.errors import CollectorError
from crawler.sites.profile import SiteProfile

PROFILE = SiteProfile(key="bao", hosts=("bao.example",))
URL = "https://bao.example/sitemap.xml"
MB = 1_000_000
PAGE_BYTES = 8 << 20
ENTRY = b"<url><loc>https://bao.example/tin/bai-%d.html</loc></url>"


def zstd(data):
    buffer = io.BytesIO()
    writer = ZstdWriter(buffer)
    writer.write(data)
    writer.finish()
    del writer  # only then is everything in the buffer
    return buffer.getvalue()


def raw(data):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def zeros(size, wbits):
    """`size` bytes of zeros, packed without ever being there."""
    packer = zlib.compressobj(9, wbits=wbits)
    return b"".join(packer.compress(bytes(MB)) for _ in range(size // MB)) + packer.flush()


def decoded(body, coding, max_bytes=PAGE_BYTES):
    headers = (("content-encoding", coding),) if coding else ()
    return decode_body(Exchange(URL, 200, headers, body, datetime.now(UTC)), max_bytes)


def as_sitemap(body, coding=""):
    sitemap = read_sitemap(decoded(body, coding, MAX_SITEMAP_BYTES), URL, PROFILE)
    n = sum(len(batch) for batch in sitemap.batches())
    return f"{sitemap.problem}, {n}"


def as_feed(body):
    feed = read_feed(decoded(body, "", MAX_SITEMAP_BYTES), URL, PROFILE)
    return f"{feed.problem}, {len(feed.candidates)}"


def as_listing(body, coding=""):
    return f"{read_listing(decoded(body, coding), URL, PROFILE).n_links} links"


def as_robots(body):
    return RobotsPolicy.from_response(200, body, URL).state


def as_head(piece, n, begin=b"HTTP/1.1 200 OK\r\nA: b\r\n"):
    parser = CappedParser(Request(b"GET", b"/", Headers({b"host": [b"bao.example"]}), None), lambda _: None)
    parser.makeConnection(StringTransport())
    parser.dataReceived(begin)
    for _ in range(n):
        try:
            parser.dataReceived(piece)
        except HeadTooLargeError as error:
            return str(error)
        if parser.transport.disconnecting:
            return "connection dropped"
    return "accepted"


def as_record(body):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.warc.gz"
        path.write_bytes(body)
        list(tail := scan_tail(path, 0))
        read_at(path, 0, len(body))
        return str(tail.problem)


def laughs(depth, root=b"urlset"):
    entities = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, depth))
    top = b'<?xml version="1.0"?><!DOCTYPE %s [<!ENTITY a0 "ha">%s]>' % (root, entities)
    return top + b"<%s><url><loc>https://bao.example/&a%d;</loc></url></%s>" % (root, depth - 1, root)


def quadratic():
    return b'<!DOCTYPE u [<!ENTITY a "%s">]><urlset><url><loc>%s</loc></url></urlset>' % (b"a" * MB, b"&a;" * 50_000)


def outside(kind):
    return (
        b'<!DOCTYPE u [<!ENTITY a %s "file:///etc/passwd">]><urlset><url><loc>http://bao.example/&a;</loc></url>' % kind
    )


def urls(n):
    return b"<urlset>" + b"".join(ENTRY % i for i in range(n)) + b"</urlset>"


def index(n):
    places = b"".join(b"<sitemap><loc>https://bao.example/s-%d.xml</loc></sitemap>" % i for i in range(n))
    return b"<sitemapindex>" + places + b"</sitemapindex>"


BOMBS = {
    "gzip, 900 MB": lambda: as_sitemap(zeros(900 * MB, 31), "gzip"),
    "gzip that is not said": lambda: as_sitemap(zeros(300 * MB, 31)),
    "deflate": lambda: as_sitemap(zeros(300 * MB, 15), "deflate"),
    "deflate, raw": lambda: as_sitemap(zeros(300 * MB, -15), "deflate"),
    "brotli": lambda: as_sitemap(brotli.compress(bytes(90 * MB), quality=1), "br"),
    "zstd": lambda: as_sitemap(zstd(bytes(90 * MB)), "zstd"),
    "page by gzip": lambda: as_listing(zeros(300 * MB, 31), "gzip"),
    "page by brotli": lambda: as_listing(brotli.compress(bytes(90 * MB), quality=1), "br"),
    "gzip in gzip": lambda: as_sitemap(gzip.compress(zeros(300 * MB, 31)), "gzip, gzip"),
    "gzip in brotli": lambda: as_sitemap(brotli.compress(zeros(300 * MB, 31)), "gzip, br"),
    "gzip in deflate": lambda: as_sitemap(zlib.compress(zeros(300 * MB, 31)), "gzip, deflate"),
    "five layers": lambda: as_sitemap(gzip.compress(gzip.compress(gzip.compress(gzip.compress(zeros(300 * MB, 31)))))),
    "five layers, said": lambda: as_sitemap(gzip.compress(zeros(300 * MB, 31)), "gzip, gzip, gzip, gzip, gzip"),
    "a thousand codings": lambda: as_sitemap(zeros(9 * MB, 31), ", ".join(["gzip"] * 1_000)),
    "gzip of .xml.gz": lambda: as_sitemap(gzip.compress(gzip.compress(urls(60_000))), "gzip"),
    "empty members": lambda: as_sitemap(gzip.compress(b"") * 250_000, "gzip"),
    "members of one byte": lambda: as_sitemap(gzip.compress(b"a") * 250_000),
    "a million addresses": lambda: as_sitemap(urls(1_000_000)),
    "a hundred thousand sitemaps": lambda: as_sitemap(index(100_000)),
    "billion laughs": lambda: as_sitemap(laughs(12)),
    "billion laughs in a feed": lambda: as_feed(laughs(12, b"rss")),
    "quadratic entities": lambda: as_sitemap(quadratic()),
    "entity of a file": lambda: as_sitemap(outside(b"SYSTEM")),
    "entity of a public name": lambda: as_sitemap(outside(b'PUBLIC "x"')),
    "parameter entities": lambda: as_sitemap(b'<!DOCTYPE u [<!ENTITY % a SYSTEM "file:///dev/zero"> %a;]><urlset/>'),
    "dtd from elsewhere": lambda: as_sitemap(b'<!DOCTYPE u SYSTEM "http://127.0.0.1:9/x.dtd"><urlset/>'),
    "deep xml": lambda: as_sitemap(b"<a>" * 2_000_000),
    "deep feed": lambda: as_feed(b"<rss>" + b"<channel>" * 900_000),
    "deep json": lambda: as_feed(b'{"items":' + b"[" * 5_000_000),
    "json of numbers": lambda: as_feed(b'{"items":[' + b"1," * 4_000_000 + b"1]}"),
    "json of a number": lambda: as_feed(b'{"items":' + b"9" * 5_000_000 + b"}"),
    "an address of 50 MB": lambda: as_sitemap(b"<urlset><url><loc>http://bao.example/" + b"a" * 50 * MB),
    "an attribute of 50 MB": lambda: as_sitemap(b"<urlset a='" + b"a" * 50 * MB + b"'>"),
    "a million attributes": lambda: as_sitemap(b"<urlset " + b"".join(b"a%d='' " % n for n in range(1_000_000)) + b">"),
    "open tags": lambda: as_sitemap(b"<urlset>" + b"<a" * 5_000_000),
    "a comment of 50 MB": lambda: as_sitemap(b"<urlset><!--" + b"- " * 25 * MB),
    "lines of text": lambda: as_sitemap(b"http://bao.example/a\n" * 2_000_000),
    "a line of text": lambda: as_sitemap(b"http://bao.example/" + b"a" * 50 * MB),
    "page of tags": lambda: as_listing(b"<b>" * (PAGE_BYTES // 3)),
    "page of line breaks": lambda: as_listing(b"<br>" * (PAGE_BYTES // 4)),
    "page of links": lambda: as_listing(b"<a href=/x-1.html>a</a>" * (PAGE_BYTES // 23)),
    "robots of 50 MB": lambda: as_robots(b"User-agent: *\nDisallow: /*a*b*c*d$\n" * 1_300_000),
    "robots without a line end": lambda: as_robots(b"Disallow: /" + b"*" * 50 * MB),
    "headers without end": lambda: as_head(b"X-Filler: abc\r\n" * 100, 1_000_000),
    "a header without end": lambda: as_head(b"a" * 60_000, 1_000_000),
    "a header of many lines": lambda: as_head(b" folded\r\n" * 100, 1_000_000),
    "interim answers": lambda: as_head(b"HTTP/1.1 103 Early\r\nA: b\r\n\r\n" * 100, 1_000_000, b""),
    "record of 900 MB": lambda: as_record(zeros(900 * MB, 31)),
}


def measure(bomb):
    """What came of it, in a child: outcome, megabytes above idle, seconds."""
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        memory = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        idle, began = int(memory["VmRSS"].split()[0]), time.process_time()
        try:
            outcome = bomb()
        except CollectorError as error:
            outcome = f"{type(error).__name__}: {error}"
        except Exception as error:  # noqa: BLE001 - told apart from those that may be raised
            outcome = f"RAISED {error!r}"
        memory = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        cost = [outcome, (int(memory["VmHWM"].split()[0]) - idle) / 1024, time.process_time() - began]
        os.write(writer, json.dumps(cost).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return json.loads(said) if said else ["DIED", 0.0, 0.0]


if __name__ == "__main__":
    for name in sys.argv[1:] or BOMBS:
        sys.stdout.write(json.dumps([name, *measure(BOMBS[name])]) + "\n")
        sys.stdout.flush()
