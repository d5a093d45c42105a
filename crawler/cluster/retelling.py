"""Manifests of crawls in folders of their own, told as one run of the corpus they came back to."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from crawler.corpus.manifest import (
    RUNS_FOLDER,
    RunManifest,
    check,
    describe_run,
    newest_at,
    read_manifest,
    write_manifest,
)
from crawler.crawling.waking import FINISHED
from crawler.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crawler.corpus.traffic import Traffic
    from crawler.state.store import Store

_COUNTED = ("statuses", "failures", "moved_to")


def told(folder: Path, run_id: str) -> list[RunManifest]:
    """The manifests of a run and of those named after it in a folder. Raises CorpusError."""
    return [read_manifest(path) for path in sorted((folder / RUNS_FOLDER).glob(f"{run_id}*.json"))]


def retold(store: Store, site: str, run_id: str, some: Sequence[RunManifest]) -> RunManifest | None:
    """`some` manifests as one run of the whole corpus, written there; None when there are none. Raises CorpusError."""
    if not some:
        return None
    first = some[-1]
    manifest = describe_run(
        store,
        site,
        run_id,
        started_at=min(one.started_at for one in some),
        ended_at=max(one.ended_at for one in some),
        origin=first.origin,
        versions=first.versions,
        profile_version=first.profile_version,
        exit_status=next((one.exit_status for one in some if one.exit_status != FINISHED), FINISHED),
    )
    traffic = msgspec.structs.replace(_summed([one.traffic for one in some]), newest_at=newest_at(store, site))
    notes = tuple(dict.fromkeys(note for one in some for note in one.notes))
    # shares of parts cannot be added: how a site reads is judged where it is crawled as one
    read = {"alarms": first.alarms, "reading": first.reading} if len(some) == 1 else {}
    manifest = msgspec.structs.replace(manifest, notes=notes, traffic=traffic, **read)
    written = write_manifest(store.output, manifest)
    if problems := check(manifest):
        raise CorpusError(f"{written}: does not add up: {'; '.join(problems)}")
    return manifest


def _summed(some: Sequence[Traffic]) -> Traffic:
    """Counts of several crawls; figures that cannot be added are those of the first."""
    sums = {name: dict(sum((Counter(getattr(one, name)) for one in some), Counter())) for name in _COUNTED}
    return msgspec.structs.replace(some[0], **sums, forbidden=sum(one.forbidden for one in some))
