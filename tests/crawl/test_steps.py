"""Which stages workers do, and what they do with them."""

import pickle
from dataclasses import replace
from datetime import UTC, date, datetime

from crawler.discovery.horizon import Horizon
from crawler.items import Article, Reason, Reject
from crawler.pipelines import ExtractPipeline, NormalisePipeline, SignPipeline, StagePipeline, _take_over
from crawler.refinement.thresholds import Thresholds
from crawler.sites.profile import SiteProfile
from crawler.stages import Context, Judging, normalised, signed, work

CONTEXT = Context(SiteProfile(key="bao", hosts=("bao.example",)), frozenset({"noai"}))
ARTICLE = Article(
    id="0" * 32, url="https://bao.example/a-1.html", canonical_url="https://bao.example/a-1.html", site="bao",
    title="Mùa  vàng", fetched_at=datetime(2026, 5, 2, tzinfo=UTC), run_id="", archive_file="", archive_offset=0,
    archive_length=0, published_at=datetime(2026, 5, 1, tzinfo=UTC),
    text="Vụ này hợp tác xã gặt sớm mười ngày, bà con phơi thóc kín sân đình và mừng vui.\n\n"
    "Giá lúa tươi tại ruộng nhích lên từng hôm, xe tải của thương lái đỗ dọc bờ kênh chờ cân.\n\n"
    "Trên huyện, cán bộ khuyến nông khuyên giữ rơm lại ủ phân thay vì đốt đồng như mọi năm.",
)  # fmt: skip


class Loud(StagePipeline):
    def stage(self, article):
        return replace(article, title=article.title.upper())


class LoudSign(SignPipeline):
    def stage(self, article):
        return super().stage(article)


def test_workers_take_steps_over_until_a_stage_has_to_be_done_here():
    extract = object.__new__(ExtractPipeline)
    before, first, loud, last = SignPipeline(None), NormalisePipeline(None), Loud(None), SignPipeline(None)
    assert list(_take_over([before, extract, first, loud, last])) == [normalised]
    assert [one.is_done for one in (before, first, loud, last)] == [False, True, False, False]
    assert list(_take_over([extract, NormalisePipeline(None), last])) == [normalised, signed]


def test_a_stage_that_a_subclass_overrides_is_not_taken_over():
    assert list(_take_over([object.__new__(ExtractPipeline), LoudSign(None)])) == []


def judging(since, *, is_obedient):
    return pickle.loads(pickle.dumps(Judging(Thresholds(), Horizon(since, "Asia/Ho_Chi_Minh"), is_obedient)))  # noqa: S301


def test_an_article_of_a_spider_goes_through_all_steps():
    done = work(ARTICLE, CONTEXT, "", [normalised, judging(None, is_obedient=False), signed])
    assert (done.title, done.language, done.opt_outs) == ("Mùa vàng", "vi", ("noai",))
    assert len(done.content_hash) == 64


def test_the_first_reject_ends_it():
    old = work(ARTICLE, CONTEXT, "", [judging(date(2026, 5, 2), is_obedient=True), signed])
    assert old == Reject(Reason.BEFORE_SINCE, "2026-05-01")
    assert work(ARTICLE, CONTEXT, "", [judging(None, is_obedient=True), signed]) == Reject(Reason.OPTED_OUT, "noai")
