"""What the package adds to every crawl: a Scrapy add-on."""

from news_corpus_example.stages import FillSectionPipeline

AFTER_NORMALISE = 250
"""Between crawler.pipelines.NormalisePipeline (200) and JudgePipeline (300)."""


class ExampleAddon:
    """One stage, and the module that holds the spiders."""

    @classmethod
    def update_pre_crawler_settings(cls, settings):
        """Called by Scrapy before it looks for spiders."""
        settings.add_to_list("SPIDER_MODULES", "news_corpus_example.spiders")

    def update_settings(self, settings):
        """Called by Scrapy for each crawl."""
        settings.setdefault_in_component_priority_dict("ITEM_PIPELINES", FillSectionPipeline, AFTER_NORMALISE)
