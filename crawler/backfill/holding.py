"""The sites of a back-fill, held from its beginning to its end, published where OUTPUT says so."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from crawler.corpus.opening import open_state
from crawler.corpus.recovery import recover
from crawler.state.locks import SiteLock
from crawler.state.records import Records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from crawler.publishing.publisher import Publisher
    from crawler.state.store import Store

    KindOf = Callable[[str], str]


@contextmanager
def holding(
    output: Path, kinds: Mapping[str, KindOf], run_id: str, notes: list[str], publisher: Publisher | None
) -> Iterator[tuple[Store, dict[str, SiteLock]]]:
    """State and locks of all sites, brought to what is committed. `notes` gets what went not quite as it should.

    `kinds`: by site, what an address was asked for as, for a state that was lost.

    Raises LockedError while anybody writes one of them, CorpusError, ArchiveError, StorageError.
    """
    with open_state(output, notes) as store, ExitStack() as stack:
        locks = {site: stack.enter_context(SiteLock(store, site, run_id)) for site in kinds}
        for site, lock in locks.items():
            if publisher is not None:
                publisher.take(store, lock)
            notes += recover(store, lock, kind_of=kinds[site]).problems
        yield store, locks
        if publisher is not None:
            publisher.publish(is_over=True)


def sites_with_pending(store: Store, sites: Sequence[str]) -> list[str]:
    """Those with archived pages that have no row yet."""
    return [site for site in sites if Records(store, site).n_pending()]
