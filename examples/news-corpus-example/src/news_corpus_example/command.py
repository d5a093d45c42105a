"""`scrapy sections`: how many articles each section has."""

from collections import Counter

from crawler.command import OK, CollectorCommand


class Command(CollectorCommand):
    """Reads the corpus, which is a folder of Parquet files."""

    @property
    def name(self):
        """What is typed after `scrapy`."""
        return "sections"

    def short_desc(self):
        """One line for `scrapy --help`."""
        return "Count the articles of each section"

    def execute(self, args, opts):
        """Print them, the largest first."""
        from pyarrow.dataset import dataset

        table = dataset(self.output_dir / "articles", format="parquet").to_table(["section"])
        for section, n_articles in Counter(table["section"].to_pylist()).most_common():
            print(f"{n_articles:6}  {section or '-'}")
        return OK
