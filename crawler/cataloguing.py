"""`scrapy collect --catalogue`: first crawls of papers that are known by name, and who of them worked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crawler.errors import ProfileError
from crawler.logformatter import one_line
from crawler.sites.catalogue import CATALOGUE_FILE, load_catalogue
from crawler.sites.folders import PROFILE_FILE
from crawler.sites.profile import load_profile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from crawler.collecting import SiteRun
    from crawler.sites.catalogue import Paper


def chosen_papers(seeds_dir: Path, names: Sequence[str]) -> dict[str, Paper]:
    """The papers of the catalogue in `seeds_dir`, or those of `names`.

    Raises ProfileError for a catalogue that cannot be read and a name that does not stand there.
    """
    papers = load_catalogue(seeds_dir / CATALOGUE_FILE)
    if unknown := [name for name in names if name not in papers]:
        raise ProfileError(f"no paper {unknown[0]!r} in {seeds_dir / CATALOGUE_FILE}; known: {', '.join(papers)}")
    return {key: paper for key, paper in papers.items() if not names or key in names}


def first_addresses(papers: dict[str, Paper], seeds_dir: Path) -> dict[str, str]:
    """The home page of each paper that has no profile yet: its first crawl teaches one."""
    new = {key: paper for key, paper in papers.items() if not (seeds_dir / key / PROFILE_FILE).is_file()}
    return {key: paper.profile().home_url for key, paper in new.items()}


def outcome(run: SiteRun, seeds_dir: Path) -> dict[str, Any]:
    """Whether a paper worked, what reads it now, and what was in the way: for --json and the report."""
    n_kept = run.manifest.counts.kept if run.manifest else 0
    n_known = n_kept + (run.manifest.counts.duplicates if run.manifest else 0)
    is_working = run.is_ok and n_known > 0
    return {
        "site": run.site,
        "worked": is_working,
        "kept": n_kept,
        "read_by": _reader(seeds_dir / run.site),
        "problem": None if is_working else one_line(run.complaint) or _emptiness(run),
    }


def _reader(folder: Path) -> str:
    """What reads the paper's pages: its family's templates, its own, or general rules."""
    try:
        profile = load_profile(folder)
    except ProfileError:
        return "general rules"
    if profile.family:
        return f"family {profile.family}"
    return f"{len(profile.templates)} learned template{'s' * (len(profile.templates) != 1)}"


def _emptiness(run: SiteRun) -> str:
    counts = run.manifest.counts if run.manifest else None
    reasons = ", ".join(f"{reason} {n}" for reason, n in run.manifest.by_reason.items()) if run.manifest else ""
    return f"no article in {counts.fetched if counts else 0} pages" + (f" ({reasons})" if reasons else "")


def report(runs: Sequence[SiteRun], seeds_dir: Path) -> Iterator[str]:
    """One line a paper, those that worked first, and what a person should do next."""
    outcomes = [outcome(run, seeds_dir) for run in runs]
    working = [one for one in outcomes if one["worked"]]
    yield f"catalogue: {len(working)} of {len(outcomes)} worked"
    for one in working:
        yield f"  worked   {one['site']}: {one['kept']} new articles, read by {one['read_by']}"
    for one in outcomes:
        if not one["worked"]:
            yield f"  did not  {one['site']}: {one['problem']}"
    if working:
        yield f"look at articles of each (scrapy inspect SITE), then set verified = true in its {PROFILE_FILE}"
