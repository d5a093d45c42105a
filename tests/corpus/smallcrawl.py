"""A whole collector in small: made-up newspaper; real archive, state, index and corpus; run alone to be killed."""

from __future__ import annotations

import hashlib
import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.archive.exchange import Exchange, to_page
from crawler.archive.reader import read_exchange
from crawler.archive.writer import ArchiveWriter
from crawler.corpus.committer import Committer
from crawler.corpus.manifest import RunManifest, check, describe_run, write_manifest
from crawler.corpus.recovery import recover
from crawler.corpus.replacement import Replacement
from crawler.dedup.signatures import sign
from crawler.items import Article, Page, Reason, Reject
from crawler.state.frontier import Frontier
from crawler.state.locks import SiteLock
from crawler.state.records import NewRecord, Records
from crawler.state.store import Store
from crawler.state.urls import FinishedUrl, NewUrl

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

    def run(self) -> RunManifest:
        started_at = datetime.now(UTC)
        with Store(self.output) as store, SiteLock(store, self.site, self.run_id) as lock:
            recover(store, lock)
            self.store = store
            self.frontier = Frontier(store, self.site, self.run_id)
            self.records = Records(store, self.site, self.run_id)
            self.committer = Committer(store, self.site, self.run_id, max_rows=self.group + 1)
            self.process_pending()
            with ArchiveWriter(self.output, self.site, lock.epoch) as archive:
                self.crawl(archive)
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

    def process_pending(self) -> None:
        for record in self.records.pending():
            exchange = read_exchange(self.output, record.pointer)
            self.frontier.add(self.links(record.kind, exchange))
            page = to_page(exchange, record.pointer, site=self.site, found_via=record.found_via, run_id=self.run_id)
            self.process(self.committer, record.seq, record.kind, page)

    def crawl(self, archive: ArchiveWriter) -> None:
        self.frontier.revisit([NewUrl(home(self.site), "home", "seed", priority=9)])
        while leased := self.frontier.lease(self.group, datetime.now(UTC)):
            fetched = []
            for known in leased:
                self.on_fetch(known.url)
                exchange = fetch(known.url, self.site, self.n_pages)
                self.n_fetched += 1
                fetched.append((known, exchange, archive.append(exchange)))
            archive.sync()
            seqs = self.records.append(
                [
                    NewRecord(known.url, known.url, known.found_via, known.kind, 200, exchange.fetched_at, pointer)
                    for known, exchange, pointer in fetched
                ],
                [
                    FinishedUrl(known.url, exchange.fetched_at, exchange.header("etag"), pointer=pointer)
                    for known, exchange, pointer in fetched
                ],
                [link for known, exchange, _ in fetched for link in self.links(known.kind, exchange)],
            )
            for seq, (known, exchange, pointer) in zip(seqs, fetched, strict=True):
                page = to_page(exchange, pointer, site=self.site, found_via=known.found_via, run_id=self.run_id)
                self.process(self.committer, seq, known.kind, page)
            if self.committer.is_due:
                self.committer.flush()

    def links(self, kind: str, exchange: Exchange) -> list[NewUrl]:
        return [NewUrl(line, "article", "section") for line in exchange.body.decode().split()] if kind == "home" else []

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
            recover(store, lock)
            replacement = Replacement(store, self.site, self.run_id)
            for record in Records(store, self.site, self.run_id).all():
                exchange = read_exchange(self.output, record.pointer)
                page = to_page(exchange, record.pointer, site=self.site, found_via=record.found_via, run_id=self.run_id)
                self.process(replacement, record.seq, record.kind, page)
            replacement.finish()


if __name__ == "__main__":
    run = SmallCrawl(Path(sys.argv[1]), sys.argv[2], sys.argv[3], n_pages=int(sys.argv[4]))
    with Path(sys.argv[5]).open("a", buffering=1) as log:
        run.on_fetch = lambda url: log.write(f"{url}\n")
        run.run()
