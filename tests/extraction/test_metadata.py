"""Title, times, lede, section, authors: read from small pages in the styles of several systems."""

from __future__ import annotations

import json
import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from crawler.extraction.authorship import read_authors
from crawler.extraction.dates import Clock
from crawler.extraction.document import parse
from crawler.extraction.headline import read_headline
from crawler.extraction.metadata import read_lede, read_licence, read_section, read_tags
from crawler.extraction.published import read_times, url_days
from crawler.sites.profile import SiteProfile, Template

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
CLOCK = Clock(datetime(2023, 6, 10, 12, 0, tzinfo=HANOI))
URL = "https://baomay.example/chinh-tri/phien-ban-dau-mua-cua-cho-vung-cao-1234.html"
TITLE = "Phiên bản đầu mùa của chợ vùng cao"
PROSE = "Từ sáng sớm, người dân các bản đã gùi rau rừng, mật ong và thổ cẩm xuống chợ để kịp phiên đầu mùa."


def page(head="", body="", url=URL):
    return parse(f"<html><head>{head}</head><body>{body}</body></html>".encode(), url)


def title_of(document):
    found = read_headline(document, None)
    return found.text if found else None


def times_of(document, template=None, language="vi"):
    headline = read_headline(document, None)
    return read_times(document, template, headline.element if headline else None, CLOCK, language)


def local(dated):
    return dated.at.astimezone(HANOI).strftime("%Y-%m-%d %H:%M") if dated else None


LINKED = '<script type="application/ld+json">{}</script>'
OG = f'<meta property="og:title" content="{TITLE}">'
H1 = f"<h1>{TITLE}</h1>"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (OG, H1),
        (f"<title>{TITLE} - Báo Mây Ngàn</title>", H1),
        (f"<title>Báo Mây Ngàn | {TITLE}</title>", H1),
        (f"<title>{TITLE}</title>", f"<h1>Báo Mây Ngàn điện tử</h1><h2>{TITLE}</h2>"),
        (OG, f"<h1>Cổng thông tin</h1>{H1}<h1>Tin liên quan</h1><h1>Multimedia</h1>"),
        (OG, f"<h1>THỜI SỰ &gt; Vùng cao</h1><h1 class='t'>{TITLE}</h1>"),
        (OG.replace(TITLE, f"{TITLE} | Báo Mây Ngàn"), f"<div class='detail-title'>{TITLE}</div>"),
        ("<title>Báo Mây Ngàn điện tử</title>", f"<p>{TITLE}</p><p>{PROSE}</p>"),
        ("", f"<h1>{TITLE} In trang</h1>"),
        (OG, ""),
        (f"<title>{TITLE} - Báo Mây Ngàn</title>", f"<p>{PROSE}</p>"),
        (
            '<script type="application/ld+json">{"@type":"NewsArticle","headline":"' + TITLE + '"}</script>',
            "<h1>Báo</h1>",
        ),
        (OG.replace(TITLE, TITLE.upper()), H1),
    ],
    ids=range(13),
)
def test_title(head, body):
    assert title_of(page(head, f"<div>Xin chào</div>{body}<p>{PROSE}</p>")) in {TITLE, TITLE.upper()}


def test_a_slogan_is_no_title():
    document = page(
        "<title>Trang chủ</title>", f"<h1>Chào mừng đại hội</h1><h1>Thông báo</h1><p>{PROSE}</p>", "https://x.example/1"
    )
    assert title_of(document) is None


def test_the_templates_title_wins():
    document = page(OG, f"<h1>{TITLE}</h1><b class='t'>Tít khác</b>")
    assert read_headline(document, Template(title=(".t",))).text == "Tít khác"


DATELINE = "<div class='date'>{}</div>"
TIME = '<meta property="article:published_time" content="{}">'
JS = "<script>gtag('set',{{'articlePublishDate':'{}'}})</script>"
CRAWLED = '<meta name="datetimenow" content="10/06/2023 12:00:00">'
RELATED = "".join(f"<div class='item'><i class='t2'>0{i}:15, 0{i}/06/2023</i><p>{PROSE}</p></div>" for i in range(1, 9))
TODAY = "<div class='today'>Thứ 2, 21/10/2022</div>"


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        ("", H1 + DATELINE.format("Thứ Sáu, 02/06/2023 | 05:40"), "2023-06-02 05:40"),
        ("", "<p>Chính trị - Ngày đăng : 05:40, 02/06/2023</p>" + H1, "2023-06-02 05:40"),
        ("", H1 + "<span>02/06/2023 3:04 CH</span>", "2023-06-02 15:04"),
        ("", H1 + "<a href='/'>02/06/2023 - 08:04</a>", "2023-06-02 08:04"),
        ("", H1 + DATELINE.format("2 giờ trước"), "2023-06-10 10:00"),
        # the page's header says today's (or the template's) date, related items have a time each
        ("", f"{TODAY}<div class='t'>10:30, 02/06/2023</div>{H1}<p>{PROSE * 9}</p>{RELATED}", "2023-06-02 10:30"),
        # an exact time in a script, a month-first one in a meta element, the crawl's in another
        (TIME.format("6/2/2023 5:40:07 AM") + CRAWLED + JS.format("2023-06-02T05:40:07+07:00"), H1, "2023-06-02 05:40"),
        (TIME.format("02/06/2023 05:40:07 AM") + JS.format("2023-02-06T05:40:07+07:00"), H1, "2023-02-06 05:40"),
        # what readers see wins over what the system declares
        (TIME.format("2023-06-01T14:02+07:00"), H1 + DATELINE.format("02/06/2023, 03:04 (GMT+7)"), "2023-06-02 03:04"),
        (TIME.format("2023-06-02T05:40:00Z"), H1 + DATELINE.format("02/06/2023 05:40"), "2023-06-02 05:40"),
        (TIME.format("2023-06-02"), H1 + DATELINE.format("02/06/2023 05:40"), "2023-06-02 05:40"),
        (TIME.format("2023-06-02T05:40:53+07:00"), H1 + DATELINE.format("02/06/2023 05:40"), "2023-06-02 05:40"),
        (TIME.format("2023-06-02T05:40:53+07:00"), H1, "2023-06-02 05:40"),
        # footers, licences, events, weather, the future and today are not the article's date
        ("", H1 + f"<p>{PROSE}</p><footer>Cập nhật 03/03/2023 10:00</footer>", None),
        ("", H1 + f"<p>{PROSE}</p><div>Giấy phép số 12/GP-BTTTT cấp ngày 15/03/2016</div>", None),
        ("", "<p>Chào mừng đại hội (14/10/1930-14/10/2020)</p>" + H1 + f"<p>{PROSE}</p>", None),
        ("", H1 + f"<p>Ngày 2/6/2023, {PROSE}</p>", None),
        ("", H1 + DATELINE.format("02/06/2033 05:40"), None),
        ("", "<div class='clock'>Thứ Bảy, 10/06/2023</div>" + H1 + f"<p>{PROSE}</p>", None),
        (TIME.format("2033-06-02T05:40:53+07:00"), H1, None),
        ("", H1 + f"<p>{PROSE}</p>", None),
    ],
    ids=range(21),
)  # fmt: skip
def test_published(head, body, expected):
    assert local(times_of(page(OG + head, body)).published) == expected


def test_a_date_in_the_address_is_a_day():
    found = times_of(page(OG, H1, "https://baomay.example/2023/06/02/cho-phien.html")).published
    assert local(found) == "2023-06-02 00:00"
    assert found.source == "url (day only)"


@pytest.mark.parametrize(
    ("url", "days"),
    [
        ("https://x.example/tin/202306/cho-phien-3ac6d79/", (2023, 6)),
        ("https://x.example/cho-phien-20230602075519174.htm", (2023, 6, 2)),
        ("https://x.example/2023/6/2/cho.html", ()),
        ("https://x.example/cho-post874982.html", ()),
        ("https://x.example/?d=20230602", ()),
        ("https://x.example", ()),
    ],
)
def test_dates_in_addresses(url, days):
    assert url_days(url) == days


def test_an_update_is_told_from_the_publication():
    found = times_of(page(OG, H1 + DATELINE.format("Ngày đăng: 02/06/2023 05:40 - Cập nhật: 03/06/2023 10:00")))
    assert (local(found.published), local(found.modified)) == ("2023-06-02 05:40", "2023-06-03 10:00")
    assert found.published.raw.startswith("Ngày đăng")


def test_an_update_before_the_publication_is_none():
    head = '<meta property="article:modified_time" content="2023-06-01T05:40:53+07:00">'
    assert times_of(page(OG + head, H1 + DATELINE.format("02/06/2023 05:40"))).modified is None


def test_an_update_alone_is_the_publication():
    found = times_of(page(OG, H1 + DATELINE.format("Cập nhật: 08:39 ngày 07/12/2021")))
    assert local(found.published) == "2021-12-07 08:39"
    assert found.published.source == "text:modified"
    assert found.modified is None


def test_the_templates_date_wins():
    body = H1 + DATELINE.format("01/06/2023 05:40") + "<i id='d'>02/06/2023 07:00</i>"
    found = times_of(page(OG, body), Template(published=("#d",))).published
    assert local(found) == "2023-06-02 07:00"
    assert found.source == "template:#d"


def test_abroad_the_declared_time_wins():
    head = '<meta property="article:published_time" content="2023-06-02T05:40:53Z">'
    found = times_of(page(OG + head, H1 + DATELINE.format("Updated 02.06.2023 09:00")), language="de").published
    assert found.source == "meta:article:published_time"


CRUMBS = json.dumps({"@type": "BreadcrumbList", "itemListElement": [
    {"@type": "ListItem", "position": 1, "item": {"@id": "/", "name": "Trang chủ"}},
    {"@type": "ListItem", "position": 2, "item": {"@id": "/a", "name": "Xã hội"}},
]})  # fmt: skip
PARAGRAPHS = [PROSE, "Phiên chợ kéo dài đến chiều."]


@pytest.mark.parametrize(
    ("head", "body", "lede"),
    [
        ("", f"{H1}<h2 class='sapo'>{PROSE}</h2>", PROSE),
        ("", f"{H1}<p><strong>{PROSE}</strong></p><p>Phiên chợ kéo dài đến chiều.</p>", PROSE),
        (f'<meta name="description" content="{PROSE}">', f"{H1}<div><p>{PROSE}</p></div>", PROSE),
        (f'<meta name="description" content="{PROSE[:60]}...">', f"{H1}<div><p>{PROSE}</p></div>", None),
        ('<meta name="description" content="Lời giới thiệu chung của toàn trang báo.">', f"{H1}<p>{PROSE}</p>", None),
        ("", f"{H1}<p>{PROSE}</p>", None),
    ],
    ids=range(6),
)  # fmt: skip
def test_lede(head, body, lede):
    document = page(OG + head, body)
    found = read_lede(document, read_headline(document, None).element, None, PARAGRAPHS)
    assert (found and found[0]) == lede


@pytest.mark.parametrize(
    ("head", "body", "section"),
    [
        ("", '<ul class="breadcrumb"><li><a>Trang chủ</a></li><li><a>Chính trị</a></li></ul>', "Chính trị"),
        ('<meta property="article:section" content="Kinh doanh">', "", "Kinh doanh"),
        (LINKED.format(CRUMBS), "", "Xã hội"),
        ('<meta property="article:section" content="News">', "", None),
        ("", "", None),
    ],
    ids=range(5),
)  # fmt: skip
def test_section(head, body, section):
    found = read_section(page(OG + head, body), None)
    assert (found and found[0]) == section


def test_a_section_glued_to_the_date_is_cut():
    document = page(body="<p class='m'>Chính trị - Ngày đăng : 05:40, 02/06/2023</p>")
    assert read_section(document, Template(section=(".m",)))[0] == "Chính trị"


def test_tags_are_each_kept_once():
    document = page('<meta name="keywords" content="chợ phiên, vùng cao,Chợ phiên, ">')
    assert read_tags(document, None) == (("chợ phiên", "vùng cao"), "meta:keywords")


def test_licence():
    assert (
        read_licence(page('<link rel="license" href="https://example.org/by/4.0">'))[0] == "https://example.org/by/4.0"
    )
    assert read_licence(page()) is None


def written_by(*names):
    people = [{"@type": "Person", "name": name} for name in names]
    return json.dumps({"@type": "NewsArticle", "author": people, "publisher": {"name": "Báo Mây Ngàn"}})


PROFILE = SiteProfile(name="Báo Mây Ngàn", hosts=("baomay.example",))


def authors_of(document, credited=(), language="vi", template=None):
    return read_authors(document, PROFILE, template, title=None, credited=credited, language=language)[0]


@pytest.mark.parametrize(
    ("head", "body", "authors"),
    [
        ("", "<p class='author'>MÂY TRẮNG</p>", ("Mây Trắng",)),
        ("", "<p class='author'>Bút danh</p>", ()),
        ("", "<div class='related-list'><p class='author'>Mây Trắng</p></div>", ()),
        ('<meta name="author" content="Báo Mây Ngàn">', "", ()),
        ('<meta name="author" content="baomay.example">', "", ()),
        ('<meta name="author" content="Mây Trắng">', "", ("Mây Trắng",)),
        (LINKED.format(written_by("Mây Trắng", "Gió Núi")), "", ("Mây Trắng", "Gió Núi")),
        (LINKED.format(written_by("Báo Mây Ngàn")), "", ()),
    ],
    ids=range(8),
)  # fmt: skip
def test_authors(head, body, authors):
    assert authors_of(page(head, body)) == authors


def test_the_signature_wins_over_declarations():
    document = page('<meta name="author" content="Gió Núi">')
    assert authors_of(document, credited=("Mây Trắng",)) == ("Mây Trắng",)


def test_abroad_a_paper_can_be_the_author():
    document = page('<meta name="author" content="THE EXAMPLE">')
    assert authors_of(document, language="en") == ("The Example",)


@pytest.mark.parametrize(
    "body",
    [
        "<div class='title time author'>" * 230 + "x" * 300 + "<b></b>" * 30_000,
        "<div class='time'>10:30, 02/06/2023</div>" * 20_000,
        "<h2>Phiên bản đầu mùa</h2>" * 20_000,
        "<meta name='author' content='x'>" * 20_000,
    ],
    ids=range(4),
)
def test_hostile_pages_cost_little(body):
    document = page(OG, body)
    started = time.process_time()
    times_of(document)
    authors_of(document)
    read_section(document, None)
    assert time.process_time() - started < 3


ENGLISH = "The hill market drew more visitors than ever this autumn, traders on the upper road said."
ENGLISH_BODY = [ENGLISH, "It goes on until the first snow closes the pass."]
STANDFIRST = "Record crowds came to the hill market, and its traders hope for a longer season next year."


@pytest.mark.parametrize(
    ("head", "body", "lede"),
    [
        ("", f"{H1}<h2 class='standfirst'>{STANDFIRST}</h2><p>{ENGLISH}</p>", None),
        (f'<meta name="description" content="{STANDFIRST}">', f"{H1}<h2>{STANDFIRST}</h2><p>{ENGLISH}</p>", None),
        ("", f"{H1}<p><strong>{ENGLISH}</strong></p>", ENGLISH),
        (f'<meta name="description" content="{ENGLISH}">', f"{H1}<p>{ENGLISH}</p>", ENGLISH),
    ],
    ids=("standfirst", "described-standfirst", "bold-first-paragraph", "described-first-paragraph"),
)
def test_in_english_only_the_first_paragraph_is_a_lede(head, body, lede):
    document = page(OG + head, body)
    found = read_lede(document, read_headline(document, None).element, None, ENGLISH_BODY)
    assert (found and found[0]) == lede


def test_in_other_languages_what_stands_above_the_body_opens_it():
    german = "Der Markt am Hügel zählte im Herbst mehr Gäste als je zuvor, sagen die Händler über der Straße."
    above = "Rekordbesuch am Hügel: Nächstes Jahr soll der Markt länger öffnen dürfen, hoffen alle Händler."
    document = page(OG, f"{H1}<h2 class='standfirst'>{above}</h2><p>{german}</p>")
    found = read_lede(document, read_headline(document, None).element, None, [german, "Er endet mit dem Schnee."])
    assert found == (above, "text:lede-block")
