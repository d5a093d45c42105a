"""A fault in the program or in a site's own spider is no crawl that found nothing."""

import os
import subprocess

from workshop import ROOT

SPIDER = """
from crawler.spiders.article import ArticleSpider


class OwnSpider(ArticleSpider):
    name = "baobaclieu"

    def request_for(self, target):
        if target.kind == "article":
            raise RuntimeError("a slip of the pen")
        return super().request_for(target)
"""


def test_a_spider_that_raises_fails_the_crawl_in_one_line(workshop, tmp_path):
    (tmp_path / "own_spiders.py").write_text(SPIDER, encoding="utf-8")
    command = workshop.command("crawl", "baobaclieu", "--nolog", SPIDER_MODULES="crawler.spiders,own_spiders")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(
        "scrapy crawl: baobaclieu: internal error (RuntimeError: a slip of the pen)"
    )
