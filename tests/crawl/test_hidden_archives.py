"""A newspaper without feed and sitemap, whose older articles are reached in another way in each of its sections."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from faulty import write_profile
from scripted import Scripted
from workshop import Workshop

from tests.newspaper.prose import answer, article, sentences

N_PAGES, PAGE_SIZE = 4, 2
TODAY = datetime.now(UTC)
N_DAYS, QUIET = 12, {4, 5, 6}
"""Days back that the archives have articles for, but on some."""
NEXT = {
    "sau": "<a href='/sau?page={}'>Trang sau</a>",
    "tiep": "<a href='/tiep/p{}'>Trang tiếp</a>",
    "mui-ten": "<a href='/mui-ten/trang-{}'>»</a>",
    "so": "<a href='/so/page/{}/'>{}</a>",
    "ten": "<a href='/ten-p{}.html'>{}</a>",
    "lien-ket": "<link rel=next href='/lien-ket?trang={}'>",
    "nut": "<button class=xem-them data-url='/ajax/nut?page={}'>Xem thêm</button>",
    "cho-trong": "<button class=load-more data-page={} data-url='/ajax/cho-trong?trang={{page}}'>+</button>",
    "ham": """<button onclick="loadMore('/ajax/ham?page={}')">Xem thêm</button>""",
    "htmx": "<div hx-get='/ajax/htmx?page={}' hx-trigger=revealed class=infinite>Xem thêm</div>",
    "bieu-mau": "<form action=/bieu-mau><input type=hidden name=page value={}><button>Xem thêm</button></form>",
    "json-html": "<button data-href='/ajax/json-html?page={}'>Xem thêm</button>",
    "json-muc": "<button data-next='/ajax/json-muc?page={}'>Xem thêm</button>",
}
"""Section: what its page says of the next one."""
BARE = {"nut", "cho-trong", "ham"}
"""Sections whose button stands on the first page alone: the answers are bare pieces of the list."""
DATED = {"thang": "/{:%Y/%m}/", "ngay": "/tin-ngay?ngay={:%d/%m/%Y}", "luu-tru": "/luu-tru/{:%Y-%m-%d}.html"}


def stories(section, page):
    """Paths of the articles on a page of a section."""
    if not 1 <= page <= N_PAGES:
        return []
    return [f"/bai/tin-{section}-{page * 10 + n}.html" for n in range(PAGE_SIZE)]


def cards(paths):
    return "".join(f"<li><h3><a href='{path}'>{sentences(path)[0]}</a></h3></li>" for path in paths)


def of_day(name, back):
    has_any = 0 <= back < N_DAYS and back not in QUIET
    return [f"/bai/{name}-{back + 1000}.html"] if has_any else []


def day_page(name, day):
    """An archive's page: the day's articles and ways to the day before and, without end, after."""
    back = (TODAY.date() - day).days
    ways = [DATED[name].format(day + timedelta(days=step)) for step in ((-1, 1) if name == "ngay" else (1,))]
    return cards(of_day(name, back)) + "".join(f"<a href='{way}'>{n}</a>" for n, way in enumerate(ways))


def month_page(year, month):
    days = [TODAY.date() - timedelta(days=back) for back in range(N_DAYS)]
    paths = [
        path
        for day in days
        if (day.year, day.month) == (year, month)
        for path in of_day("thang", (TODAY.date() - day).days)
    ]
    before = f"/{year - (month == 1)}/{(month - 2) % 12 + 1:02}/"
    after = f"/{year + (month == 12)}/{month % 12 + 1:02}/"
    return cards(paths) + f"<a href='{before}'>«</a><a href='{after}'>»</a>"


def reply(host, path):
    del host
    if path.startswith("/bai/"):
        return answer(article(path))
    if path == "/":
        links = "".join(f"<a href='/{name}'>Mục {name}</a>" for name in NEXT)
        return page_of(links + "".join(f"<a href='{form.format(TODAY)}'>Lưu trữ</a>" for form in DATED.values()))
    if dated := re.fullmatch(r"/(\d{4})/(\d\d)/", path):
        return page_of(month_page(int(dated[1]), int(dated[2])))
    if dated := re.fullmatch(r"/tin-ngay\?ngay=(\d\d)(?:/|%2F)(\d\d)(?:/|%2F)(\d{4})", path):
        return page_of(day_page("ngay", datetime(*map(int, dated.groups()[::-1]), tzinfo=UTC).date()))
    dated = re.fullmatch(r"/luu-tru/([\d-]+)\.html", path)
    return page_of(day_page("luu-tru", datetime.fromisoformat(dated[1]).date())) if dated else section_reply(path)


def page_of(body):
    return answer(f"<html><body>{body}</body></html>")


def section_reply(path):
    found = re.fullmatch(r"/(?:ajax/)?([a-z-]*[a-z])(?:(?:\?\w+=|/p|/trang-|/page/|-p)(\d+))?(?:/|\.html)?", path)
    if found is None or found[1] not in NEXT:
        return answer("", "404 Not Found")
    return section_page(found[1], int(found[2] or 1), is_piece=path.startswith("/ajax/"))


def section_page(name, page, *, is_piece):
    list_items = cards(stories(name, page))
    following = NEXT[name].format(page + 1, page + 1) if page < N_PAGES else ""
    if name == "json-html" and is_piece:
        return answer(json.dumps({"html": list_items + following}), kind="application/json")
    if name == "json-muc" and is_piece:
        items = [{"title": sentences(path)[0], "url": path} for path in stories(name, page)]
        return answer(json.dumps({"data": items, "has_more": page < N_PAGES}), kind="application/json")
    if is_piece:
        return answer(list_items + ("" if name in BARE else following))
    return page_of(list_items + following)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hidden")
    shop = Workshop.__new__(Workshop)
    shop.output, shop.seeds, shop.site = folder / "output", folder / "seeds", "loopback"
    paper = Scripted(reply)
    write_profile(shop.seeds, paper.port)
    shop.scrapy("crawl", "loopback", CONCURRENT_REQUESTS_PER_DOMAIN=8)
    first = dict(paper.asked)
    shop.scrapy("crawl", "loopback", CONCURRENT_REQUESTS_PER_DOMAIN=8)
    yield shop, {path for _, path in first}, sum(paper.asked.values()) - sum(first.values())
    paper.close()


@pytest.mark.parametrize("name", NEXT)
def test_every_page_of_a_section_is_found(crawled, name):
    wanted = {path for page in range(1, N_PAGES + 1) for path in stories(name, page)}
    assert wanted - crawled[1] == set()


@pytest.mark.parametrize("name", DATED)
def test_archives_are_walked_back_to_their_end(crawled, name):
    wanted = {path for back in range(N_DAYS) for path in of_day(name, back)}
    assert wanted - crawled[1] == set()


def test_nothing_is_walked_without_end(crawled):
    shop, asked, n_again = crawled
    n_articles = len(NEXT) * N_PAGES * PAGE_SIZE + len(DATED) * (N_DAYS - len(QUIET))
    (kept,) = shop.ask("SELECT count(*) FROM kept")[0]
    lists = [path for path in asked if not path.startswith("/bai/")]
    assert kept == n_articles
    assert len(lists) <= 4 + len(NEXT) * (N_PAGES + 1) + len(DATED) * (N_DAYS + 6)
    ahead = (TODAY + timedelta(days=3)).strftime("%Y-%m-%d")
    assert f"/luu-tru/{ahead}.html" not in asked
    assert n_again <= len(NEXT) + len(DATED) + 4, "a second run asks for entry points and sections"
