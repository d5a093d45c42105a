"""What reaches beyond one folder, in small: pages from an archive of others, a site worked on aside, a storage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import smallcrawl
from smallcrawl import SmallCrawl, fetch, home

from crawler.archive.writer import ArchiveWriter
from crawler.backfill.gathering import Gathering
from crawler.backfill.holding import holding
from crawler.backfill.sieve import Sieve, Span, wanted_of
from crawler.backfill.sources import warc_sources
from crawler.cluster.shards import check_in, check_out, is_out
from crawler.corpus.handover import Handover
from crawler.corpus.opening import open_state
from crawler.corpus.recovery import recover
from crawler.dedup.index import DedupIndex
from crawler.publishing.publisher import Publisher
from crawler.sites.profile import SiteProfile, Sources
from crawler.state.locks import SiteLock
from crawler.state.store import Store
from crawler.storage.objects import Objects

if TYPE_CHECKING:
    from pathlib import Path

_FOREIGN = "others"
_BUCKET = "bucket"


def archive_of_others(output: Path, n_pages: int) -> dict[str, int]:
    """A WARC file that somebody else made of the site's articles; nothing in it is ours to lose."""
    with ArchiveWriter(output, _FOREIGN, 1) as writer:
        for number in range(n_pages):
            writer.append(fetch(f"{home('a')}{number}", "a", n_pages))
    return {}


def gather(output: Path, run_id: str) -> None:
    """Copy the articles out of it."""
    profile = SiteProfile(key="a", hosts=("a.example",), sources=Sources(article_url=("/{id}",)))
    (path,) = (output / "archive" / _FOREIGN).iterdir()
    with holding(output, {"a": lambda _: "article"}, run_id, [], None) as (store, locks):
        span = Span(None, None)
        wanted = {"a": wanted_of(profile, span)}
        gathering = Gathering(store, locks, Sieve([profile], span), wanted, max_bytes=1_500)
        for source in warc_sources([str(path)], ()):
            gathering.read(source, lambda *_: None)
        assert gathering.problems == []
        gathering.close()


def crawled_aside(output: Path, n_pages: int, group: int) -> None:
    """A site whose crawl in a folder of its own is over."""
    with Store(output) as store, SiteLock(store, "a", "before"):
        folder = check_out(store, "a")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(smallcrawl, "Committer", Handover)
        SmallCrawl(folder, "a", "aside", n_pages=n_pages, group=group).run()


def bring_back(output: Path, run_id: str) -> None:
    """Bring it back, as a collection does at its end and, after one that died, at its beginning."""
    with Store(output) as store, SiteLock(store, "a", run_id) as lock:
        recover(store, lock)
        if is_out(output, "a"):
            check_in(store, lock, make_index=DedupIndex)


def publish(output: Path, run_id: str) -> None:
    """Publish a site of a folder, for the first time or again."""
    publisher = Publisher(output, Objects(f"file://{output}/{_BUCKET}"))
    with open_state(output, []) as store, SiteLock(store, "a", run_id) as lock:
        publisher.take(store, lock)
        recover(store, lock)
        publisher.publish(is_over=True)
