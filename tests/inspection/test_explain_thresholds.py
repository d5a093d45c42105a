"""`scrapy explain` judges by the thresholds that the settings give."""

from pathlib import Path

import pytest

from crawler.inspection.explanation import explain
from crawler.items import Article, Reject
from crawler.refinement.thresholds import DEFAULTS, Thresholds
from crawler.sites.unprepared import profile_for_url

ROOT = Path(__file__).parents[2]
URL = "http://baobaclieu.vn/xa-hoi/nhung-chuyen-xe-cho-nuoc-ngot-mua-han-55396.html"


@pytest.mark.parametrize(
    ("quality", "kind"),
    [(DEFAULTS, Article), (Thresholds.from_settings({"QUALITY_MIN_WORDS": "5000"}), Reject)],
    ids=("defaults", "min_words=5000"),
)
def test_thresholds_reach_the_rules(tmp_path, quality, kind):
    archive = [ROOT / "seeds/demo.warc.gz"]
    found = explain(URL, profile_for_url(URL), output=tmp_path, seeds_dir=tmp_path, archive=archive, quality=quality)
    assert isinstance(found.judged, kind)
    assert {verdict.rule: verdict.threshold for verdict in found.verdicts}["min_words"] == quality.min_words
