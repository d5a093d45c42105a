"""Learning a site over the network: from an address, and while crawling a site that nobody prepared."""

import shutil

import pandas as pd
import pytest


@pytest.fixture
def home(workshop, newspapers):
    shutil.rmtree(workshop.seeds)
    workshop.seeds.mkdir()
    return f"http://127.0.0.1:{newspapers.ports['baobaclieu']}/"


def test_an_address_teaches_a_site_that_can_then_be_crawled(workshop, home):
    article = f"{home}chinh-tri/huyen-dong-hai-nang-cao-chat-luong-to-chuc-co-so-dang-55137.html"
    done = workshop.scrapy("learn", article, "--site", "baclieu")
    assert "td.noi_dung" in done.stdout
    assert (workshop.seeds / "baclieu" / "01.html.gz").is_file()
    workshop.scrapy("seeds", "baclieu")
    workshop.scrapy("crawl", "baclieu")
    articles = pd.read_parquet(workshop.output / "articles")
    assert len(articles) >= 13
    assert set(articles["extraction"]) == {"template"}


def test_a_bare_address_is_crawled_and_its_profile_kept(workshop, home):
    workshop.scrapy("crawl", "article", "-a", f"url={home}", "-a", "keep=true")
    articles = pd.read_parquet(workshop.output / "articles")
    assert len(articles) >= 13
    assert (articles["extraction"] == "template").mean() > 0.8
    assert not articles["text"].str.contains("Gửi cho bạn bè|Viết bình luận mới").any()
    (profile,) = workshop.seeds.glob("*/profile.toml")
    assert "/{section}/{slug}-{id}.html" in profile.read_text(encoding="utf-8")
