"""Canonical addresses: the table is the specification."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.discovery.urls import canonicalize, is_home, is_on_site, split_url
from crawler.sites.profile import SiteProfile, Sources

SITE = SiteProfile(hosts=("baoque.example", "cu.baoque.example", "www.tinhque.example"))
WWW = SiteProfile(hosts=("baoque.example",), home="http://www.baoque.example/")
LOCAL = SiteProfile(hosts=("127.0.0.1:8123",), home="http://127.0.0.1:8123/")
PRINTED = SiteProfile(hosts=("baoque.example",), sources=Sources(article_url=("/print/{id}.html",)))
STORY = "https://baoque.example/thoi-su/cau-moi-qua-song-12345.html"

SAME = [
    (STORY, STORY),
    (f"  {STORY}\n", STORY),
    (f"{STORY}#binh-luan", STORY),
    (STORY.replace("https", "HTTP"), STORY),
    (STORY.replace("baoque", "www.BaoQue"), STORY),
    (STORY.replace("https://baoque", "http://m.baoque"), STORY),
    (STORY.replace("https://baoque", "https://amp.baoque"), STORY),
    (STORY.replace(".example", ".example:443"), STORY),
    (STORY.replace("https://baoque.example", "http://baoque.example:80"), STORY),
    (STORY.replace(".example", ".example."), STORY),
    (STORY.replace("https://", "https://ai:mat-khau@"), STORY),
    (STORY.replace("/thoi-su/", "//thoi-su///"), STORY),
    (STORY.replace("/thoi-su/", "/kinh-te/../thoi-su/./"), STORY),
    (STORY.replace("/thoi-su/", "/%74hoi-su/"), STORY),
    (f"{STORY}?utm_source=zalo&utm_medium=chia-se&fbclid=IwAR0x", STORY),
    (f"{STORY}?zarsrc=31&gidzl=abc", STORY),
    (f"{STORY}?gclid=1&_ga=2.3&mc_cid=9", STORY),
    (f"{STORY}?ref=trangchu", STORY),
    (f"{STORY}?_=1700000000000", STORY),
    (f"{STORY};jsessionid=0A1B2C3D4E5F", STORY),
    (f"{STORY}?JSESSIONID=0A1B2C3D&PHPSESSID=abc", STORY),
    (f"{STORY}?sid=0a1b2c3d4e5f60718293a4b5c6d7e8f9", STORY),
    ("https://baoque.example/(S(3x1kq055ksl2jz55dvfqyk45))/tin.aspx", "https://baoque.example/tin.aspx"),
    (f"{STORY}?print=1", STORY),
    (f"{STORY}?print", STORY),
    (f"{STORY}?in_bai=&view=print", f"{STORY}?in_bai="),
    (f"{STORY}?tmpl=component&print=1", STORY),
    (f"{STORY}?fontsize=18&font=lon", STORY),
    (f"{STORY}?amp=1", STORY),
    (f"{STORY}?mobile=true", STORY),
    (f"{STORY}?redirect=%2Fweb%2Fguest", STORY),
    (f"{STORY}/amp", STORY),
    (f"{STORY}/print/", STORY),
    (STORY.replace(".html", ".amp.html"), STORY),
    (STORY.replace(".example/", ".example/amp/"), STORY),
    (STORY.replace(".example/", ".example/print/"), STORY),
    ("https://baoque.example", "https://baoque.example/"),
    ("https://baoque.example/tin?b=2&a=1&b=2", "https://baoque.example/tin?a=1&b=2"),
    ("https://baoque.example/tin?a=1&amp;b=2", "https://baoque.example/tin?a=1&b=2"),
    ("https://baoque.example/tin tức", "https://baoque.example/tin%20t%E1%BB%A9c"),
    ("https://baoque.example/tin%20tu%CC%9B%CC%81c", "https://baoque.example/tin%20t%E1%BB%A9c"),
    ("https://baoque.example/9%2f11/u%CC%9B", "https://baoque.example/9%2F11/%C6%B0"),
    ("http://tinhque.example/x", "https://www.tinhque.example/x"),
    ("http://www.cu.baoque.example/x", "https://cu.baoque.example/x"),
]
APART = [
    ("/Default.aspx?sid=1295&pageid=473&catid=57421&id=1", "/Default.aspx?sid=1295&pageid=473&catid=57421&id=2"),
    ("/Default.aspx?sid=1&id=1", "/Default.aspx?sid=2&id=1"),
    ("/xem?sid=120934", "/xem?sid=120935"),
    ("/tin-1.html", "/TIN-1.html"),
    ("/tin?page=1", "/tin?page=2"),
    ("/tin?ref=101", "/tin?ref=102"),
    ("/tin?type=mobile", "/tin?type=tivi"),
    ("/tin?view=article&id=5", "/tin?view=article&id=6"),
    ("/print/100.html", "/100.html"),
    ("/a%2Fb", "/a/b"),
    ("/tin?id=1", "/tin"),
]


@pytest.mark.parametrize(("given_url", "expected"), SAME)
def test_one_spelling(given_url, expected):
    assert canonicalize(given_url, SITE) == expected


@pytest.mark.parametrize(("one", "other"), APART)
def test_two_pages_keep_two_addresses(one, other):
    host = "https://baoque.example"
    assert canonicalize(host + one, SITE) != canonicalize(host + other, SITE)


def test_scheme_and_host_follow_the_profiles_home_page():
    assert canonicalize("https://baoque.example/a", WWW) == "http://www.baoque.example/a"


def test_a_port_named_by_the_profile_is_kept():
    assert canonicalize("http://127.0.0.1:8123/a#b", LOCAL) == "http://127.0.0.1:8123/a"
    assert is_on_site("http://127.0.0.1:8123/a", LOCAL)
    assert not is_on_site("http://127.0.0.1:8124/a", LOCAL)


def test_print_views_stay_where_the_profile_collects_them():
    url = "https://baoque.example/print/cau-moi-qua-song.html"
    assert canonicalize(url, PRINTED) == url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://baoque.example/x", True),
        ("http://www.baoque.example/x", True),
        ("https://m.baoque.example/x", True),
        ("https://cu.baoque.example/x", True),
        ("https://khac.baoque.example/x", False),
        ("https://baoque.example.evil.example/x", False),
        ("https://evilbaoque.example/x", False),
        ("https://baoque.example:22/x", False),
        ("https://baoque.example@evil.example/x", False),
        ("ftp://baoque.example/x", False),
        ("javascript:alert(1)", False),
        ("//baoque.example/x", False),
        ("http://[::1/x", False),
        ("http://baoque.example:99999/x", False),
        ("", False),
    ],
)
def test_only_http_on_the_sites_own_hosts(url, expected):
    assert is_on_site(url, SITE) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [("", True), ("/", True), ("/index.html", True), ("/Default.aspx", True), ("/trang-chu", True),
     ("/?utm_source=x", True),      ("/?p=2", False), ("/thoi-su", False), ("/thoi-su/index.html", False)],
)  # fmt: skip
def test_home_page_under_its_names(path, expected):
    assert is_home(f"http://www.baoque.example{path}", SITE) is expected


@given(st.one_of(st.text(max_size=300), st.text(max_size=200).map("https://baoque.example/".__add__)))
@example("https://baoque.example/?a=%25%32%36")
@example("https://baoque.example/a/print/print/b-c-d/amp/amp")
@example("http://:@[::1]:80//..//%2e%2e/;jsessionid=1;jsessionid=2")
@example("https://baoque.example/;jsessionid=a/(S(aaaaaaaaaaaa))/(S(aaaaaaaaaaaa))/x")
def test_applied_twice_nothing_more_changes(url):
    once = canonicalize(url, SITE)
    assert canonicalize(once, SITE) == once


@given(st.text(max_size=200))
def test_never_raises(text):
    split_url(text)
    is_on_site(text, SITE)
    is_home(text, SITE)
    canonicalize(f"https://{text}", SITE)


def test_what_is_no_web_address_comes_back_as_it_is():
    assert canonicalize(" mailto:toa-soan@baoque.example ", SITE) == "mailto:toa-soan@baoque.example"
    assert canonicalize("https://baoque.example/" + "a" * 3000, SITE).endswith("a" * 3000)


@given(st.from_regex(r"(?:[a-zA-Z0-9._~-]|/|/amp|/print|/mot-bai-viet|\.html){0,12}", fullmatch=True))
def test_the_short_way_gives_what_the_long_one_does(path):
    for site in (SITE, PRINTED):
        assert canonicalize(f"https://baoque.example/{path}", site) == canonicalize(
            f"HTTPS://baoque.example/{path}", site
        )
