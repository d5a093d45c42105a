"""The five seed pages give every field of their gold."""

import gzip
import json
from datetime import UTC, datetime

import pytest
from newsroom import FETCHED_AT, SITES
from press import SEEDS

from crawler.extraction.article import extract
from crawler.items import Page, Pointer
from crawler.refinement.normalise import normalise
from crawler.sites.profile import load_profile


@pytest.fixture(scope="module", params=SITES)
def seed(request):
    folder = SEEDS / request.param
    gold = json.loads((folder / "01.json").read_text("utf-8"))
    page = Page(
        url=gold["url"],
        final_url=gold["url"],
        status=200,
        headers=(("content-type", "text/html"),),
        body=gzip.decompress((folder / "01.html.gz").read_bytes()),
        fetched_at=FETCHED_AT,
        site=request.param,
        found_via="seed",
        pointer=Pointer("archive/x.warc.gz", 0, 1),
    )
    return gold, normalise(extract(page, load_profile(folder)))


def published(as_text):
    return as_text and datetime.fromisoformat(as_text).astimezone(UTC)


def test_text_is_lede_and_body_and_nothing_else(seed):
    gold, article = seed
    expected = [gold["lede"], *gold["body"]] if gold["lede"] else gold["body"]
    assert article.text.split("\n\n") == [paragraph.replace("Ð", "Đ") for paragraph in expected]
    assert article.extraction == "template"
    for line in gold["boilerplate"]:
        assert line not in article.text


def test_every_field_is_the_gold_field(seed):
    gold, article = seed
    for name in ("title", "kicker", "lede", "section", "source"):
        assert getattr(article, name) == gold[name]
    assert article.authors == ((gold["author"],) if gold["author"] else ())
    assert list(article.captions) == gold["captions"]
    assert article.published_at == published(gold["published_at"])
