"""A stage: a pure function, and the class that Scrapy calls."""

from dataclasses import replace
from urllib.parse import urlsplit

from crawler.items import Article, FieldSource
from crawler.pipelines import StagePipeline


def fill_section(article: Article) -> Article:
    """Take the section from the address (`/the-thao/bai-a1.html`) where the page names none."""
    parts = urlsplit(article.url).path.strip("/").split("/")
    if article.section or len(parts) == 1:
        return article
    source = FieldSource("section", "news_corpus_example:address")
    return replace(article, section=parts[0], provenance=(*article.provenance, source))


class FillSectionPipeline(StagePipeline):
    """See fill_section."""

    def stage(self, article: Article) -> Article:
        """Keep the article, with a section where it has none."""
        return fill_section(article)
