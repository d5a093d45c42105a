"""Every stage's verdict on one page: what `scrapy explain` prints and what tests can look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.archive import ArchiveIndex, Exchange, read_exchange, to_page
from crawler.dedup.index import DedupIndex, Duplicate
from crawler.dedup.signatures import sign
from crawler.discovery.kinds import Verdict as AddressVerdict
from crawler.discovery.kinds import judge_url
from crawler.discovery.urls import canonicalize, is_on_site
from crawler.errors import CollectorError, ProfileError
from crawler.examination import examine
from crawler.items import Article, Pointer, Reject
from crawler.refinement.normalise import normalise
from crawler.refinement.quality import Verdict, judge, verdicts
from crawler.refinement.thresholds import DEFAULTS, Thresholds
from crawler.refinement.topic import SeedTopics
from crawler.sites.topics import seed_texts
from crawler.state.frontier import Frontier
from crawler.state.store import STATE_FILE, Store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from crawler.items import Page
    from crawler.sites.profile import SiteProfile
    from crawler.state.urls import KnownUrl


@dataclass
class Explanation:
    """What each stage says of a page; a stage that was not reached has None."""

    url: str
    site: str
    address: AddressVerdict
    known: KnownUrl | None = None
    page: Page | None = None
    extracted: Article | Reject | None = None
    normalised: Article | None = None
    verdicts: list[Verdict] = field(default_factory=list)
    judged: Article | Reject | None = None
    signed: Article | None = None
    duplicate: Duplicate | None = None
    outcome: tuple[str, str | None, str | None] | None = None
    """Outcome, reason or relation, and article id, as the state has them."""
    recorded: Pointer | None = None
    """The last answer in the archive that was decided on; the frontier remembers none of a page that is gone."""


def site_of(url: str, profiles: Mapping[str, SiteProfile]) -> SiteProfile:
    """The profile whose hosts `url` is on.

    Raises ProfileError when no site has it.
    """
    for profile in profiles.values():
        if is_on_site(url, profile):
            return profile
    raise ProfileError(f"{url}: on the hosts of no site; known: {', '.join(profiles) or 'none'}")


def explain(
    url: str,
    profile: SiteProfile,
    *,
    output: Path,
    seeds_dir: Path,
    archive: Sequence[Path] = (),
    quality: Thresholds = DEFAULTS,
) -> Explanation:
    """Take the archived page of `url` through all stages; from WARC files in `archive` when some are given.

    `quality`: what its rules judge by.
    Raises CollectorError when the page is in no archive.
    """
    url = canonicalize(url, profile)
    explanation = Explanation(url, profile.key, judge_url(url, profile))
    store = Store(output) if (output / STATE_FILE).is_file() else None
    try:
        if store is not None:
            _add_state(explanation, store)
        explanation.page = _page(explanation, profile, output, archive)
        _add_stages(explanation, profile, seeds_dir, quality)
        if store is not None and explanation.signed is not None:
            explanation.duplicate = _repeated(store, explanation.signed)
    finally:
        if store is not None:
            store.close()
    return explanation


def _add_state(explanation: Explanation, store: Store) -> None:
    explanation.known = Frontier(store, explanation.site).get(explanation.url)
    rows = store.rows(
        "SELECT outcome, reason, article_id, file, offset, length FROM records"
        " WHERE site = ? AND url = ? AND outcome IS NOT NULL"
        " ORDER BY seq DESC LIMIT 1",
        (explanation.site, explanation.url),
    )
    if rows:
        explanation.outcome = tuple(rows[0][:3])
        explanation.recorded = Pointer(*rows[0][3:])


def _page(explanation: Explanation, profile: SiteProfile, output: Path, archive: Sequence[Path]) -> Page:
    exchange, pointer = _exchange(explanation, output, archive)
    return to_page(exchange, pointer, site=profile.key, found_via="explain", asked_url=explanation.url)


def _exchange(explanation: Explanation, output: Path, archive: Sequence[Path]) -> tuple[Exchange, Pointer]:
    if archive:
        index = ArchiveIndex(archive)
        exchange, pointer = index.get(explanation.url), index.pointer(explanation.url)
        if exchange is not None and pointer is not None:
            return exchange, pointer
        raise CollectorError(f"{explanation.url}: not in {', '.join(map(str, archive))}")
    known = explanation.known.pointer if explanation.known is not None else None
    if (pointer := known or explanation.recorded) is not None:
        return read_exchange(output, pointer), pointer
    raise CollectorError(f"{explanation.url}: {_missing(explanation)}")


def _missing(explanation: Explanation) -> str:
    known = explanation.known
    if known is None:
        kind = f"{explanation.address.kind} ({explanation.address.reason})"
        return f"never found on the site; its address looks like: {kind}; or give -a archive=FILE"
    reason = f" ({known.reason})" if known.reason else ""
    return f"found via {known.found_via}, {known.state}{reason}; not in the archive"


def _add_stages(explanation: Explanation, profile: SiteProfile, seeds_dir: Path, quality: Thresholds) -> None:
    assert explanation.page is not None  # noqa: S101 - set by the caller
    explanation.extracted = examine(explanation.page, profile)
    if isinstance(explanation.extracted, Reject):
        return
    explanation.normalised = normalise(explanation.extracted)
    explanation.verdicts = verdicts(explanation.normalised, profile, quality)
    explanation.judged = judge(explanation.normalised, profile, quality)
    if not isinstance(explanation.judged, Reject):
        explanation.signed = sign(SeedTopics(seed_texts(seeds_dir)).rank(explanation.judged))


def _repeated(store: Store, article: Article) -> Duplicate | None:
    with store.transaction() as connection:
        return DedupIndex(connection).find(article)
