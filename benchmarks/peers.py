"""Everything beside the tools that one would take instead: the same pages, one run, taking turns.

    python benchmarks/peers.py [--pages 5000] [--few 500] [--rounds 3] [--peers-python PATH ...]

A made-up newspaper (newssite.py) is served by nginx where it is installed. `--peers-python`: Pythons that have some of
fundus, minet, newspaper4k, news-please (environments apart: they pin libraries of their own), also from PEERS_PYTHON,
with colons between; what none has is named as not installed. Tools that take ten times as long get the first `--few`
pages.

Prints a table in Markdown: CPU (user and system time of all processes) a page, pages a second, share of the cores that
was busy, memory (peak of the sum of proportional set sizes), and F1 of the words of lede and paragraphs against what
the generator wrote, a page that is missing counting 0. Says which of the goals below are missed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import unicodedata
from collections import defaultdict
from pathlib import Path
from statistics import fmean, median
from typing import TYPE_CHECKING, NamedTuple

from crawl import Bench, circumstances
from extraction import score
from figures import ratio, spread
from newssite import NewsSite
from newsstand import HERE, newspaper
from usage import Usage, measure

from crawler.corpus.reader import CorpusReader
from crawler.corpus.schema import Dataset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

OURS, LINKS, SITEMAP = (
    "`scrapy crawl`, everything",
    "CrawlSpider, LinkExtractor, trafilatura",
    "SitemapSpider, trafilatura",
)
TOOLS = {
    "trafilatura's command line": "trafilatura_cli", "Fundus, a parser written by hand": "fundus", "minet": "minet",
    "news-please": "news_please", "newspaper4k": "newspaper4k",
}  # fmt: skip
SLOW = frozenset({"news_please", "newspaper4k"})
CPU_GOALS = {LINKS: 5.0, SITEMAP: 2.5, "news-please": 15.0}
"""How much more CPU a page they should take than ours."""
MAX_CPU_MS, LEAST_BUSY, FASTEST = 14.0, 0.85, "Fundus, a parser written by hand"


class Taken(NamedTuple):
    """One competitor in one round."""

    usage: Usage
    n_pages: int
    f1: float

    @property
    def cpu_ms(self) -> float:
        """A page."""
        return 1000 * self.usage.cpu / self.n_pages

    @property
    def speed(self) -> float:
        """Pages a second."""
        return self.n_pages / self.usage.seconds

    @property
    def busy(self) -> float:
        """Share of all cores."""
        return self.usage.cpu / self.usage.seconds / len(os.sched_getaffinity(0))


def same(text: str) -> str:
    """`text` with one spelling of what looks alike: Ð is typed for Đ in the seeds, and some tools mend that."""
    return unicodedata.normalize("NFC", text).replace("Ð", "Đ")


class Gold:
    """What the generator wrote."""

    def __init__(self, site: NewsSite) -> None:
        self.texts = {
            f"http://{site.host}{story.path}": "\n".join((story.lede, *story.paragraphs)) for story in site.stories
        }
        self.by_line = {line: url for url, text in self.texts.items() for line in text.split("\n")[1:2]}

    def f1(self, found: Iterable[tuple[str, str]], wanted: list[str]) -> float:
        """Mean over the pages of `wanted`; a text without an address is known by its first paragraph."""
        texts = {url or self._address(text): text for url, text in found}
        return fmean(
            score(same(self.texts[url]), same(texts.get(url) or self._reprinted(url, texts)))[2] for url in wanted
        )

    def _address(self, text: str) -> str:
        return next((self.by_line[line.strip()] for line in text.split("\n") if line.strip() in self.by_line), "")

    def _reprinted(self, url: str, texts: dict[str, str]) -> str:
        """An article printed twice has one first paragraph, and texts without addresses fall on one of the two."""
        return texts.get(self.by_line[self.texts[url].split("\n")[1]], "") if "" in texts else ""


class Contest(Bench):
    """The newspaper, its gold, and everybody's way to read it."""

    def __init__(self, folder: Path, site: dict[str, object], options: argparse.Namespace) -> None:
        super().__init__(folder, site, options)
        self.host = str(site["host"])
        self.gold = Gold(NewsSite(options.pages, self.host))
        self.out = folder / "found.jsonl"

    def ours(self) -> Taken:
        """Texts from the corpus, those of duplicates as well."""
        used = self.crawl()
        with CorpusReader(self.output) as reader:
            rows = [row for kind in (Dataset.ARTICLES, Dataset.DUPLICATES)
                    for row in reader.rows(kind, ["url", "text"])]  # fmt: skip
        return self._taken(used, [(row["url"], row["text"]) for row in rows])

    def spider(self, script: str, argument: str) -> Taken:
        """A plain spider of Scrapy's."""
        self.out.unlink(missing_ok=True)
        n = self.options.concurrency
        words = ("runspider", HERE / script, "-a", argument, "-o", self.out)
        used = self._scrapy(*words, CONCURRENT_REQUESTS=n, CONCURRENT_REQUESTS_PER_DOMAIN=n, project=False)
        return self._taken(used, self._lines())

    def tool(self, python: str, name: str) -> Taken:
        """Another tool."""
        wanted = list(self.gold.texts)[: self.options.few if name in SLOW else None]
        addresses = self.folder / "addresses"
        addresses.write_text("\n".join(wanted) + "\n", encoding="ascii")
        command = (python, HERE / "peer.py", name, self.host, addresses, self.out)
        return self._taken(measure(command, self.folder / "log", folder=self.folder), self._lines(), wanted)

    def _taken(self, used: Usage, found: Iterable[tuple[str, str]], wanted: list[str] | None = None) -> Taken:
        wanted = wanted or list(self.gold.texts)
        return Taken(used, len(wanted), self.gold.f1(found, wanted))

    def _lines(self) -> Iterator[tuple[str, str]]:
        with self.out.open(encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                yield row["url"], row["text"] or ""


def python_with(tool: str, pythons: list[str]) -> str | None:
    """The first Python that has a tool."""
    command = (str(HERE / "peer.py"), "--probe", tool)
    for python in filter(None, pythons):
        if not subprocess.run([python, *command], check=False, stderr=subprocess.DEVNULL).returncode:
            return python
    return None


def turns(contest: Contest, pythons: list[str]) -> dict[str, Callable[[], Taken]]:
    """What a round consists of; names who is missing."""
    sitemap, home = f"sitemap={contest.url}", f"home=http://{contest.host}/"
    found: dict[str, Callable[[], Taken]] = {
        OURS: contest.ours,
        LINKS: lambda: contest.spider("plain_crawlspider.py", home),
        SITEMAP: lambda: contest.spider("plain_spider.py", sitemap),
    }
    for name, tool in TOOLS.items():
        python = python_with(tool, [*pythons, sys.executable])
        if python:
            found[name] = lambda python=python, tool=tool: contest.tool(python, tool)  # type: ignore[misc]
    return found


def table(rows: dict[str, list[Taken]]) -> Iterator[str]:
    """A row each, CPU and speed beside ours."""
    yield "| | CPU ms/page | pages/s | cores busy | peak MB | F1 | CPU, ours = 1 | pages/s, ours = 1 |"
    yield "|---|---|---|---|---|---|---|---|"
    ours = rows[OURS]
    for name, taken in rows.items():
        cpu, speed = [one.cpu_ms for one in taken], [one.speed for one in taken]
        dearer = ratio([one.cpu_ms for one in ours], cpu)
        faster = ratio([one.speed for one in ours], speed)
        busy, f1 = median(one.busy for one in taken), median(one.f1 for one in taken)
        peak = max(one.usage.peak_mb for one in taken)
        few = "" if taken[0].n_pages == ours[0].n_pages else f", {taken[0].n_pages} pages"
        figures = f"{busy:.0%} | {peak:.0f} | {f1:.4f} | {dearer:.2f} | {faster:.2f}"
        yield f"| {name}{few} | {spread(cpu)} | {spread(speed)} | {figures} |"
    yield from (f"| {name} | not installed | | | | | | |" for name in TOOLS if name not in rows)


def missed(rows: dict[str, list[Taken]]) -> Iterator[str]:
    """Goals that this run did not reach."""
    ours = rows[OURS]
    cpu, busy = median(one.cpu_ms for one in ours), median(one.busy for one in ours)
    if cpu > MAX_CPU_MS:
        yield f"{cpu:.1f} ms of CPU a page, {MAX_CPU_MS:g} at most"
    if busy < LEAST_BUSY:
        yield f"{busy:.0%} of the cores busy, {LEAST_BUSY:.0%} at least"
    for name, least in CPU_GOALS.items():
        if name in rows and (found := ratio([one.cpu_ms for one in ours], [one.cpu_ms for one in rows[name]])) < least:
            yield f"{name} takes {found:.1f} times the CPU, {least:g} at least"
    if FASTEST in rows and ratio([one.speed for one in ours], [one.speed for one in rows[FASTEST]]) > 1:
        yield f"{FASTEST} reads more pages a second"
    best = median(one.f1 for one in ours)
    yield from (f"{name} has the better text" for name, taken in rows.items() if median(t.f1 for t in taken) > best)


def main() -> int:
    """Alternate between all of them, so that a busy minute of the machine hits each alike."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=5000)
    parser.add_argument("--few", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument(
        "--peers-python", nargs="*", metavar="PATH", default=os.environ.get("PEERS_PYTHON", "").split(":")
    )
    options = parser.parse_args()
    taken: dict[str, list[Taken]] = defaultdict(list)
    with newspaper("loopback.py", options.pages, "--nginx") as site, tempfile.TemporaryDirectory() as folder:
        contest = Contest(Path(folder), site, options)
        competitors = turns(contest, options.peers_python)
        for number in range(options.rounds):
            for name, read in competitors.items():
                taken[name].append(read())
                print(f"round {number + 1}, {name}: {taken[name][-1].cpu_ms:.1f} ms", file=sys.stderr, flush=True)
    print(f"{circumstances(site['sizes'], options)}\n")
    print("\n".join(table(taken)))
    if problems := list(missed(taken)):
        print("\nNot reached: " + "; ".join(problems) + ".")
    return 0


if __name__ == "__main__":
    sys.exit(main())
