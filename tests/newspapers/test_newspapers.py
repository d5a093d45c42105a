"""The bundled newspapers: built the same every time, closed in themselves, and described truly by their gold."""

import gzip
import http.client
import io
import json
import re
import subprocess
import sys
import unicodedata
from urllib.parse import urldefrag, urljoin

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from lxml import html
from newsroom import SITES
from pack import pack
from press import HERE, SEEDS

from build import all_sheets, build
from crawler.discovery.urls import canonicalize
from crawler.folding import fold
from crawler.sites.forms import compile_forms
from crawler.sites.profile import load_profile

LINES = [json.loads(line) for line in (HERE / "gold.jsonl").read_text("utf-8").splitlines()]
ARTICLES = [line for line in LINES if "title" in line]
BODIES = {sheet.response.url: sheet.response for sheet in all_sheets()}
ENDLESS = {
    "https://bantochuc-lamdong.example/Default.aspx?sid=1219&pageid=26340&ngay=2023-05-01",
    "http://baobaclieu.vn/xa-hoi?page=41",
}


def read_page(url):
    """The page as text, in composed letters with Đ for Ð, as normalisation leaves it."""
    body = BODIES[url].body
    charset = "cp1258" if b"charset=windows-1258" in body[:600] else "utf-8"
    return unicodedata.normalize("NFC", body.decode(charset)).replace("Ð", "Đ")


def one_space(text):
    return " ".join(text.replace("Ð", "Đ").split())


def squeeze(text):
    """The text without any space, so that it does not matter where tags put some."""
    return "".join(text.replace("Ð", "Đ").split())


def members(archive):
    """Contents of the gzip members: libraries of different age compress differently."""
    with gzip.open(io.BytesIO(archive)) as stream:
        return stream.read()


def test_rebuilding_gives_what_is_committed():
    edition = build()
    assert edition.archive == pack(sheet.response for sheet in all_sheets())
    assert members(edition.archive) == members((SEEDS / "demo.warc.gz").read_bytes())
    assert edition.gold == (HERE / "gold.jsonl").read_text("utf-8")
    assert edition.seed_pages.keys() == set(SITES)
    for site, (url, body) in edition.seed_pages.items():
        assert gzip.decompress((SEEDS / site / "01.html.gz").read_bytes()) == body
        assert json.loads((SEEDS / site / "01.json").read_text("utf-8"))["url"] == url


def test_archive_is_small_whole_and_has_one_record_per_member():
    archive = (SEEDS / "demo.warc.gz").read_bytes()
    assert len(archive) < 1_500_000
    starts = [found.start() for found in re.finditer(rb"\x1f\x8b\x08\x00\x00\x00\x00\x00", archive)]
    types = []
    for record in ArchiveIterator(io.BytesIO(archive), parse_http=False):
        assert record.stream_pos in starts
        assert record.verify_block_digest()
        types.append(record.record_type)
    assert types[0] == WarcRecordType.warcinfo
    assert types[1:] == [WarcRecordType.request, WarcRecordType.response] * len(BODIES)


def find_links(response):
    if "xml" in response.content_type or response.content_type == "application/gzip":
        body = gzip.decompress(response.body) if response.content_type == "application/gzip" else response.body
        return re.findall(r"<(?:loc|link)>([^<]+)</", body.decode())
    if not response.content_type.startswith("text/html") or not response.body:
        return []
    return html.document_fromstring(read_page(response.url)).xpath("//a/@href")


def test_every_link_leads_to_an_archived_answer():
    hosts = tuple({url.split("/", 3)[2] for url in BODIES})
    missing = set()
    for response in BODIES.values():
        for link in find_links(response):
            url = urldefrag(urljoin(response.url, link.replace("&amp;", "&")))[0]
            if url.startswith("http") and url.split("/", 3)[2] in hosts and url not in BODIES:
                missing.add(url)
    assert missing == ENDLESS


def test_every_article_is_linked_or_listed():
    linked = set()
    for response in BODIES.values():
        linked |= {urljoin(response.url, link.replace("&amp;", "&")) for link in find_links(response)}
    assert {line["url"] for line in LINES if not line["url"].endswith("robots.txt")} - linked == set()


def test_there_is_something_to_confuse():
    kept = [line for line in ARTICLES if line["kind"] == "article"]
    assert len({tuple(line["body"]) for line in kept}) == len(kept) >= 55
    kinds = {line["kind"] for line in LINES}
    assert kinds >= {"article", "reprint", "print_view", "tracking_twin", "section_twin", "soft_404", "list_page"}
    assert kinds >= {"trap", "redirect", "http_error", "not_html", "disallowed", "too_short"}
    assert {line["site"] for line in ARTICLES} == set(SITES)
    assert all(line["url"] in BODIES for line in LINES)


@pytest.mark.parametrize("line", ARTICLES, ids=lambda line: line["url"][-40:])
def test_gold_is_on_its_page(line):
    tree = html.document_fromstring(read_page(line["url"]))
    for element in tree.xpath("//script | //style | //head"):
        element.drop_tree()
    text = squeeze(tree.text_content())
    single = (line[name] for name in ("title", "kicker", "lede", "source", "section"))
    for part in (*filter(None, single), *line["captions"], *line["body"]):
        assert squeeze(part) in text
    for author in line["authors"]:
        assert squeeze(author).casefold() in text.casefold()


@pytest.mark.parametrize("site", SITES)
def test_junk_of_the_site_and_of_its_seed_is_on_the_seed_page(site):
    seed = json.loads((SEEDS / site / "01.json").read_text("utf-8"))
    page = squeeze(html.document_fromstring(read_page(seed["url"])).text_content())
    said = next(line for line in ARTICLES if line["url"] == seed["url"])["boilerplate"]
    for junk in (*said, *seed["boilerplate"]):
        assert squeeze(junk.removeprefix("•")) in page


@pytest.mark.parametrize("site", SITES)
def test_seed_text_and_gold_agree(site):
    seed = json.loads((SEEDS / site / "01.json").read_text("utf-8"))
    given = one_space((SEEDS / site / "01.txt").read_text("utf-8"))
    for part in (seed["title"], *seed["body"], *seed["captions"]):
        assert one_space(part) in given
    gold = next(line for line in ARTICLES if line["url"] == seed["url"])
    for name in ("title", "kicker", "lede", "body", "captions", "source", "section", "published_at"):
        assert gold[name] == seed[name]
    assert gold["authors"] == [seed["author"]] * (seed["author"] is not None)


@pytest.mark.parametrize("site", SITES)
def test_profile_knows_its_site(site):
    profile = load_profile(SEEDS / site)
    assert not profile.verified
    forms = compile_forms(profile.sources.article_url)
    for source in (profile.home_url, *profile.sources.feeds, *profile.sources.sitemaps, *profile.sources.sections):
        assert source in BODIES
    for line in ARTICLES:
        if line["site"] == site and line["kind"] == "article":
            assert any(form.fits(canonicalize(line["url"], profile)) for form in forms)


def select(tree, selectors):
    """Texts that the first fitting selector finds."""
    for selector in selectors:
        found = tree.xpath(selector) if selector.startswith(("/", "(")) else tree.cssselect(selector)
        texts = [one_space(element.text_content()) for element in found]
        if any(texts):
            return texts
    return []


@pytest.mark.parametrize("line", ARTICLES, ids=lambda line: line["url"][-40:])
def test_hand_written_template_finds_the_fields(line):
    profile = load_profile(SEEDS / line["site"])
    tree = html.document_fromstring(read_page(line["url"]))
    fitting = [t for t in profile.templates if all(select(tree, (selector,)) for selector in t.fit)]
    assert len(fitting) == 1
    for name in ("title", "kicker", "lede", "section"):
        expected = [one_space(line[name])] if line[name] else []
        assert select(tree, getattr(fitting[0], name))[:1] == expected
    assert list(dict.fromkeys(select(tree, fitting[0].captions))) == [one_space(text) for text in line["captions"]]
    assert bool(select(tree, fitting[0].published)) == bool(line["published_at"])
    assert fold(" ".join(line["authors"])) == "" or fold(line["authors"][0]) in fold(
        " ".join(select(tree, fitting[0].authors))
    )
    assert (line["source"] or "") in " ".join(select(tree, fitting[0].source))


@pytest.fixture
def newsstand(tmp_path):
    command = [sys.executable, str(HERE / "serve.py"), "--log", str(tmp_path / "log.jsonl")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield json.loads(process.stdout.readline()), tmp_path / "log.jsonl"
        process.terminate()


def get(url, **headers):
    _, _, host, path = url.split("/", 3)
    connection = http.client.HTTPConnection(host, timeout=10)
    connection.request("GET", "/" + path, headers=headers)
    answer = connection.getresponse()
    result = answer.status, dict(answer.getheaders()), answer.read()
    connection.close()
    return result


def test_the_same_sites_are_served_live(newsstand):
    ports, log = newsstand
    assert ports.keys() == set(SITES)
    here = f"http://127.0.0.1:{ports['baothainguyen']}"
    status, _, body = get(here + "/robots.txt")
    assert (status, f"Sitemap: {here}/sitemap.xml" in body.decode()) == (200, True)
    _, _, packed = get(here + "/sitemap-articles-1.xml.gz")
    assert f"<loc>{here}/".encode() in gzip.decompress(packed)

    article = next(line["url"] for line in ARTICLES if line["site"] == "baothainguyen" and line["published_at"])
    path = "/" + article.split("/", 3)[3]
    status, headers, body = get(here + path, Host="baothainguyen.vn")
    assert (status, body) == (200, BODIES[article].body)
    assert get(here + path, Host="baothainguyen.vn", **{"If-None-Match": headers["etag"]})[0] == 304
    assert get(here + path, **{"If-Modified-Since": headers["last-modified"]})[0] == 304

    trap = f"http://127.0.0.1:{ports['bantochuc_lamdong']}/Default.aspx?ngay=2031-01-06&pageid=26340&sid=1219"
    assert "ngay=2031-01-13" in get(trap)[2].decode()
    endless = get(f"http://127.0.0.1:{ports['baobaclieu']}/xa-hoi?page=977")[2].decode()
    assert "/xa-hoi?page=978" in endless
    assert get(here + "/khong-co/")[0] == 404
    seen = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    assert seen[2]["host"] == "baothainguyen.vn"
    assert [entry["status"] for entry in seen] == [200, 200, 200, 304, 304, 200, 200, 404]
