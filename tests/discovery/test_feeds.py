"""Feeds and sitemaps, good, broken and hostile."""

from __future__ import annotations

import gzip
import json
import resource
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.feeds import MAX_FEED_ITEMS, read_feed
from crawler.discovery.sitemaps import BATCH, MAX_SITEMAP_URLS, read_sitemap
from crawler.discovery.times import read_time
from crawler.sites.profile import SiteProfile, Sources

SITE = SiteProfile(hosts=("baoque.example",))
HOST = "https://baoque.example"
STORY = f"{HOST}/thoi-su/day-nhanh-tien-do-cau-moi-12345.html"
ZONE = "Asia/Ho_Chi_Minh"

OPEN = "<rss><channel><item><title>Cầu mới</title>"
FEEDS = {
    "rss 2.0": f"<rss version='2.0'><channel><title>Báo</title>{OPEN[14:]}<link>{STORY}</link></item></channel></rss>",
    "rss 0.91 with a doctype": f"<!DOCTYPE rss SYSTEM 'http://khac.example/rss.dtd'>{OPEN}<link>{STORY}</link></item>",
    "rss 1.0": "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>"
    f"<channel/><item><title>Cầu mới</title><link>{STORY}</link></item></rdf:RDF>",
    "atom": "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title type='html'>Cầu mới</title>"
    f"<link rel='self' href='/x'/><link rel='alternate' href='{STORY}'/></entry></feed>",
    "atom without rel": f"<feed><entry><title>Cầu mới</title><link href='{STORY}'/></entry></feed>",
    "json": json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [{"url": STORY, "title": "Cầu mới"}]}),
    "no end": f"{OPEN}<link>{STORY}</link>",
    "cdata": f"<rss><channel><item><title><![CDATA[Cầu  mới]]></title><link><![CDATA[\n {STORY} ]]></link></item>",
    "escaped cdata": f"{OPEN}<link>&lt;![CDATA[{STORY}]]&gt;</link></item></rss>",
    "entities html knows": f"<rss><item><title>C&#7847;u m&#x1EDB;i</title><link>{STORY}</link></item></rss>",
    "link as html": f"{OPEN}<link/>{STORY}</item></rss>",
    "guid only": f"{OPEN}<guid>{STORY}</guid></item></rss>",
    "undeclared prefix": f"{OPEN}<media:x/><link>{STORY}</link></item></rss>",
    "tracking": f"<rss><item><title>&lt;b&gt;Cầu&lt;/b&gt; mới</title><link>{STORY}?utm_source=rss</link></item>",
    "relative": f"{OPEN}<link>/thoi-su/day-nhanh-tien-do-cau-moi-12345.html</link></item></rss>",
    "control characters": f"<rss><item><title>Cầu\x08 mới&#11;</title><link>{STORY}</link></item></rss>",
    "leading blank": f"\n \ufeff<?xml version='1.0'?>{OPEN}<link>{STORY}</link></item></rss>",
}
TIMES = [
    ("Wed, 01 Apr 2026 08:30:00 +0700", "2026-04-01T01:30"),
    ("Wed, 01 Apr 26 08:30:00 +0700", "2026-04-01T01:30"),
    ("Wed, 01 Apr 2026 08:30:00 GMT+7", "2026-04-01T01:30"),
    ("Wed, 01 Apr 2026 08:30:00 GMT+07:00", "2026-04-01T01:30"),
    ("Wed, 01 Apr 2026 01:30:00 GMT", "2026-04-01T01:30"),
    ("2026-04-01T08:30:00+07:00", "2026-04-01T01:30"),
    ("2026-04-01T01:30:00Z", "2026-04-01T01:30"),
    ("2026-04-01T08:30", "2026-04-01T01:30"),
    ("2026-04-01 08:30:00", "2026-04-01T01:30"),
    ("2026-04-01", "2026-03-31T17:00"),
    ("4/1/2026 8:30:00 AM", "2026-04-01T01:30"),
    ("4/13/2026 1:30:00 PM", "2026-04-13T06:30"),
    ("01/04/2026 08:30", "2026-04-01T01:30"),
    ("08:30, 01/04/2026", "2026-04-01T01:30"),
    ("Thứ tư, 01/04/2026 | 08:30 (GMT+7)", "2026-04-01T01:30"),
    ("01/04/2026 8:30 SA", "2026-04-01T01:30"),
    ("01/04/2026 8:30 CH", "2026-04-01T13:30"),
    ("01/04/2026 12:10 SA", "2026-03-31T17:10"),
    ("31/02/2026", None),
    ("0001-01-01T00:00:00", None),
    ("hôm qua", None),
    ("", None),
]


@pytest.mark.parametrize("name", FEEDS)
def test_every_kind_of_feed_gives_its_article(name):
    feed = read_feed(FEEDS[name].encode(), f"{HOST}/rss", SITE)
    assert [(one.url, one.kind, one.found_via, one.title) for one in feed.candidates] == [
        (STORY, "article", "feed", "Cầu mới")
    ]
    assert feed.problem is None


def test_named_entities_and_bare_ampersands_survive():
    body = (
        f"<rss><item><title>Th&aacute;i & B&nbsp;C</title><link>{HOST}/xem.aspx?id=7&cat=2</link></item></rss>".encode()
    )
    (candidate,) = read_feed(body, HOST, SITE).candidates
    assert (candidate.url, candidate.title) == (f"{HOST}/xem.aspx?cat=2&id=7", "Thái & B C")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "windows-1258"])
def test_encodings(encoding):
    declared = encoding.removesuffix("-sig")
    text = f"<?xml version='1.0' encoding='{declared}'?><rss><item><link>{STORY}</link></item></rss>"
    assert [one.url for one in read_feed(text.encode(encoding), HOST, SITE).candidates] == [STORY]


def test_addresses_once_in_order_and_home_is_no_article():
    links = [STORY, f"{HOST}/", STORY + "#x", f"{HOST}/ngan", f"{HOST}/anh.jpg"]
    body = "<rss>" + "".join(f"<item><link>{link}</link></item>" for link in links) + "</rss>"
    found = read_feed(body.encode(), HOST, SITE).candidates
    assert [(one.url, one.kind) for one in found] == [
        (STORY, "article"), (f"{HOST}/", "listing"), (f"{HOST}/ngan", "article"), (f"{HOST}/anh.jpg", "ignore"),
    ]  # fmt: skip


def test_dates_of_items():
    body = f"<rss><item><link>{STORY}</link><pubDate>Wed, 01 Apr 26 08:30:00 GMT+7</pubDate></item></rss>".encode()
    assert read_feed(body, HOST, SITE).candidates[0].lastmod == datetime(2026, 4, 1, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "body", [b"", b"<html><body>Trang chu</body></html>", b"\x1f\x8b", b"{", b"[" * 100_000, b'{"items": 3}']
)
def test_what_is_no_feed_says_so(body):
    feed = read_feed(body, HOST, SITE)
    assert feed.candidates == ()
    assert feed.problem == "not_a_feed"


def test_too_many_items_are_cut_and_told():
    item = "<item><link>https://baoque.example/x-{}</link></item>"
    body = "<rss>" + "".join(item.format(number) for number in range(MAX_FEED_ITEMS + 5)) + "</rss>"
    feed = read_feed(body.encode(), HOST, SITE)
    assert (len(feed.candidates), feed.problem) == (MAX_FEED_ITEMS, "too_many_items")


@pytest.mark.parametrize(("text", "expected"), TIMES)
def test_times(text, expected):
    found = read_time(text, ZONE)
    assert (found.strftime("%Y-%m-%dT%H:%M") if found else None) == expected


@given(st.text(max_size=60), st.text(max_size=20))
def test_times_never_raise(text, zone):
    found = read_time(text, zone)
    assert found is None or found.tzinfo is UTC


def _all(body: bytes, profile: SiteProfile = SITE, **limits: int):
    sitemap = read_sitemap(body, f"{HOST}/sitemap.xml", profile, **limits)
    return [one for batch in sitemap.batches() for one in batch], sitemap


URLSET = (
    f"<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>{STORY}?utm_source=s</loc>"
    f"<lastmod>2026-04-01T08:30:00+07:00</lastmod></url><url><loc> {HOST}/thoi-su </loc></url></urlset>"
)


@pytest.mark.parametrize(
    "body",
    [URLSET.encode(), gzip.compress(URLSET.encode(), mtime=0),
     gzip.compress(URLSET[:60].encode(), mtime=0) + gzip.compress(URLSET[60:].encode(), mtime=0),
     URLSET.replace("xmlns=", "xmlns:sai=").encode(), URLSET.replace("loc>", "s:loc>").encode(),
     URLSET.encode("utf-16"),
     URLSET.removesuffix("</urlset>").encode()],
)  # fmt: skip
def test_urlset(body):
    (story, section), sitemap = _all(body)
    assert (story.url, story.kind, story.found_via) == (STORY, "article", "sitemap")
    assert story.lastmod == datetime(2026, 4, 1, 1, 30, tzinfo=UTC)
    assert (section.url, section.kind, sitemap.problem) == (f"{HOST}/thoi-su", "listing", None)


def test_index_with_escaped_cdata_under_any_name():
    body = (
        "<sitemapindex><sitemap><loc>&lt;![CDATA[https://baoque.example/SiteMaps/bai-2026-4.xml]]&gt;</loc>"
        "<lastmod>2026-04-02</lastmod></sitemap><sitemap><loc><![CDATA[/b.xml?x=1&y=2]]></loc></sitemap></sitemapindex>"
    )
    found, _ = _all(body.encode())
    assert [(one.url, one.kind) for one in found] == [
        (f"{HOST}/SiteMaps/bai-2026-4.xml", "sitemap"), (f"{HOST}/b.xml?x=1&y=2", "sitemap"),
    ]  # fmt: skip
    assert found[0].lastmod == datetime(2026, 4, 1, 17, tzinfo=UTC)


def test_news_sitemap_names_its_articles():
    body = (
        "<urlset xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'><url><loc>https://baoque.example/bai</loc>"
        "<news:news><news:publication_date>2026-04-01T08:30:00+07:00</news:publication_date>"
        "<news:title>Cầu mới</news:title></news:news></url></urlset>"
    )
    ((one,), _) = _all(body.encode())
    assert (one.kind, one.found_via, one.title) == ("article", "news_sitemap", "Cầu mới")
    assert one.lastmod == datetime(2026, 4, 1, 1, 30, tzinfo=UTC)


def test_plain_text_and_a_feed_as_sitemap():
    found, _ = _all(f"\ufeff{STORY}\r\nkhong phai\n{HOST}/thoi-su".encode())
    assert [one.url for one in found] == [STORY, f"{HOST}/thoi-su"]
    found, _ = _all(FEEDS["rss 2.0"].encode())
    assert [(one.url, one.found_via) for one in found] == [(STORY, "feed")]


def test_the_profiles_forms_decide_in_sitemaps():
    profile = SiteProfile(hosts=("baoque.example",), sources=Sources(article_url=("/bai/{id}",)))
    found, _ = _all(f"{HOST}/bai/7\n{STORY}".encode(), profile)
    assert [one.kind for one in found] == ["article", "unknown"]


def test_a_sitemap_torn_in_mid_gzip_gives_what_it_had():
    body = gzip.compress(
        ("<urlset>" + "".join(f"<url><loc>{HOST}/b-{n * 7919}</loc></url>" for n in range(6_000))).encode()
    )
    found, sitemap = _all(body[: len(body) // 2])
    assert 1_000 < len(found) < 6_000
    assert sitemap.problem is None


def test_the_first_batch_of_a_huge_sitemap_comes_at_once():
    entry = "<url><loc>https://baoque.example/thoi-su/bai-so-{}.html</loc></url>"
    body = ("<urlset>" + "".join(map(entry.format, range(MAX_SITEMAP_URLS + 1)))).encode()
    sitemap = read_sitemap(body, HOST, SITE)
    started = time.process_time()
    first = next(sitemap.batches())
    assert time.process_time() - started < 0.5
    assert len(first) == BATCH


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_sitemap_over_the_byte_limit_is_told(pack, monkeypatch):
    monkeypatch.setattr("crawler.discovery.sitemaps.MAX_SITEMAP_BYTES", 10_000)
    body = "<urlset>" + "".join(f"<url><loc>{HOST}/b-{number}</loc></url>" for number in range(500))
    found, sitemap = _all(pack(body.encode()))
    assert 100 < len(found) < 500
    assert sitemap.problem == "too_large"


def test_more_addresses_than_the_limit_are_told():
    body = "\n".join(f"{HOST}/b-{number}" for number in range(30)).encode()
    found, sitemap = _all(body, max_urls=20)
    assert (len(found), sitemap.n_urls, sitemap.problem) == (20, 20, "too_many_urls")
    found, sitemap = _all(body, max_urls=30)
    assert (len(found), sitemap.problem) == (30, None)


BOMBS = {
    "gzip": gzip.compress(b"<urlset>" + b" " * 200_000_000, 1),
    "one tag": gzip.compress(b"<urlset><url><loc>" + b"a" * 100_000_000, 1),
    "nesting": b"<a>" * 500_000,
    "members": gzip.compress(b"") * 100_000,
    "entities": b"<urlset>" + b"&aa;<" * 2_000_000,
    "open cdata": b"<urlset>" + b"<![CDATA[" * 100_000,
    "ampersands": b"<urlset>" + b"<a>" + b"&" * 5_000_000,
    "laughs": b"<!DOCTYPE u [<!ENTITY a 'haha'>" + b"<!ENTITY b '&a;&a;&a;&a;'>" * 9 + b"]><urlset><url><loc>/&b;",
    "file": b"<!DOCTYPE u [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><urlset><url><loc>/&x;</loc></url></urlset>",
}  # fmt: skip


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_cost_little(name):
    megabytes_before = _peak_megabytes()
    started = time.process_time()
    found, _ = _all(BOMBS[name])
    read_feed(BOMBS[name], HOST, SITE)
    assert time.process_time() - started < 3
    assert _peak_megabytes() < megabytes_before + 100
    assert not any("root:" in one.url or "haha" in one.url for one in found)


@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"<rss><item>", b"<urlset><url><loc>", b"\x1f\x8b\x08\x00", b"<?xml encoding='"]),
)
def test_arbitrary_bytes_never_raise(body, head):
    feed = read_feed(head + body, HOST, SITE)
    assert all(one.url and one.kind for one in feed.candidates)
    assert _all(head + body) is not None
