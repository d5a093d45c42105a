"""One other tool over the made-up newspaper: `PYTHON benchmarks/peer.py TOOL HOST ADDRESSES OUT`.

TOOL is a function below; HOST the newspaper's; ADDRESSES a file with one a line; OUT gets JSON lines of url and text.
Run by peers.py with a Python that has the tool. Each is used as its documentation has it, without delays, with as many
processes or threads as suit it. `--probe TOOL` only says whether it is installed.
"""

from __future__ import annotations

import csv
import importlib
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

N_CORES = len(os.sched_getaffinity(0))
N_THREADS = 8
MODULES = {
    "trafilatura_cli": "trafilatura", "fundus": "fundus", "news_please": "newsplease", "newspaper4k": "newspaper",
    "minet": "minet",
}  # fmt: skip
Found = "Iterable[tuple[str, str]]"


def trafilatura_cli(host: str, addresses: Path, folder: Path) -> Found:  # noqa: ARG001 - as the others
    """Its command line, with a list of addresses; a text file each, so that the address stays unknown."""
    from trafilatura.cli import main
    from trafilatura.settings import DEFAULT_CONFIG

    config = deepcopy(DEFAULT_CONFIG)
    config["DEFAULT"].update({"sleep_time": "0", "ssrf_protection": "off"})
    with (folder / "config").open("w") as file:
        config.write(file)
    words = ["-i", addresses, "-o", folder / "texts", "--parallel", N_CORES, "--config-file", folder / "config"]
    sys.argv = ["trafilatura", *map(str, words)]
    main()
    return (("", path.read_text("utf-8")) for path in (folder / "texts").rglob("*.txt"))


def fundus(host: str, addresses: Path, folder: Path) -> Found:  # noqa: ARG001 - as the others
    """A publisher with a parser written by hand for its pages."""
    from fundus import Crawler, Sitemap
    from fundus.parser import ArticleBody, BaseParser, ParserProxy, attribute
    from fundus.parser.utility import extract_article_body_with_selector, generic_date_parsing
    from fundus.publishers.base_objects import Publisher, PublisherGroup
    from lxml.cssselect import CSSSelector

    class MeasuredParser(ParserProxy):
        class V1(BaseParser):
            _summary_selector = CSSSelector("p.sapo")
            _paragraph_selector = CSSSelector("div.than-bai > p")

            @attribute
            def body(self) -> ArticleBody | None:
                return extract_article_body_with_selector(
                    self.precomputed.doc,
                    paragraph_selector=self._paragraph_selector,
                    summary_selector=self._summary_selector,
                )

            @attribute
            def publishing_date(self) -> Any:
                return generic_date_parsing(self.precomputed.ld.bf_search("datePublished"))

            @attribute
            def title(self) -> str | None:
                return self.precomputed.meta.get("og:title")

    sources = [Sitemap(f"http://{host}/sitemap.xml", languages={"vi"})]
    paper = Publisher(name="Đo Lường", domain=f"http://{host}/", parser=MeasuredParser, sources=sources)
    group = PublisherGroup("Papers", (), {"Measured": paper})
    articles = Crawler(group, delay=0.0).crawl(only_complete=False)
    return ((one.html.requested_url, one.plaintext or "") for one in articles)


def news_please(host: str, addresses: Path, folder: Path) -> Found:  # noqa: ARG001 - as the others
    """Its function for a list of addresses: threads fetch, processes extract."""
    from newsplease import NewsPlease

    found = NewsPlease.from_urls(addresses.read_text().split(), request_args={"timeout": 60}, fetch_images=False)
    return ((url, getattr(one, "maintext", None) or "") for url, one in found.items())


def newspaper4k(host: str, addresses: Path, folder: Path) -> Found:  # noqa: ARG001 - as the others
    """An article at a time, in threads."""
    import newspaper

    def read(url: str) -> tuple[str, str]:
        article = newspaper.Article(url, language="vi", fetch_images=False)
        article.download()
        article.parse()
        return url, article.text

    with ThreadPoolExecutor(N_THREADS) as pool:
        return list(pool.map(read, addresses.read_text().split()))


def minet(host: str, addresses: Path, folder: Path) -> Found:  # noqa: ARG001 - as the others
    """Its two commands: fetch, then extract."""
    program = str(Path(sys.executable).with_name("minet"))
    table, report, pages, texts = (folder / name for name in ("urls.csv", "report.csv", "pages", "texts.csv"))
    table.write_text("url\n" + addresses.read_text())
    fetch = ("fetch", "url", "-i", table, "-O", pages, "-o", report, "--throttle", 0, "-t", N_THREADS)
    more = ("--domain-parallelism", N_THREADS, "--silent", "--compress-transfer")
    extract = ("extract", "-i", report, "-I", pages, "-p", N_CORES, "-o", texts, "--silent")
    for words in ((*fetch, *more), extract):
        subprocess.run([program, *map(str, words)], check=True)
    csv.field_size_limit(1 << 24)
    with texts.open(encoding="utf-8", newline="") as file:
        return [(row["url"], row["content"]) for row in csv.DictReader(file)]


def main() -> int:
    """Run one, or say whether it can be run."""
    if sys.argv[1] == "--probe":
        with suppress(ImportError):  # a package whose dependencies another one has replaced is none
            return 0 if importlib.import_module(MODULES[sys.argv[2]]) else 1
        return 1
    tool, host, addresses, out = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder, Path(out).open("w", encoding="utf-8") as lines:
        lines.writelines(
            json.dumps({"url": url, "text": text}) + "\n"
            for url, text in globals()[tool](host, Path(addresses), Path(folder))
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
