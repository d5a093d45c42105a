"""A published corpus for commands: brought in to be read, or taken whole, changed and published again."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from crawler.corpus.opening import open_state
from crawler.corpus.schema import Dataset
from crawler.errors import CollectorError, LockedError
from crawler.publishing import binding, restoring
from crawler.publishing.commits import part_key
from crawler.publishing.log import CommitLog
from crawler.publishing.publisher import Publisher
from crawler.state.locks import OutputLock, SiteLock
from crawler.storage.objects import Objects

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from sqlite3 import Connection

    from crawler.corpus.reader import CorpusReader
    from crawler.items import Article
    from crawler.publishing.commits import Published


class Access(NamedTuple):
    """How a command reaches a published corpus."""

    output: Path
    """The working folder."""
    url: str
    retry_seconds: float
    lease_seconds: float
    run_id: str


class _NoIndex:
    """In the place of the index of duplicates, which costs most of the time and reading needs not."""

    def __init__(self, _: Connection) -> None:
        pass

    def find(self, _: Article) -> None:
        """Nothing."""

    def add(self, _: Article) -> None:
        """Nothing."""

    def repeated_share(self, _: Article) -> float:
        """Nothing."""
        return 0.0

    def remove_site(self, _: str) -> None:
        """Nothing."""


def bring_in(access: Access) -> Published:
    """Make the working folder's rows those that are published now, without taking anything; returns what is.

    Sites that are written here stay as they are here. Raises OptionError, StorageError, CorpusError.
    """
    objects = Objects(access.url, retry_seconds=access.retry_seconds)
    published = CommitLog(objects).refresh()
    own = binding.bind(access.output, access.url, published)
    with open_state(access.output, []) as store:
        changed = [
            site
            for site, claim in sorted(published.claims.items())
            if claim.writer != own.writer and not restoring.is_same(store, published, site)
        ]
        if changed:
            own.corpus, own.is_index_old = published.corpus, True
            binding.save(access.output, own)
        for site in changed:
            with suppress(LockedError), SiteLock(store, site, access.run_id):
                restoring.restore_site(store, objects, published, site, _NoIndex)
        restoring.restore_runs(access.output, objects, published)
    return published


@contextmanager
def changing(access: Access, *, is_erasing: bool = False) -> Iterator[None]:
    """Take the whole corpus for the time of a with block; what was changed in it is published at its end.

    `is_erasing`: the block changes archive files too, and what goes shall be gone at once, for readers as well.
    Raises LockedError while anybody writes a site of it, StorageError and CorpusError.
    """
    objects = Objects(access.url, retry_seconds=access.retry_seconds)
    publisher = Publisher(access.output, objects, lease_seconds=access.lease_seconds)
    with open_state(access.output, []) as store, OutputLock(access.output, access.run_id):
        publisher.take_all(store, access.run_id, needs_archive=is_erasing)
    if is_erasing:
        publisher.doubt_archive(is_doubtful=True)
    try:
        yield
    except BaseException:
        with suppress(CollectorError):
            publisher.publish(is_over=True)
        raise
    publisher.publish()
    if is_erasing:
        publisher.doubt_archive(is_doubtful=False)
        publisher.erase()
    publisher.publish(is_over=True)


def has_old_index(output: Path) -> bool:
    """Whether rows of `output` were brought in only to be read, so that its index of duplicates lacks them."""
    own = binding.read(output)
    return own is not None and own.is_index_old


def article_files(reader: CorpusReader, output: Path, url: str = "", site: str | None = None) -> list[str]:
    """The files that hold the articles of this moment: addresses of what is published at `url`, else paths.

    Raises OptionError, StorageError, CorpusError.
    """
    if not url:
        return [str(output / part.path) for part in reader.parts(Dataset.ARTICLES, site)]
    objects = Objects(url)
    found = CommitLog(objects).refresh().parts.values()
    wanted = [one for one in found if one.dataset == Dataset.ARTICLES and site in {None, one.site}]
    return sorted(objects.address(part_key(part)) for part in wanted)
