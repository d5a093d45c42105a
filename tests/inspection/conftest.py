"""A small real corpus, made once: five bundled sites are too slow, so two made-up ones and articles with everything."""

import argparse
import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from scrapy.settings import Settings

from crawler.items import FieldSource
from tests.corpus.smallcrawl import SmallCrawl
from tests.dedup.labelled import Writer
from tests.dedup.newsdesk import commit

ROOT = Path(__file__).parents[2]
SITES = ("baobaclieu", "baothainguyen")
"""Two that have a profile."""
EVENING = datetime(2026, 1, 31, 18, 30, tzinfo=UTC)
"""Already the first of February in Viet Nam."""
NASTY = '<script>alert("1")</script> \x1b[31m=1+1'


def crawled(output):
    """Two sites as crawls leave them: archive, frontier, duplicates across sites, rejects, manifests."""
    for site in SITES:
        SmallCrawl(output, site, f"{site}-20260301T000000Z-0001", n_pages=14).run()
    writer = Writer(5)
    articles = [
        replace(
            writer.article(writer.paragraphs(4), SITES[number % 2], f"Tin số {number}"),
            published_at=EVENING + timedelta(days=number),
            authors=("Bút Tre Xanh",) if number % 3 else (),
            section="Thời sự" if number % 2 else None,
            language="vi",
            language_score=0.99,
            tags=("một", "hai"),
            n_words=100 + 70 * number,
            provenance=(FieldSource("title", "template:h1"), FieldSource("text", "template:div.body")),
        )
        for number in range(8)
    ]
    long = writer.paragraphs(7)
    articles += [writer.article(long, SITES[0], "Tin dài"), writer.article(long[:-1], SITES[1], "Tin dài hơn một chút")]
    text = "Chi bộ xóm có 27 Đảng viên, trong đó mười người ở HOÀ BÌNH.\n\nHọ dệt vải thổ cẩm."
    articles.append(replace(articles[0], id="f" * 32, title=NASTY, text=f"{text}\n\n{NASTY}", url="https://a.example/x",
                            canonical_url="https://a.example/x"))  # fmt: skip
    commit(output, articles)
    return output


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    """Read-only: tests that change it take `own_corpus`."""
    shm = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    if not shm.is_dir():
        yield crawled(tmp_path_factory.mktemp("inspected") / "output")
        return
    folder = Path(tempfile.mkdtemp(dir=shm))
    yield crawled(folder / "output")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def own_corpus(corpus):
    """A copy that may be changed."""
    own = corpus.with_name(f"{corpus.name}-own")
    shutil.copytree(corpus, own)
    yield own
    shutil.rmtree(own)


@pytest.fixture
def scrapy(capsys):
    """Run a command on an output folder as Scrapy does: exit code, stdout, stderr."""

    def run(module, output, *words):
        command = module.Command()
        command.settings = Settings({"OUTPUT_DIR": str(output), "SEEDS_DIR": str(ROOT / "seeds")})
        parser = argparse.ArgumentParser()
        command.add_options(parser)
        opts, args = parser.parse_known_args([str(word) for word in words])
        command.process_options(args, opts)
        command.run(args, opts)
        return (command.exitcode, *capsys.readouterr())

    return run
