from datetime import UTC, datetime

import pytest

from crawler.items import Article


@pytest.fixture
def make_article():
    """Builds an article out of the fields a test is about."""

    def make(text="", title="Tin trong tỉnh", **fields):
        return Article(
            id="0" * 32,
            url="https://bao.example/tin-1.html",
            canonical_url="https://bao.example/tin-1.html",
            site="bao",
            title=title,
            text=text,
            fetched_at=datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC),
            run_id="r1",
            archive_file="archive/bao/bao-000001-0001.warc.gz",
            archive_offset=0,
            archive_length=1,
            **fields,
        )

    return make
