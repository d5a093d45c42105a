"""An article behind a lie, or behind what makes extractors return nothing, comes out whole, or with its reason."""

import gzip
import zlib
from datetime import UTC, datetime
from functools import partial

import brotli
import pytest

from crawler.archive import Exchange
from crawler.archive.exchange import to_page
from crawler.errors import ArchiveError
from crawler.examination import examine
from crawler.items import Article, Pointer
from crawler.sites.profile import SiteProfile
from tests.newspaper.prose import sentences

PROFILE = SiteProfile(key="bao", hosts=("bao.example",))
URL = "https://bao.example/tin/mua-vang-tren-dong-4100001.html"
LINES = sentences("header lies", 10)


def page(before="", within="", after="", top="<!DOCTYPE html>", around=("", "")):
    body = "".join(f"<p>{line}</p>" for line in LINES)
    title = "Bà con xóm núi dọn dẹp con đường ven sông"
    article = f"<article><h1>{title}</h1>{body[:200]}{within}{body[200:]}</article>"
    inner = f"{before}{around[0]}{article}{around[1]}{after}"
    return f"{top}<html><head><title>{title}</title></head><body>{inner}</body></html>"


PLAIN = page().encode()


def raw(data):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def read(body, *headers, truncated=None):
    headers = (("content-type", "text/html; charset=utf-8"), *headers)
    exchange = Exchange(URL, 200, headers, body, datetime(2026, 11, 1, tzinfo=UTC), truncated=truncated)
    return examine(to_page(exchange, Pointer("x", 0, 1), site="bao", found_via="section", max_bytes=20 << 20), PROFILE)


def coded(coding):
    return ("content-encoding", coding)


LIES = {
    "gzip said, not sent": (PLAIN, coded("gzip")),
    "brotli said, not sent": (PLAIN, coded("br")),
    "deflate said, not sent": (PLAIN, coded("deflate")),
    "zstd said, not sent": (PLAIN, coded("zstd")),
    "a coding nobody knows": (PLAIN, coded("sdch")),
    "a charset as coding": (PLAIN, coded("utf-8")),
    "gzip sent, not said": (gzip.compress(PLAIN),),
    "gzip sent, brotli said": (gzip.compress(PLAIN), coded("br")),
    "gzip sent, deflate said": (gzip.compress(PLAIN), coded("deflate")),
    "gzip twice, said once": (gzip.compress(gzip.compress(PLAIN)), coded("gzip")),
    "gzip twice, never said": (gzip.compress(gzip.compress(PLAIN)),),
    "gzip said twice, sent once": (gzip.compress(PLAIN), coded("gzip, gzip")),
    "gzip said in two lines": (gzip.compress(gzip.compress(PLAIN)), coded("gzip"), coded("gzip")),
    "deflate, wrapped": (zlib.compress(PLAIN), coded("deflate")),
    "deflate, naked": (raw(PLAIN), coded("deflate")),
    "brotli": (brotli.compress(PLAIN), coded("br")),
    "brotli of gzip": (brotli.compress(gzip.compress(PLAIN)), coded("gzip, br")),
    "gzip with zeros behind": (gzip.compress(PLAIN) + bytes(100), coded("gzip")),
    "gzip with text behind": (gzip.compress(PLAIN) + b"<!-- cached -->", coded("gzip")),
    "gzip in members": (gzip.compress(PLAIN[:900]) + gzip.compress(PLAIN[900:]), coded("gzip")),
    "wrong length": (PLAIN, ("content-length", "40")),
    "wrong charset": (PLAIN, ("content-type", "text/html; charset=windows-1252")),
}


@pytest.mark.parametrize("name", LIES)
def test_lies_of_headers_cost_no_text(name):
    body, *headers = LIES[name]
    found = read(body, *headers)
    assert isinstance(found, Article), found
    assert found.text.split("\n\n") == LINES


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, partial(brotli.compress, quality=5)])
def test_a_cut_body_is_told_and_never_taken_for_whole(pack):
    coding = {gzip.compress: "gzip", zlib.compress: "deflate"}.get(pack, "br")
    with pytest.raises(ArchiveError, match=r"ends early|damaged"):  # a short brotli stream does not tell which
        read(pack(PLAIN)[:-60], coded(coding))


CAUSES = {
    **{f"reference {one}": page(within=one) for one in ("&#1;", "&#8;", "&#11;", "&#31;", "&#xFFFE;", "&#xFFFF;")},
    **{f"depth {n} around": page(around=("<div>" * n, "</div>" * n)) for n in (253, 300, 2_000)},
    "depth before": page(before=f"<aside>{'<div>' * 300}{'</div>' * 300}</aside>"),
    "depth never closed": page(before="<div>" * 300),
    "an attribute of 11 MB": page(before=f"<div data-a='{'a' * 11_000_000}'></div>"),
    "a comment of 11 MB": page(before=f"<!--{'a' * 11_000_000}-->"),
    "an inner subset": page(top='<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a "b">]>'),
    "an inner subset with a file": page(
        top='<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a SYSTEM "file:///etc/x">]>'
    ),
    "an xml declaration": page(top='<?xml version="1.0" encoding="utf-16"?>'),
    "a zero byte": page(within="\0"),
    "a bare control character": page(within="\x0b\x1f"),
    "a lone surrogate": page(within="&#xD800;"),
    "a huge number": page(within="&#99999999999;"),
}


@pytest.mark.parametrize("name", CAUSES)
def test_no_article_is_lost_in_silence(name):
    """Each cause by which trafilatura alone returns nothing: the text comes out, or a reason does."""
    body = CAUSES[name].encode()
    found = read(body)
    if len(body) > 8 << 20:
        assert not isinstance(found, Article)
        assert found.reason == "too_large"
        return
    assert isinstance(found, Article), found
    kept = "".join(found.text.split())
    assert sum("".join(line.split()) in kept for line in LINES) >= len(LINES) - 1
    assert len(kept) >= 0.99 * len("".join("".join(LINES).split()))
