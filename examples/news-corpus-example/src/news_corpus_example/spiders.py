"""A site that needs Python: its lists name each article twice, and the second time under /in/ for printing."""

from crawler.spiders.article import ArticleSpider


class BaoViDuSpider(ArticleSpider):
    """The profile `sites/bao_vi_du` is read all the same; only what differs stands here."""

    name = "bao_vi_du"

    def visit_listing(self, page, target):
        """What a list names, without the printed views."""
        return [new for new in super().visit_listing(page, target) if "/in/" not in new.url]
