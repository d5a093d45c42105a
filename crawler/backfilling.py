"""`scrapy replay --ccnews`: one pass over WARC files of others for many sites."""

from __future__ import annotations

from collections import Counter
from contextlib import closing, nullcontext
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from scrapy.exceptions import UsageError

from crawler.backfill.gathering import Gathering
from crawler.backfill.holding import holding, sites_with_pending
from crawler.backfill.notes import TAKEN
from crawler.backfill.sieve import Sieve, Span, wanted_of
from crawler.backfill.sources import warc_sources
from crawler.command import run_name
from crawler.crawling.offline import archived_kind
from crawler.crawling.publication import publication_of
from crawler.errors import ProfileError
from crawler.options import RunOptions
from crawler.progress import Progress
from crawler.sites.profile import read_profiles

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scrapy.settings import BaseSettings

    from crawler.crawling.publication import Publication
    from crawler.sites.profile import SiteProfile

NOT_TAKEN_SHOWN = 8
"""Reasons of a site that are shown, the most frequent."""


class Gathered(NamedTuple):
    """What a pass brought."""

    counts: dict[str, Counter[str]]
    """By site, captures by what became of them: `taken`, or why not."""
    problems: list[str]
    pending: list[str]
    """Sites with archived pages that have no row yet."""


def gather_from(
    places: list[str], sites: str, since: str | None, until: str | None, settings: BaseSettings
) -> Gathered:
    """`gather` with what was typed. Raises CollectorError, UsageError."""
    options = RunOptions.from_settings(settings)
    span = Span(_day("since", since), _day("until", until))
    return gather(places, _profiles(options.seeds_dir, sites), span, options, settings.getlist("CCNEWS_HOSTS"))


def gather(
    places: list[str], profiles: dict[str, SiteProfile], span: Span, options: RunOptions, hosts: list[str]
) -> Gathered:
    """Copy what is of the sites into their archives, in one pass."""
    sources = warc_sources(places, hosts)
    publication = publication_of(options)
    problems: list[str] = []
    counts: dict[str, Counter[str]] = {site: Counter() for site in profiles}
    kinds = {site: partial(archived_kind, profile) for site, profile in profiles.items()}
    publisher = publication.publisher if publication else None
    with holding(options.output, kinds, run_name("ccnews"), problems, publisher) as (store, locks):
        wanted = {site: wanted_of(profile, span) for site, profile in profiles.items()}
        gathering = Gathering(store, locks, Sieve(profiles.values(), span), wanted, max_bytes=options.archive_max_bytes)
        with closing(gathering), closing(publication) if publication else nullcontext():
            for source in sources:
                with Progress(f"ccnews: {source.name}", "bytes") as progress:
                    for site, note in gathering.read(source, _telling(progress, publication)).items():
                        counts[site].update(note.counts)
        return Gathered(counts, problems + gathering.problems, sites_with_pending(store, list(profiles)))


def _telling(progress: Progress, publication: Publication | None) -> Callable[[int, int], None]:
    """Shows how far a file is read, and publishes meanwhile: the sites stay ours however long it takes."""

    def tell(n_done: int, n_all: int) -> None:
        progress(n_done, n_all)
        if publication is not None:
            publication.tick()

    return tell


def _day(name: str, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"--{name} {text}: a day is needed, such as 2024-01-31", print_help=False) from None


def _profiles(seeds_dir: Path, text: str) -> dict[str, SiteProfile]:
    """The sites that are named, or all. Raises UsageError, ProfileError."""
    names = [name for name in text.split(",") if name]
    if not names:
        raise UsageError("which sites? --sites SITE,SITE or --sites all", print_help=False)
    profiles, broken = read_profiles(seeds_dir)
    if names == ["all"]:
        return profiles
    for name in names:
        if name in broken:
            raise broken[name]
        if name not in profiles:
            raise ProfileError(f"no site {name!r} in {seeds_dir}; known: {', '.join(profiles) or 'none'}")
    return {name: profiles[name] for name in names}


def told(counts: dict[str, Counter[str]]) -> list[str]:
    """A line for each site of which there was anything."""
    lines = []
    for site, found in counts.items():
        rest = Counter({reason: n for reason, n in found.items() if reason != TAKEN})
        why = ", ".join(f"{reason} {n:,}" for reason, n in rest.most_common(NOT_TAKEN_SHOWN))
        if found:
            not_taken = f" + not taken {rest.total():,} ({why})" if why else ""
            lines.append(f"{site}: {found.total():,} captures = copied {found[TAKEN]:,}{not_taken}")
    return lines or ["no capture of these sites"]
