"""What a page says of itself: missing, reserved, or an article."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler.examination import examine
from crawler.items import Article, Page, Pointer, Reason, Reject
from crawler.sites.profile import SiteProfile
from crawler.stages import refuse_opted_out

PROFILE = SiteProfile(key="bao", hosts=("bao.example",))
URL = "https://bao.example/tin/mua-vang-tren-dong-4100001.html"
TEXT = "<p>" + "</p><p>".join(
    f"Vụ lúa năm nay của hợp tác xã số {n} được mùa, bà con gặt xong sớm hơn mọi năm, thóc phơi kín sân đình."
    for n in range(6)
) + "</p>"  # fmt: skip


def page(head="", body=f"<h1>Mùa vàng trên đồng</h1>{TEXT}", headers=(), final_url=URL):
    html = f"<html><head><title>Mùa vàng trên đồng</title>{head}</head><body><article>{body}</article></body></html>"
    return Page(
        url=URL,
        final_url=final_url,
        status=200,
        headers=(("content-type", "text/html; charset=utf-8"), *headers),
        body=html.encode(),
        fetched_at=datetime(2026, 11, 1, tzinfo=UTC),
        site="bao",
        found_via="section",
        pointer=Pointer("archive/bao/x.warc.gz", 0, 1),
    )


@pytest.mark.parametrize(
    ("head", "headers", "found"),
    [
        ("", (), ()),
        ('<meta name="robots" content="noai, noarchive">', (), ("noai", "noarchive")),
        ("", (("x-robots-tag", "noindex"),), ("noindex",)),
        ('<meta name="tdm-reservation" content="1">', (), ("tdm-reservation",)),
        ("", (("x-robots-tag", "news-corpus-collector: noai"),), ("noai",)),
    ],
)
def test_opt_outs_are_recorded(head, headers, found):
    article = examine(page(head, headers=headers), PROFILE, "news-corpus-collector")
    assert isinstance(article, Article)
    assert article.opt_outs == found
    assert "Vụ lúa năm nay" in article.text


@pytest.mark.parametrize(("codes", "is_kept"), [((), True), (("noarchive",), True), (("noai",), False)])
def test_only_reservations_against_mining_are_obeyed(codes, is_kept):
    article = examine(page(), PROFILE)
    assert isinstance(article, Article)
    judged = refuse_opted_out(replace(article, opt_outs=codes))
    assert isinstance(judged, Article) is is_kept
    if isinstance(judged, Reject):
        assert judged.reason is Reason.OPTED_OUT


def test_a_redirect_to_the_home_page_is_no_article():
    found = examine(page(final_url="https://bao.example/"), PROFILE)
    assert found == Reject(Reason.SOFT_404, "home_page")
