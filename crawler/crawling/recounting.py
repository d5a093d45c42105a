"""What a run says of itself at its end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from crawler.corpus.health import alarms
from crawler.corpus.manifest import describe_run, earlier_manifests, newest_at
from crawler.crawling.waking import NO_TEMPLATE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crawler.corpus.manifest import RunManifest
    from crawler.crawling.ledger import Ledger
    from crawler.sites.profile import SiteProfile
    from crawler.state.store import Store


def described(
    store: Store,
    profile: SiteProfile,
    ledger: Ledger,
    *,
    run_id: str,
    started_at: datetime,
    origin: str,
    exit_status: str,
    versions: Mapping[str, str],
    notes: Sequence[str],
) -> RunManifest:
    """The manifest of a run that ends now. Raises CorpusError when the state cannot be read."""
    manifest = describe_run(
        store,
        profile.key,
        run_id,
        started_at=started_at,
        ended_at=datetime.now(UTC),
        origin=origin,
        versions=versions,
        profile_version=profile.version,
        exit_status=exit_status,
    )
    reading, traffic = ledger.readings.reading, ledger.traffic.traffic(newest_at(store, profile.key))
    before = earlier_manifests(store.output, profile.key, run_id)
    found = alarms(reading, [one.reading for one in before]) if profile.templates else []
    said = {"alarms": tuple(found), "notes": (*notes, *([] if profile.templates else [NO_TEMPLATE]))}
    return msgspec.structs.replace(manifest, reading=reading, traffic=traffic, **said)
