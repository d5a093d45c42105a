"""What a later run asks for: only what may be new, and the corrections of what was new a while ago."""

import gzip
import os
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from faulty import write_profile
from scripted import Scripted
from workshop import Workshop

from crawler.state.store import Store
from tests.newspaper.prose import answer, article, listing, sentences

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
SOON = NOW - timedelta(minutes=9)
LONG_AGO = datetime(2019, 5, 6, 7, tzinfo=UTC)
SITES = ("bantochuc_lamdong", "baothainguyen", "bao_ngaydang", "baobaclieu", "congthongtin_bacgiang")
N_SITES = int(os.environ.get("CRAWL_NEWSPAPERS", "2"))
"""So many newspapers are crawled twice; without a sitemap and with one come first."""


class Daily(Scripted):
    """A newspaper whose pages a test sets: path to (body, headers); a matching If-None-Match gets 304."""

    def __init__(self):
        self.pages = {"/robots.txt": ("", ())}
        super().__init__(self.answer_to)

    def answer_to(self, host, path):
        del host
        body, headers = self.pages.get(path, (None, ()))
        if body is None:
            return answer("", "404 Not Found")
        head = next(head for head in reversed(self.heads) if head.split(" ")[1] == path)
        tag = next((line[6:] for line in headers if line.startswith("ETag: ")), None)
        if tag is not None and f"if-none-match: {tag}".lower() in head.lower():
            return answer("", "304 Not Modified")
        return answer(body, "200 OK", *headers, kind="text/xml" if body.startswith("<?xml") else "text/html")

    def put(self, name, published_at=None, *, lines=None, headers=()):
        """Set an article; returns its path."""
        path = name if name.startswith("/") else f"/bai/{name}.html"
        head = (
            f'<meta property="article:published_time" content="{published_at:%Y-%m-%dT%H:%M:%SZ}">'
            if published_at
            else ""
        )
        self.pages[path] = (article(name, lines, head), headers)
        return path

    def put_list(self, path, *links, more=()):
        """Set a list page of articles, with dates beside some, and of further pages."""
        cards = "".join(
            f"<div><h3><a href='{link}'>{sentences(link)[0]}</a></h3><span class=date>{at:%d/%m/%Y %H:%M}</span></div>"
            if at
            else f"<div><h3><a href='{link}'>{sentences(link)[0]}</a></h3></div>"
            for link, at in links
        )
        body, _, rest = listing("Tin", [(link, text) for text, link in more]).partition("<body>")
        self.pages[path] = (f"{body}<body>{cards}{rest}", ())

    def put_sitemap(self, path, kind="url", **times):
        """Set a sitemap (or, as `kind` sitemap, an index) of paths with their lastmod."""
        rows = "".join(
            f"<{kind}><loc>{self.base}{loc}</loc>{f'<lastmod>{at:%Y-%m-%dT%H:%M:%SZ}</lastmod>' if at else ''}</{kind}>"
            for loc, at in times["of"].items()
        )
        root = "urlset" if kind == "url" else "sitemapindex"
        space = "http://www.sitemaps.org/schemas/sitemap/0.9"
        self.pages[path] = (f'<?xml version="1.0"?><{root} xmlns="{space}">{rows}</{root}>', ())

    def news(self):
        """Paths asked since the last call, in order."""
        paths = [head.split(" ")[1] for head in self.heads]
        self.heads.clear()
        return [path for path in paths if path != "/robots.txt"]


@pytest.fixture
def daily():
    paper = Daily()
    yield paper
    paper.close()


@pytest.fixture
def shop(tmp_path, daily):
    made = Workshop.__new__(Workshop)
    made.output, made.seeds, made.site = tmp_path / "output", tmp_path / "seeds", "loopback"
    write_profile(made.seeds, daily.port)
    return made


def texts(shop, dataset="articles"):
    return pd.read_parquet(shop.output / dataset)


def left_out(shop, rule):
    with Store(shop.output, is_read_only=True) as store:
        found = store.rows("SELECT url FROM urls WHERE state = 'left_out' AND reason = ?", (rule,))
    return {"/" + url.partition("://")[2].partition("/")[2] for (url,) in found}


def test_recent_articles_are_read_again_and_corrections_arrive(shop, daily):
    changed = daily.put("ban-tin-moi-trong-ngay-1", SOON)
    same = daily.put("ban-tin-khong-doi-gi-2", SOON, headers=('ETag: "a"',))
    old = daily.put("ban-tin-cua-nam-xua-3", LONG_AGO)
    daily.put_list("/", (changed, None), (same, None), (old, None))
    shop.scrapy("crawl", "loopback")
    before = texts(shop)
    daily.news()
    lines = ["Đính chính: con số trong bản tin trước đã được sửa lại cho đúng với sổ sách.", *sentences("x")]
    daily.put("ban-tin-moi-trong-ngay-1", SOON, lines=lines)
    shop.scrapy("crawl", "loopback")
    assert not {changed, same, old} & set(daily.news())
    shop.scrapy("crawl", "loopback", RECHECK_AFTER="0.001,3600")
    asked = daily.news()
    assert {changed, same} <= set(asked)
    assert old not in asked
    after, older = texts(shop), texts(shop, "duplicates")
    url = daily.base + changed
    assert sorted(after["id"]) == sorted(before["id"])
    assert after.set_index("url").loc[url, "text"].startswith("Đính chính")
    assert list(older["relation"]) == ["revision"]
    assert list(older["text"]) == list(before.loc[before["url"] == url, "text"])
    archived = b"".join(gzip.decompress(path.read_bytes()) for path in shop.output.glob("archive/*/*.warc.gz"))
    assert b"server-not-modified" in archived
    shop.scrapy("replay", "loopback")
    again = [rows.drop(columns="run_id").sort_values("id", ignore_index=True) for rows in (after, texts(shop))]
    pd.testing.assert_frame_equal(*again)


def test_sitemaps_say_what_has_changed(shop, daily):
    first, second = daily.put("bai-viet-thu-nhat-trong-thang-1"), daily.put("bai-viet-thu-hai-trong-thang-2")
    daily.put_list("/")
    daily.put_sitemap("/sitemap.xml", "sitemap", of={"/may.xml": NOW - DAY, "/june.xml": NOW - DAY, "/new.xml": None})
    daily.put_sitemap("/may.xml", of={first: NOW - 2 * DAY})
    daily.put_sitemap("/june.xml", of={second: NOW - 2 * DAY})
    daily.put_sitemap("/new.xml", of={})
    shop.scrapy("crawl", "loopback")
    assert {first, second, "/may.xml", "/june.xml"} <= set(daily.news())
    third = daily.put("bai-viet-thu-ba-trong-thang-3")
    daily.put_sitemap("/sitemap.xml", "sitemap", of={"/may.xml": NOW + DAY, "/june.xml": NOW - DAY, "/new.xml": None})
    daily.put_sitemap("/may.xml", of={first: NOW + DAY})
    daily.put_sitemap("/new.xml", of={third: None})
    shop.scrapy("crawl", "loopback")
    assert set(daily.news()) == {"/", "/sitemap.xml", "/may.xml", "/new.xml", first, third}


def test_made_up_times_of_a_sitemap_cost_nothing(shop, daily):
    paths = [daily.put(f"bai-viet-trong-tuan-nay-{n}") for n in range(6)]
    daily.put_list("/")
    for at in (NOW - timedelta(hours=1), NOW):
        daily.put_sitemap("/sitemap.xml", of=dict.fromkeys(paths, at))
        shop.scrapy("crawl", "loopback")
    assert sorted(path for path in daily.news() if path.startswith("/bai/")) == sorted(paths)


def test_a_horizon_leaves_out_what_is_older_and_says_so(shop, daily):
    stated = daily.put("bai-cu-theo-so-do-trang-1")
    spelled = daily.put("/bai/2019/05/06/bai-cu-theo-dia-chi-2.html")
    listed = daily.put("bai-cu-theo-trang-muc-luc-3")
    read = daily.put("bai-cu-chi-biet-khi-doc-4", LONG_AGO)
    young = daily.put("bai-moi-cua-tuan-nay-5", NOW - DAY)
    daily.put_list("/", (spelled, None), (listed, LONG_AGO), (read, None), (young, None))
    daily.put_sitemap("/sitemap.xml", of={stated: LONG_AGO, young: NOW})
    profile = shop.seeds / "loopback" / "profile.toml"
    text = profile.read_text(encoding="utf-8")
    forms = '"/bai/{slug}-{id}.html", "/bai/{yyyy}/{mm}/{dd}/{slug}-{id}.html"'
    profile.write_text(text.replace('"/bai/{slug}-{id}.html"', forms), encoding="utf-8")
    shop.scrapy("crawl", "loopback", "-a", "since=2024-01-01")
    assert not {stated, spelled, listed} & set(daily.news())
    assert left_out(shop, "before_since") == {stated, spelled, listed}
    rejected = texts(shop, "rejected")
    assert list(zip(rejected["url"], rejected["reason"], rejected["detail"], strict=True)) == [
        (daily.base + read, "before_since", "2019-05-06")
    ]
    assert list(texts(shop)["url"]) == [daily.base + young]
    done = shop.scrapy("frontier", "loopback", "--completeness")
    assert "left out: before_since 3" in done.stdout
    shop.scrapy("crawl", "loopback", "-a", "since=2019-05-06")
    assert {stated, spelled, listed} <= set(daily.news())
    assert shop.scrapy("crawl", "loopback", "-a", "since=May", check=False).returncode == 2


def test_a_listing_is_left_where_its_articles_get_too_old(shop, daily):
    pages = {number: f"/tin?page={number}" for number in range(2, 9)}
    for number in range(1, 8):
        at = NOW - DAY if number < 3 else LONG_AGO
        links = [(daily.put(f"bai-viet-trang-so-{number}-{n}{number}", at), None) for n in range(2)]
        daily.put_list("/tin" if number == 1 else pages[number], *links, more=[("Trang sau", pages[number + 1])])
    daily.put_list("/", more=[("Tin tức", "/tin")])
    profile = shop.seeds / "loopback" / "profile.toml"
    text = profile.read_text(encoding="utf-8")
    profile.write_text(text.replace("[sources]", f'[sources]\nsections = ["{daily.base}/tin"]'), encoding="utf-8")
    shop.scrapy("crawl", "loopback", "-a", "since=2024-01-01")
    asked = [path for path in daily.news() if path.startswith("/tin")]
    assert asked == ["/tin", pages[2], pages[3]]
    assert left_out(shop, "before_since") == {pages[4]}


@pytest.mark.parametrize("site", SITES[:N_SITES])
def test_second_run_right_after_the_first_asks_next_to_nothing(tmp_path, newspapers, site):
    shop = Workshop(tmp_path, newspapers.ports[site], site)
    shop.scrapy("crawl", site)
    n_first = len(newspapers.requests(site))
    shop.scrapy("crawl", site, SOURCE_REST="300")
    n_second = len(newspapers.requests(site)) - n_first
    assert n_first >= 20
    assert n_second < 0.05 * n_first
    assert [one["exit_status"] for one in shop.manifests()] == ["finished", "finished"]
