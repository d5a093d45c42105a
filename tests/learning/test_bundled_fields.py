"""One seed a site, or its address alone, teaches every field of the other articles, on every page template."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from crawler.archive import to_page
from crawler.crawling.offline import OfflineSource
from crawler.extraction.article import extract
from crawler.items import Article, Pointer
from crawler.learning.site import Example, learn_site
from crawler.refinement.normalise import normalise
from crawler.sites.unprepared import profile_for_url

ROOT = Path(__file__).parents[2]
GOLD = [json.loads(line) for line in (ROOT / "tests/newspapers/gold.jsonl").read_text(encoding="utf-8").splitlines()]
ARTICLES = [line for line in GOLD if line["kind"] in {"article", "reprint"} and not line["is_seed"]]
SITES = sorted({line["site"] for line in ARTICLES})
FLOOR = 0.97


def spelled(text):
    return " ".join((text or "").replace("Ð", "Đ").split())


def judged(line, article):
    paragraphs = ([line["lede"]] if line["lede"] else []) + line["body"]
    published = datetime.fromisoformat(line["published_at"]) if line["published_at"] else None
    yield "text", [spelled(part) for part in article.text.split("\n\n")] == [spelled(part) for part in paragraphs]
    yield "published_at", article.published_at == published
    for name in ("title", "kicker", "lede", "section", "source"):
        yield name, spelled(getattr(article, name)) == spelled(line[name])
    for name in ("authors", "captions"):
        yield name, [spelled(one) for one in getattr(article, name)] == [spelled(one) for one in line[name]]


@pytest.fixture(scope="module", params=["address and text", "address alone"])
def results(request):
    right, total, wrong = Counter(), Counter(), []
    for site in SITES:
        url = json.loads((ROOT / f"seeds/{site}/01.json").read_text(encoding="utf-8"))["url"]
        profile = profile_for_url(url)
        source = OfflineSource([ROOT / "seeds/demo.warc.gz"], profile)
        text = (ROOT / f"seeds/{site}/01.txt").read_text(encoding="utf-8") if "text" in request.param else None
        learned = learn_site([Example(url, text, "01.txt")], [], source, profile).profile
        for line in (line for line in ARTICLES if line["site"] == site):
            page = to_page(source.get(line["url"]), Pointer("", 0, 0), site=site, found_via="x", asked_url=line["url"])
            article = extract(page, learned)
            fields = judged(line, normalise(article)) if isinstance(article, Article) else [("text", False)]
            for name, is_right in fields:
                total[name] += 1
                right[name] += is_right
                if not is_right:
                    wrong.append((name, line["url"]))
    return {name: right[name] / total[name] for name in total}, wrong


@pytest.mark.parametrize(
    "field", ["title", "kicker", "lede", "text", "authors", "source", "section", "captions", "published_at"]
)
def test_field(results, field):
    shares, wrong = results
    assert shares[field] >= FLOOR, [url for name, url in wrong if name == field]
