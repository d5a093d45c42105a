"""What to say when a site suddenly reads worse: pages before and after, and what learning would now propose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.archive import read_exchange, to_page
from crawler.corpus.manifest import earlier_manifests
from crawler.errors import CollectorError, LearningError
from crawler.learning.unprepared import learn_from_pages
from crawler.sites.saving import templates_toml
from crawler.state.frontier import Frontier
from crawler.state.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from crawler.corpus.manifest import RunManifest
    from crawler.items import Page
    from crawler.sites.profile import SiteProfile


def describe_drift(manifest: RunManifest, profile: SiteProfile, output: Path) -> str:
    """Several lines for people: the alarms, an example before and after, and proposed templates as TOML."""
    before = _last_well_read(manifest, output)
    lines = [f"{manifest.site} READS WORSE THAN BEFORE", *(f"  {alarm}" for alarm in manifest.alarms)]
    if before is not None and before.reading.example:
        lines.append(f"  read well before:  {before.reading.example}")
    after = next(iter(manifest.reading.misfits), manifest.reading.example)
    lines.append(f"  read worse now:    {after}   (scrapy explain {after})")
    proposal = _proposal(profile, output, manifest.reading.misfits)
    if proposal:
        lines += ["  learning from the pages that did not fit would propose:", *_indented(proposal)]
    lines.append(f"  to take it over: scrapy learn {manifest.site} --relearn")
    return "\n".join(lines)


def _last_well_read(manifest: RunManifest, output: Path) -> RunManifest | None:
    """The newest earlier run in which a page was read by the template."""
    earlier = earlier_manifests(output, manifest.site, manifest.run_id)
    return next((one for one in earlier if one.reading.example), None)


def archived_pages(profile: SiteProfile, output: Path, urls: Sequence[str]) -> list[Page]:
    """The archived pages of those of `urls` that are in the archive."""
    with Store(output, is_read_only=True) as store:
        frontier = Frontier(store, profile.key)
        pointers = [(url, known.pointer) for url in urls if (known := frontier.get(url)) and known.pointer]
    pages = []
    for url, pointer in pointers:
        if pointer is not None:
            exchange = read_exchange(output, pointer)
            pages.append(to_page(exchange, pointer, site=profile.key, found_via="learn", asked_url=url))
    return pages


def _proposal(profile: SiteProfile, output: Path, urls: Sequence[str]) -> str:
    try:
        pages = archived_pages(profile, output, urls)
        return templates_toml(learn_from_pages(pages, profile)) if pages else ""
    except (LearningError, CollectorError):
        return ""


def _indented(text: str) -> Iterator[str]:
    return (f"    {line}" for line in text.splitlines())
