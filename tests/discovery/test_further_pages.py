"""How lists go on: every form in which a page says where older articles are, one row each."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.fragments import read_fragment
from crawler.discovery.listings import read_listing
from crawler.discovery.paging import next_in_series, with_page_number
from crawler.discovery.periods import address_before, period_of
from crawler.discovery.walks import Walks, in_walking_order
from crawler.sites.profile import SiteProfile

HOST = "https://baoque.example"
SITE = SiteProfile(hosts=("baoque.example",))
STORY = "/thoi-su/nguoi-dan-ven-song-trong-lai-rung-{}.html"


def pages(body, url="/thoi-su"):
    found = read_listing(body if isinstance(body, bytes) else body.encode(), HOST + url, SITE)
    return [link.url.removeprefix(HOST) for link in found.pages]


FORMS = [
    ("/thoi-su", "<a href='/thoi-su?page=2'>Trang sau</a>", "/thoi-su?page=2"),
    ("/thoi-su", "<a href='/thoi-su?p=2'>Trang tiếp</a>", "/thoi-su?p=2"),
    ("/thoi-su", "<a href='/thoi-su/p2'>»</a>", "/thoi-su/p2"),
    ("/thoi-su", "<a href='/thoi-su/trang-2'>Tiếp theo &gt;</a>", "/thoi-su/trang-2"),
    ("/thoi-su/", "<a href='/thoi-su/page/2/'>2</a>", "/thoi-su/page/2/"),
    ("/thoi-su.html", "<a href='/thoi-su-p2.html'>2</a>", "/thoi-su-p2.html"),
    ("/thoi-su", "<head><link rel=next href='/thoi-su/tiep/2'></head>", "/thoi-su/tiep/2"),
    ("/thoi-su", "<a rel=next href='/xem-tiep/thoi-su'>Còn nữa</a>", "/xem-tiep/thoi-su"),
    ("/thoi-su", "<a href='/xem/2/999/ma'>Xem thêm bài viết</a>", "/xem/2/999/ma"),
    ("/thoi-su", "<button data-url='/ajax/tin?page=2'>Xem thêm</button>", "/ajax/tin?page=2"),
    ("/thoi-su", "<a class=load-more href='#' data-href='/ajax/tin/2'>+</a>", "/ajax/tin/2"),
    ("/thoi-su", "<div class=infinite-scroll data-next='/tai/2'></div>", "/tai/2"),
    ("/thoi-su", "<b class=load-more data-page=2 data-url='/ajax/tin?trang={page}'>x</b>", "/ajax/tin?trang=2"),
    ("/thoi-su", "<button class=load-more data-page=1 data-url='/ajax/tin'>x</button>", "/ajax/tin?page=2"),
    ("/thoi-su", "<button data-next-page=2 data-url='/ajax/tin/__PAGE__'>Tải thêm</button>", "/ajax/tin/2"),
    ("/thoi-su?page=4", "<a data-url='/ajax/tin?page={{page}}'>Xem thêm</a>", "/ajax/tin?page=5"),
    ("/thoi-su", """<button onclick="loadMore('/ajax/tin?page=2')">Cũ hơn</button>""", "/ajax/tin?page=2"),
    ("/thoi-su", """<b id=xemthem onclick='$.get("/ajax/tin/2", show)'>…</b>""", "/ajax/tin/2"),
    ("/thoi-su", """<a href="javascript:xemThem('/ajax/tin?trang=2')">Xem thêm tin</a>""", "/ajax/tin?trang=2"),
    ("/thoi-su", "<div hx-get='/manh/tin?page=2' hx-trigger=revealed class=next></div>", "/manh/tin?page=2"),
    ("/thoi-su", "<form action=/tin><input type=hidden name=page value=2></form>", "/tin?page=2"),
    ("/thoi-su", "<select><option value='/thoi-su?page=2'>Trang 2</option></select>", "/thoi-su?page=2"),
    ("/thoi-su", "<select><option value='/2026/10/'>Tháng 10</option></select>", "/2026/10/"),
    ("/thoi-su", "<form action=/tin><input type=date name=ngay value=2026-11-21></form>", "/tin?ngay=2026-11-21"),
    ("/", "<a href='/2026/11/'>Tháng 11/2026</a>", "/2026/11/"),
    ("/", "<a href='/2026/11/21'>21</a>", "/2026/11/21"),
    ("/", "<a href='/luu-tru/2026-11-21.html'>21</a>", "/luu-tru/2026-11-21.html"),
    ("/", "<a href='/tin-ngay/21-11-2026'>21</a>", "/tin-ngay/21-11-2026"),
    ("/", "<a href='/?ngay=21/11/2026'>21</a>", "/?ngay=21%2F11%2F2026"),
    ("/", "<a href='/lich-bai-viet?nam=2026&thang=10'>«</a>", "/lich-bai-viet?nam=2026&thang=10"),
    ("/", "<a href='/?m=202610'>Tháng Mười 2026</a>", "/?m=202610"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "markup", "expected"), FORMS)
def test_a_list_says_where_it_goes_on(url, markup, expected):
    found = pages(f"<html><body>{markup}</body></html>", url)
    assert [one.replace("/21/11/", "%2F") if "%2F" not in one else one for one in found] in (
        [expected],
        [expected.replace("%2F", "/")],
    )


NOT_FURTHER = [
    "<div data-url='/khong-lien-quan' class=player></div>",
    "<button onclick=\"share('/chia-se/bai-nay')\">Chia sẻ</button>",
    "<a data-url='https://khac.example/ajax?page=2'>Xem thêm</a>",
    f"<a class=load-more data-url='{STORY.format(12345)}'>Xem thêm</a>",
    "<form action=/tim-kiem><input name=q><input type=hidden name=page value=2></form>",
    "<form method=post action=/tin><input type=hidden name=page value=2></form>",
    "<a href='/2026/11/21/mot-bai-viet-co-ten-dai-12345.html'>Một bài viết có tên dài ở trên trang</a>",
    "<select><option value=2026>2026</option><option value='/tinh/ha-noi'>Hà Nội</option></select>",
]


@pytest.mark.parametrize("markup", NOT_FURTHER)
def test_what_is_no_further_page(markup):
    assert pages(f"<html><body>{markup}</body></html>") == []


CARD = {"title": "Người dân ven sông trồng lại rừng", "url": STORY.format(10001), "published_at": "2026-11-20 08:30"}
CARDS = f"<li><h3><a href='{STORY.format(10001)}'>Người dân ven sông trồng lại rừng</a></h3></li>"
ANSWERS = [
    (CARDS, "/ajax/tin?page=3"),
    (json.dumps({"html": CARDS}), "/ajax/tin?page=3"),
    (json.dumps({"status": 1, "data": {"content": [CARDS]}}), "/ajax/tin?page=3"),
    (json.dumps({"items": [CARD]}), "/ajax/tin?page=3"),
    (json.dumps([CARD]), "/ajax/tin?page=3"),
    (json.dumps({"posts": [{"title": {"rendered": CARD["title"]}, "link": CARD["url"]}]}), "/ajax/tin?page=3"),
    (json.dumps({"data": [CARD], "next_page_url": "/ajax/tin?cursor=abc"}), "/ajax/tin?cursor=abc"),
    (json.dumps({"data": [CARD], "has_more": False}), None),
    (json.dumps({"data": [CARD], "isLast": True}), None),
    (f"nhanTin({json.dumps([CARD])});", "/ajax/tin?page=3"),
    (f"{CARDS}<button class=load-more data-url='/ajax/tin?page=9'>x</button>", "/ajax/tin?page=9"),
]


@pytest.mark.parametrize(("answer", "following"), ANSWERS)
def test_answers_of_more_buttons(answer, following):
    found = read_listing(answer.encode(), f"{HOST}/ajax/tin?page=2", SITE)
    assert [link.url for link in found.articles] == [HOST + STORY.format(10001)]
    assert found.articles[0].text == CARD["title"]
    assert [link.url for link in found.pages] == ([HOST + following] if following else [])


def test_times_of_entries_are_read():
    (link,) = read_listing(json.dumps([CARD]).encode(), f"{HOST}/ajax/tin?page=2", SITE).articles
    assert f"{link.listed_at:%Y-%m-%d %H:%M}" == "2026-11-20 01:30"


@pytest.mark.parametrize(("url", "expected"), [
    ("/ajax?page=2", "/ajax?page=3"), ("/tin/trang-9.html", "/tin/trang-10.html"),
    ("/ajax?offset=20", "/ajax?offset=35"), ("/ajax/tin", None),
])  # fmt: skip
def test_a_series_goes_on(url, expected):
    assert next_in_series(HOST + url, 15) == (HOST + expected if expected else None)
    assert next_in_series(HOST + url, 0) is None


@pytest.mark.parametrize(("url", "first", "last", "before"), [
    ("/2026/11/", (2026, 11, 1), (2026, 11, 30), "/2026/10/"),
    ("/2026/01/01", (2026, 1, 1), (2026, 1, 1), "/2025/12/31"),
    ("/luu-tru/2026", (2026, 1, 1), (2026, 12, 31), "/luu-tru/2025"),
    ("/ngay-1-3-2024.html", (2024, 3, 1), (2024, 3, 1), "/ngay-29-2-2024.html"),
    ("/tin?ngay=01-11-2026", (2026, 11, 1), (2026, 11, 1), "/tin?ngay=31-10-2026"),
    ("/tin?ngay=01%2F11%2F2026", (2026, 11, 1), (2026, 11, 1), "/tin?ngay=31%2F10%2F2026"),
    ("/tin?date=20261101&muc=3", (2026, 11, 1), (2026, 11, 1), "/tin?date=20261031&muc=3"),
    ("/tin?nam=2026&thang=1", (2026, 1, 1), (2026, 1, 31), "/tin?nam=2025&thang=12"),
])  # fmt: skip
def test_periods(url, first, last, before):
    period = period_of(HOST + url)
    assert (period.first, period.last) == (date(*first), date(*last))
    assert address_before(HOST + url) == HOST + before


@pytest.mark.parametrize("url", [
    "/2026/11/21/mot-bai.html", "/tin?ngay=5", "/tin?id=20261101", "/2026/13/", "/tin?ngay=31/02/2026",
    "/ke-hoach-2026",
    "/nghi-quyet-so-5-2026", "/2026/11/bai-viet", "",
])  # fmt: skip
def test_no_periods(url):
    assert period_of(HOST + url) is None


def test_archives_are_walked_backwards():
    today = date(2026, 11, 22)
    days = [f"{HOST}/2026/11/{day:02}" for day in (1, 2, 3, 30)]
    assert in_walking_order(f"{HOST}/", [days[0], f"{HOST}/tin?page=2", *days[1:]], today) == [
        f"{HOST}/tin?page=2", days[3], days[2], days[1], days[0],
    ]  # fmt: skip
    assert in_walking_order(days[1], [days[2]], today) == [days[2], days[0]]
    assert in_walking_order(days[1], [days[0]], today) == [days[0]]


def test_a_page_that_names_what_the_one_before_named_does_not_move_on():
    walks = Walks()
    assert [walks.moves_on(f"{HOST}/tin?page={n}", listed) for n, listed in enumerate(["ab", "ab", "bc", "", "c"])] == [
        True, False, True, False, True,
    ]  # fmt: skip


KEYS = st.sampled_from(["url", "title", "html", "next", "has_more", "date", "x"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_any_json_is_read(value):
    listing = read_listing(json.dumps(value).encode(), f"{HOST}/ajax?page=2", SITE)
    assert listing == read_listing(json.dumps(value, indent=1).encode(), f"{HOST}/ajax?page=2", SITE)


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"a":' * 50_000, b"{" + b" " * 1_000_000, b'["' + b"<a " * 200_000 + b'"]']
)
def test_hostile_answers(body):
    fragment = read_fragment(body)
    assert fragment is None or fragment.next_address == ""


@given(st.text(max_size=60), st.integers(0, 10**6))
def test_addresses_of_any_spelling(text, number):
    address = f"{HOST}/{text}"
    assert {type(with_page_number(address, number)), type(address_before(address))} <= {str, type(None)}
