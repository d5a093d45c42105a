"""A whole collector in small: made-up newspaper; real archive, state, index and corpus; run alone to be killed."""

from __future__ import annotations

import hashlib
import random
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.settings import Settings

from crawler.archive.exchange import Exchange
from crawler.corpus.committer import Committer
from crawler.corpus.manifest import RunManifest, check, describe_run, write_manifest
from crawler.corpus.recovery import recover
from crawler.corpus.replacement import Replacement
from crawler.crawling.intake import Intake
from crawler.dedup.signatures import sign
from crawler.items import Article, Page, Reason, Reject
from crawler.options import RunOptions
from crawler.state.locks import SiteLock
from crawler.state.store import Store
from crawler.state.urls import NewUrl

if TYPE_CHECKING:
    from collections.abc import Callable

_PROSE = (
    "sông núi làng chợ đường cầu trường lớp mùa lúa vườn chè rừng biển thuyền lưới nghề gốm dệt vải đình chùa hội hát "
    "then quan họ trống chiêng bếp lửa mưa nắng gió bão đê kênh ruộng trâu bò cá tôm cua ốc rau quả bưởi cam xoài "
    "nhãn vải thiều nông dân công nhân giáo viên học sinh bác sĩ kỹ sư cán bộ xã huyện tỉnh thành phố thôn bản ấp khu"
)
SYLLABLES = _PROSE.split()
FIRST_DAY = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
WIRE = 3
"""Every third page of every site is the same wire story, whose text comes from no site in particular."""


def home(site: str) -> str:
    return f"https://{site}.example/"


def story(site: str, number: int) -> str:
    """The text of page `number`: its own, or a wire story that all sites print."""
    source = random.Random("wire" + str(number) if number % WIRE == 0 else f"{site} {number}")  # noqa: S311 - made-up prose
    sentences = [" ".join(source.choices(SYLLABLES, k=18)).capitalize() + "." for _ in range(8)]
    return "\n\n".join(sentences)


def fetch(url: str, site: str, n_pages: int) -> Exchange:
    """What the newspaper answers."""
    number = url.removeprefix(home(site))
    if not number:
        body = "\n".join(f"{home(site)}{n}" for n in range(n_pages))
    elif int(number) % 7 == 5:
        body = "Tin ngắn."
    else:
        body = story(site, int(number))
    headers = (("content-type", "text/html; charset=utf-8"), ("etag", f'"{len(body)}"'))
    return Exchange(url, 200, headers, body.encode(), FIRST_DAY + timedelta(seconds=len(number)))


def extract(page: Page) -> Article | Reject:
    """A stand-in for the stages before the corpus: pure, as they are."""
    text = page.body.decode()
    if text.count(" ") < 20:
        return Reject(Reason.TOO_SHORT, f"{len(text.split())} words")
    return sign(
        Article(
            id=hashlib.blake2b(page.url.encode(), digest_size=16).hexdigest(),
            url=page.url,
            canonical_url=page.url,
            site=page.site,
            title=text.partition(".")[0],
            text=text,
            fetched_at=page.fetched_at,
            run_id=page.run_id,
            archive_file=page.pointer.file,
            archive_offset=page.pointer.offset,
            archive_length=page.pointer.length,
            published_at=FIRST_DAY,
            n_words=len(text.split()),
        )
    )


def options(output: Path) -> RunOptions:
    """Those of the project; archive files hold a few pages only, so that crawls begin several."""
    settings = Settings({"OUTPUT_DIR": str(output), "ARCHIVE_MAX_BYTES": 1_500}, priority="cmdline")
    settings.setmodule("crawler.settings", priority="project")
    return RunOptions.from_settings(settings)


class SmallCrawl:
    """One run over one site: recover, process what is pending, crawl, commit, write the manifest."""

    def __init__(self, output: Path, site: str, run_id: str, *, n_pages: int = 9, group: int = 4) -> None:
        self.output = output
        self.site = site
        self.run_id = run_id
        self.n_pages = n_pages
        self.group = group
        self.n_fetched = 0
        self.on_fetch: Callable[[str], object] = str
        self.corrected: dict[str, str] = {}
        """Addresses that are asked for again, and what they say by now."""

    def run(self) -> RunManifest:
        started_at = datetime.now(UTC)
        with Store(self.output) as store, SiteLock(store, self.site, self.run_id) as lock:
            recover(store, lock, kind_of=self.kind_of)
            self.intake = Intake(store, self.site, self.run_id, lock.epoch, options(self.output))
            self.committer = Committer(store, self.site, self.run_id, max_rows=self.group + 1)
            self.process_pending()
            self.crawl()
            self.intake.close()
            self.committer.flush()
            manifest = describe_run(
                store,
                self.site,
                self.run_id,
                started_at=started_at,
                ended_at=datetime.now(UTC),
                origin="network",
                versions={"schema": "1"},
                profile_version="0" * 12,
                exit_status="finished",
            )
            assert check(manifest) == []
            write_manifest(self.output, manifest)
            return manifest

    def kind_of(self, url: str) -> str:
        return "home" if url == home(self.site) else "article"

    def process_pending(self) -> None:
        for record in self.intake.records.pending():
            page, _ = self.intake.reread(record)
            self.intake.discover(self.links(record.kind, page.body))
            self.process(self.committer, self.intake.seqs.pop(record.pointer), record.kind, page)

    def crawl(self) -> None:
        self.intake.frontier.revisit([NewUrl(home(self.site), "home", "seed", priority=9)])
        self.intake.frontier.revisit([NewUrl(url, "article", "seed") for url in self.corrected])
        in_hand: list[tuple[str, Page]] = []
        while target := self.intake.next_target():
            self.on_fetch(target.url)
            exchange = fetch(target.url, self.site, self.n_pages)
            if target.url in self.corrected:
                exchange = replace(exchange, body=self.corrected[target.url].encode())
            self.n_fetched += 1
            page = self.intake.receive(exchange, target)
            self.intake.discover(self.links(target.kind, exchange.body))
            in_hand.append((target.kind, page))
            if len(in_hand) >= self.group:
                self.settle(in_hand)
        self.settle(in_hand)

    def settle(self, in_hand: list[tuple[str, Page]]) -> None:
        self.intake.checkpoint()
        for kind, page in in_hand:
            self.process(self.committer, self.intake.seqs.pop(page.pointer), kind, page)
        in_hand.clear()
        if self.committer.is_due:
            self.committer.flush()

    def links(self, kind: str, body: bytes) -> list[NewUrl]:
        return [NewUrl(line, "article", "section") for line in body.decode().split()] if kind == "home" else []

    def process(self, outcomes: Committer | Replacement, seq: int, kind: str, page: Page) -> None:
        if kind != "article":
            outcomes.not_an_article(seq)
            return
        result = extract(page)
        if isinstance(result, Reject):
            outcomes.reject(seq, page, result)
        else:
            outcomes.keep(seq, result)

    def replay(self) -> None:
        """All rows of the site anew, from the archive alone."""
        with Store(self.output) as store, SiteLock(store, self.site, self.run_id) as lock:
            recover(store, lock, kind_of=self.kind_of, is_replay=True)
            intake = Intake(store, self.site, self.run_id, lock.epoch, options(self.output))
            replacement = Replacement(store, self.site, self.run_id)
            with closing(replacement._spool):  # a death closes it too, and does nothing else
                for record in intake.records.all():
                    self.process(replacement, record.seq, record.kind, intake.reread(record)[0])
                replacement.finish()


if __name__ == "__main__":
    run = SmallCrawl(Path(sys.argv[1]), sys.argv[2], sys.argv[3], n_pages=int(sys.argv[4]))
    with Path(sys.argv[5]).open("a", buffering=1) as log:
        run.on_fetch = lambda url: log.write(f"{url}\n")
        run.run()
