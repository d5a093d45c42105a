"""What a crawl by topic gains: `-a topic=0.1` beside plain order, when only a part of a site may be fetched.

    python benchmarks/topic.py [--threshold 0.1]

A made-up newspaper of 120 articles; about every fifth, whatever its section and day, is made of the even sentences of
the seeds, the others of the reconstructed newspapers' articles (tests/newspapers). The crawl's seeds hold only the odd
sentences, so that no run of words is known to it. `scrapy crawl` finds the articles on six section pages and fetches
25 and 50 % of all pages. Harvest is the share of fetched articles that are on the topic, recall the share of those on
the topic that were fetched. Prints a table in Markdown.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loopback import serve
from newssite import EVERY_REPRINT, SECTIONS, NewsSite, Story
from prose import Prose, seed_blocks
from usage import measure

from crawler.corpus.reader import CorpusReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parents[1]
SITE = "do_luong"
N_ARTICLES = 120
N_PAGES = N_ARTICLES + len(SECTIONS) + 3
"""With the home page, robots.txt and an empty sitemap."""
SHARE_ON_TOPIC = 0.2
BUDGETS = (25, 50)
_SENTENCE = re.compile(r"(?<=[.!?…])\s+")


def sentences(blocks: Iterable[str]) -> list[str]:
    """The sentences of `blocks`, in order."""
    return [sentence for block in blocks for sentence in _SENTENCE.split(block)]


def is_on_topic(number: int) -> bool:
    """Whether article `number` is."""
    return random.Random(f"topic {number}").random() < SHARE_ON_TOPIC  # noqa: S311 - a made-up page


def other_blocks() -> Iterator[str]:
    """Paragraphs of the reconstructed newspapers, without those that are seeds."""
    for path in sorted((ROOT / "tests/newspapers").glob("*/articles/*.md")):
        text = path.read_text(encoding="utf-8").split("+++")[-1]
        yield from (block for block in text.split("\n\n") if block.strip() and block.strip()[0].isalpha())


class MixedSite(NewsSite):
    """A newspaper about this and that."""

    @cached_property
    def kinds(self) -> dict[bool, Prose]:
        """What articles on the topic and others are made of."""
        return {True: Prose(sentences(seed_blocks())[::2]), False: Prose(other_blocks())}

    def _story(self, number: int) -> Story:
        self.prose = self.kinds[is_on_topic(number)]
        return super()._story(number)

    def _sitemap(self) -> str:
        return "<urlset/>"


@contextmanager
def newspaper() -> Iterator[dict[str, Any]]:
    """The newspaper in a process of its own."""
    command = [sys.executable, __file__, "--serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield json.loads(server.stdout.readline()) if server.stdout else {}
        finally:
            server.terminate()


def prepare(folder: Path, profile: str) -> Path:
    """A folder of seeds: the newspaper's profile, and a gold text of the sentences that its articles do not hold."""
    (folder / SITE).mkdir(parents=True)
    (folder / SITE / "profile.toml").write_text(profile, encoding="utf-8")
    known = sentences(seed_blocks())[1::2]
    gold = {"title": known[0], "body": known[1:]}
    (folder / SITE / "01.json").write_text(json.dumps(gold, ensure_ascii=False), encoding="utf-8")
    return folder


def crawl(folder: Path, seeds: Path, max_pages: int, topic: float) -> set[int]:
    """Numbers of the articles that a crawl of `max_pages` brings, a reprint under the number of what it repeats."""
    output = folder / f"{max_pages}-{topic}"
    settings = {"OUTPUT_DIR": output, "SEEDS_DIR": seeds, "ALLOW_PRIVATE_HOSTS": 1, "DOWNLOAD_DELAY": 0}
    pairs = [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
    arguments = ["-a", f"max_pages={max_pages}", "-a", f"topic={topic}"]
    measure([sys.executable, "-m", "scrapy", "crawl", SITE, *arguments, *pairs], folder / "log", folder=ROOT)
    urls = CorpusReader(output).dataset().to_table(columns=["url"])["url"].to_pylist()
    return {original(int(url.rpartition("-")[2].removesuffix(".html")) - 100_000) for url in urls}


def original(number: int) -> int:
    """The article that article `number` is, or prints again."""
    return number // 2 if number % EVERY_REPRINT == EVERY_REPRINT - 1 else number


def table(found: dict[tuple[int, str], set[int]]) -> Iterator[str]:
    """A row per crawl."""
    wanted = {number for number in map(original, range(N_ARTICLES)) if is_on_topic(number)}
    yield "| pages fetched | order | articles | on the topic | harvest | recall |"
    yield "|---|---|---|---|---|---|"
    for (share, order), numbers in found.items():
        n_right = len(numbers & wanted)
        harvest, recall = n_right / max(1, len(numbers)), n_right / len(wanted)
        yield f"| {share} % | {order} | {len(numbers)} | {n_right} | {harvest:.2f} | {recall:.2f} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threshold", type=float, default=0.1)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve(N_ARTICLES, MixedSite))
        return
    found: dict[tuple[int, str], set[int]] = {}
    with newspaper() as site, tempfile.TemporaryDirectory() as folder:
        seeds = prepare(Path(folder) / "seeds", site["profile"])
        for share in BUDGETS:
            for order, topic in (("plain", 0.0), (f"`-a topic={options.threshold}`", options.threshold)):
                n_pages = N_PAGES * share // 100
                found[share, order] = crawl(Path(folder), seeds, n_pages, topic)
    print("\n".join(table(found)))


if __name__ == "__main__":
    main()
