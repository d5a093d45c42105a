"""How fast the pages of `scrapy serve` are over a large corpus: first the search index, then page by page.

    python benchmarks/serving.py [--rows 1000000] [--sites 40] [--keep FOLDER]

The corpus is made up (made_corpus.py).
"""

from __future__ import annotations

import statistics
import time
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import quote

from made_corpus import made, parse
from starlette.testclient import TestClient

from crawler.corpus.reader import CorpusReader
from crawler.scheduling.planning import Planner
from crawler.viewer.app import make_app
from crawler.viewer.desk import Desk
from crawler.viewer.index_file import INDEX_FILE, open_index
from crawler.viewer.indexing import refresh

if TYPE_CHECKING:
    from pathlib import Path

N_TIMES = 5


def paths(output: Path) -> dict[str, str]:
    """What is asked for, by what it shows: words that stand everywhere, seldom, nowhere; filters; an article."""
    with closing(open_index(output, is_read_only=True)) as connection:
        article_id, title = connection.execute(
            "SELECT id, title FROM articles ORDER BY n LIMIT 1 OFFSET 500"
        ).fetchone()
        connection.execute("CREATE TEMP TABLE seen AS SELECT title FROM articles LIMIT 2000")
        words = [word for (one,) in connection.execute("SELECT title FROM seen") for word in one.split()]
    common = sorted(set(words), key=words.count, reverse=True)
    with CorpusReader(output) as reader:
        site = reader.parts()[0].site
    absent = f"{common[0]} {common[0]} {common[1]} {common[0]}"
    return {
        "/": "overview, first and later",
        "/search": "newest",
        f"/search?q={quote(common[0])}": "a word that stands everywhere",
        f"/search?q={quote(' '.join(title.split()[:3]))}": "a phrase",
        f"/search?q={quote(absent)}": "frequent words in an order that stands nowhere",
        f"/search?q={quote(common[0])}&site={site}&section={quote('Kinh tế')}": "the word, of one site and section",
        f"/search?q={quote(common[1])}&since=2020-03-01&until=2020-03-07": "the word, of one week",
        f"/articles/{article_id}": "an article",
    }


def main() -> None:
    """Make what is missing, ask, print a table."""
    with made(parse(__doc__)) as output:
        started = time.monotonic()
        done = refresh(output)
        size = (output / INDEX_FILE).stat().st_size / 1e9
        print(f"index: {done.n_added:,} articles added in {time.monotonic() - started:.0f} s; {size:.2f} GB\n")
        desk = Desk(output, output, "Asia/Ho_Chi_Minh", lambda _: Planner({}))
        with TestClient(make_app(desk, host="testserver"), base_url="http://localhost") as client:
            print("| page | first, ms | median, ms |\n|---|---|---|")
            for path, what in paths(output).items():
                times = [ask(client, path) for _ in range(N_TIMES)]
                print(f"| {what} | {times[0]:.0f} | {statistics.median(times):.0f} |")


def ask(client: TestClient, path: str) -> float:
    """Milliseconds to the whole page."""
    started = time.monotonic()
    answer = client.get(path)
    if answer.status_code != 200:
        raise SystemExit(f"{path}: {answer.status_code}")
    return (time.monotonic() - started) * 1_000


if __name__ == "__main__":
    main()
