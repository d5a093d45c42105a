"""List pages, soft 404s and opt-outs, on small pages in the styles of provincial newspapers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.listings import Listing, read_listing
from crawler.discovery.opt_outs import read_opt_outs
from crawler.discovery.soft404 import looks_like_missing
from crawler.discovery.trees import parse_page
from crawler.sites.profile import SiteProfile, Sources

HOST = "https://baoque.example"
SITE = SiteProfile(hosts=("baoque.example",))
TITLES = [
    "Đẩy nhanh tiến độ cầu mới",
    "Lễ hội ven sông mở cửa",
    "Nông dân được mùa vải sớm",
    "Khai giảng lớp học vùng cao",
    "Hội nghị tổng kết công tác năm",
    "Trao nhà cho hộ nghèo xã biên giới",
]


def _card(number: int, href: str = "") -> str:
    href = href or f"/thoi-su/bai-viet-so-{number}-{10_000 + number}.html"
    return (
        f"<article><a href='{href}'><img alt='Ảnh {number}'></a>"
        f"<h3 class='card-title'><a href='{href}'>{TITLES[number % 6]} {number}</a></h3>"
        f"<span class='card-date'>08:30, 0{number % 9 + 1}/04/2026</span><p>Tóm tắt.</p></article>"
    )


SECTION = f"""<html><head><base href='/'><link rel='canonical' href='http://www.baoque.example/thoi-su'>
<link rel='alternate' type='application/rss+xml' href='/rss/thoi-su.rss'>
<link rel='alternate' hreflang='en' href='/en/'>
<link rel=next href='/thoi-su?page=2'></head><body><nav><a href='/'>Trang chủ</a><a href='/thoi-su'>Thời sự</a>
<a href='/kinh-te'>Kinh tế</a><a href='/xa-hoi.html' rel=nofollow>Xã hội</a><a href='/dang-nhap'>Đăng nhập</a>
<a href='#top'>Lên</a>
<a href='javascript:void(0)'>In</a><a href='https://khac.example/kinh-te'>Báo khác</a>
<a href='/anh/bia.jpg'>Bìa</a></nav>
<main>{"".join(map(_card, range(8)))}</main>
<div class='pager'><a href='/thoi-su?page=2'>2</a><a href='/thoi-su?page=3'>3</a>
<a href='/thoi-su/cu-hon'>Trang sau »</a><a href='/kinh-te?page=2'>2</a></div>
<button class='btn load-more' data-url='/tai-them/thoi-su/2'>Xem thêm</button>
<div data-url='/khong-lien-quan' class='player'></div></body></html>"""


def _read(body: str, url: str = f"{HOST}/thoi-su", profile: SiteProfile = SITE) -> Listing:
    return read_listing(body.encode(), url, profile)


def test_a_section_page():
    listing = _read(SECTION)
    assert [link.url for link in listing.articles] == [
        f"{HOST}/thoi-su/bai-viet-so-{n}-{10_000 + n}.html" for n in range(8)
    ]
    assert [link.url for link in listing.listings] == [
        f"{HOST}/",
        f"{HOST}/kinh-te",
        f"{HOST}/xa-hoi.html",
        f"{HOST}/kinh-te?page=2",
    ]
    assert [link.url for link in listing.pages] == [
        f"{HOST}/thoi-su?page=2", f"{HOST}/thoi-su?page=3", f"{HOST}/thoi-su/cu-hon", f"{HOST}/tai-them/thoi-su/2",
    ]  # fmt: skip
    assert listing.feeds == (f"{HOST}/rss/thoi-su.rss",)
    assert listing.canonical == f"{HOST}/thoi-su"
    assert listing.is_listing


def test_a_card_is_one_link_with_its_title_and_time():
    first = _read(SECTION).articles[0]
    assert (first.text, first.is_heading, first.is_nofollow) == ("Đẩy nhanh tiến độ cầu mới 0", True, False)
    assert first.listed_at == datetime(2026, 4, 1, 1, 30, tzinfo=UTC)


def test_nofollow_is_a_fact_that_one_followed_link_undoes():
    listings = {link.url: link for link in _read(SECTION).listings}
    assert listings[f"{HOST}/xa-hoi.html"].is_nofollow
    both = _read("<a rel=nofollow href=/kinh-te>Kinh tế</a><a href=/kinh-te>Kinh tế</a>")
    assert not both.listings[0].is_nofollow


@pytest.mark.parametrize(
    ("url", "href", "text"),
    [
        ("/thoi-su", "/thoi-su/trang-2.html", "2"),
        ("/thoi-su.html", "/thoi-su-p2.html", "2"),
        ("/thoi-su", "/thoi-su/p2", "Tiếp"),
        ("/thoi-su/trang-2.html", "/thoi-su/trang-3.html", "3"),
        ("/thoi-su?p=7", "/thoi-su?p=8", "»"),
        ("/", "/?page=2", "Xem thêm"),
        ("/Default.aspx?pageid=4", "/Default.aspx?page=2&pageid=4", "[2]"),
    ],
)  # fmt: skip
def test_further_pages_of_the_same_list(url, href, text):
    listing = _read(f"<a href='{href}'>{text}</a>", HOST + url)
    assert [link.text for link in listing.pages] == [text]
    assert listing.listings == ()


def test_base_href_on_another_host_leads_off_the_site():
    assert _read("<base href='https://khac.example/'><a href='/kinh-te'>x</a>").listings == ()
    assert _read("<base href='/tin/'><a href='kinh-te'>x</a>").listings[0].url == f"{HOST}/tin/kinh-te"


def test_a_topic_page_with_a_long_name_is_no_article_where_articles_have_numbers():
    cards = "".join(map(_card, range(12)))
    topic = "<a href='/dai-hoi-dang-bo-tinh-lan-thu-hai-muoi'>Đại hội</a>"
    listing = _read(cards + topic)
    assert len(listing.articles) == 12
    assert [link.text for link in listing.listings] == ["Đại hội"]
    assert len(_read(topic).articles) == 1


def test_a_headline_to_an_unknown_address_is_an_article_unless_the_profile_has_forms():
    page = "<h2><a href='/xem/12345678'>Đẩy nhanh tiến độ cầu mới</a></h2><a href='/xem/12345679'>Ngắn</a>"
    assert [link.url for link in _read(page).articles] == [f"{HOST}/xem/12345678"]
    profile = SiteProfile(hosts=("baoque.example",), sources=Sources(article_url=("/bai/{id}",)))
    assert _read(page, profile=profile).articles == ()


def test_an_article_page_is_no_list():
    prose = "<p>" + "Sáng nay, nhiều người dân đã có mặt từ rất sớm để dự lễ khởi công. " * 8 + "</p>"
    assert not _read(prose * 12 + "".join(map(_card, range(6)))).is_listing


@pytest.mark.parametrize("encoding", ["utf-8", "cp1258", "utf-16"])
def test_titles_in_any_encoding(encoding):
    title = "Đưa tin"
    charset = encoding.replace("cp", "windows-")
    page = f"<html><head><meta charset='{charset}'></head><body><a href='/kinh-te'>{title}</a></body></html>"
    assert read_listing(page.encode(encoding), HOST, SITE).listings[0].text == title


@pytest.mark.parametrize(
    "body",
    [b"", b"\x00" * 1000, b"<a href=" * 50_000, b"<div>" * 100_000 + b"<a href=/kinh-te>x</a>", b"<a href='http://[::1'>x</a>",
     b"<a href='" + b"a" * 1_000_000 + b"'>x</a>", b"<?xml version='1.0' encoding='utf-8'?><a href='/x'>y</a>",
     b"<a>" + b"<b>x" * 50_000],
)  # fmt: skip
def test_hostile_pages(body):
    listing = read_listing(body, HOST, SITE)
    assert len(listing.articles) + len(listing.listings) <= listing.n_links
    assert looks_like_missing(f"{HOST}/a", f"{HOST}/a", parse_page(body), SITE) is None


@given(st.binary(max_size=300), st.text(max_size=100))
def test_never_raises(body, href):
    read_listing(body, HOST, SITE)
    read_listing(
        f"<base href='{href}'><a href='{href}' class='{href}'>{href}</a><i data-url='{href}' id=next>".encode(
            errors="replace"
        ),
        HOST,
        SITE,
    )
    read_opt_outs(
        [("X-Robots-Tag", href)], parse_page(f"<meta name=robots content='{href}'>".encode(errors="replace")), "khobao"
    )


MISSING = [
    ("<title>404 Not Found</title>", "missing_title"),
    ("<title>Không tìm thấy trang | Báo Quê</title>", "missing_title"),
    ("<title>Báo Quê - Trang bạn yêu cầu không tồn tại</title>", "missing_title"),
    ("<title>Lỗi 404 - Báo Quê</title>", "missing_title"),
    ("<title>Page not found</title>", "missing_title"),
    ("<title>Báo Quê</title><h1>Bài viết không tồn tại hoặc đã bị xóa</h1>", "missing_text"),
    ("<title>Báo Quê</title><p>Xin lỗi, nội dung bạn tìm không còn tồn tại.</p>", "missing_text"),
    ("<title>Báo Quê</title><link rel=canonical href='http://www.baoque.example/'><p>Ngắn</p>", "home_page"),
    ("<title>Không tìm thấy người mất tích sau lũ</title><h1>Không tìm thấy người mất tích sau lũ</h1>", None),
    ("<title>Trang trại 404 con bò của lão nông</title>", None),
    ("<title>Nội dung kỳ họp không có trong chương trình</title>", None),
    (
        "<title>Cầu mới</title><h1>Cầu mới</h1><h3>Trang không tồn tại</h3><p>" + "Lời văn của bài. " * 60 + "</p>",
        None,
    ),
    (
        "<title>Cầu mới</title><link rel=canonical href='https://baoque.example/'>"
        "<p>" + "Lời văn của bài. " * 60 + "</p>",
        None,
    ),
    ("<title>Cầu mới</title><link rel=canonical href='https://baoque.example/thoi-su/cau-moi-1.html'>", None),
]


@pytest.mark.parametrize(("page", "expected"), MISSING)
def test_pages_that_say_they_are_missing(page, expected):
    url = f"{HOST}/thoi-su/cau-moi-1.html"
    assert looks_like_missing(url, url, parse_page(page.encode()), SITE) == expected


def test_a_redirect_to_the_home_page_is_no_article_but_the_home_page_itself_is_itself():
    tree = parse_page(b"<title>Trang chu</title>")
    assert (
        looks_like_missing(f"{HOST}/thoi-su/cau-1.html", "http://www.baoque.example/index.html", tree, SITE)
        == "home_page"
    )
    assert looks_like_missing(f"{HOST}/", f"{HOST}/", tree, SITE) is None


SIGNALS = [
    ([("X-Robots-Tag", "noindex, nofollow")], "", ("nofollow", "noindex")),
    ([("x-robots-tag", "none")], "", ("nofollow", "noindex")),
    ([("x-robots-tag", "khobao: noarchive, noai")], "", ("noai", "noarchive")),
    ([("x-robots-tag", "googlebot: noindex")], "", ("googlebot:noindex",)),
    ([("x-robots-tag", "unavailable_after: 25 Jun 2026 15:00:00 GMT")], "", ("unavailable_after",)),
    ([("x-robots-tag", "all, max-snippet:20")], "", ()),
    ([("tdm-reservation", "1")], "", ("tdm-reservation",)),
    ([("tdm-reservation", "0")], "", ()),
    ([("Content-Signal", "search=yes,ai-train=no")], "", ("content-signal:ai-train=no",)),
    ([], "<meta name=ROBOTS content='NoIndex, NoAI, NoImageAI'>", ("noai", "noimageai", "noindex")),
    ([], "<meta name=googlebot content=noindex>", ("googlebot:noindex",)),
    ([], "<meta name=khobao content=noindex>", ("noindex",)),
    ([], "<meta name=tdm-reservation content=1>", ("tdm-reservation",)),
    ([], "<meta name=robots content='index,follow'><meta name=description content=noindex>", ()),
]


@pytest.mark.parametrize(("headers", "page", "expected"), SIGNALS)
def test_opt_outs(headers, page, expected):
    assert read_opt_outs(headers, parse_page(f"<html>{page}<p>x".encode()), "KhoBao") == expected
