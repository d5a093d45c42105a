"""A lesson: example articles and the archived pages of their site become seeds and a profile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import msgspec

from crawler.archive import to_page
from crawler.discovery.learned_forms import learn_forms
from crawler.discovery.urls import canonicalize, is_home
from crawler.errors import ArchiveError, LearningError
from crawler.extraction.document import parse
from crawler.items import Page, Pointer
from crawler.learning.align import align
from crawler.learning.changes import SeenPage, follow_changes
from crawler.learning.first_gold import unconfirmed, with_gold
from crawler.learning.gold import GoldFields, SeedPage
from crawler.learning.seed_text import read_seed_text
from crawler.learning.seeds import FieldCheck, Seed, check_seed
from crawler.learning.sources import PageSource, SiteSources, find_article, find_sources
from crawler.learning.template import Learned, Report, check_agreement, learn_template

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crawler.extraction.document import Document
    from crawler.sites.profile import SiteProfile

MAX_OTHERS = 8
"""Further pages of the site that are compared with the seeds', for lines that repeat."""


@dataclass(frozen=True, slots=True)
class Example:
    """What a person gave: an address, a text, or both."""

    url: str | None = None
    text: str | None = None
    name: str = ""
    """File of the text."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learned, before anything is written."""

    profile: SiteProfile
    seeds: tuple[Seed, ...]
    sources: SiteSources
    report: Report
    checks: tuple[tuple[Seed, tuple[FieldCheck, ...]], ...]
    """Each seed with what its page yields under the learned profile."""
    uncertain: tuple[str, ...]
    """Where a person should look: fields of a seed's text that were read with doubt."""


def learn_site(examples: Sequence[Example], known: Sequence[Seed], source: PageSource, profile: SiteProfile) -> Lesson:
    """Learn `profile`'s site from new examples and the seeds it already has.

    Raises LearningError for a page that is not found, found twice, or contradicts its seed; nothing is written here.
    """
    sources = find_sources(source, profile)
    uncertain: list[str] = []
    fresh = [_seed(example, source, sources, profile, uncertain) for example in examples]
    for seed in fresh:
        _refuse_contradiction(seed)
    seeds = _numbered([*known, *fresh], profile.key)
    if not any(seed.page for seed in seeds):
        raise LearningError(
            f"{profile.key}: no seed has a page to learn from; give its URL or an archive that holds it"
        )
    others = list(_others(source, sources, seeds))
    seen = [*_seen(source, known, fresh), *others]
    learned, lesson_profile = _teach(seeds, others, seen, profile, sources)
    finished = tuple(with_gold(seed, lesson_profile) for seed in seeds)
    ungiven = [after for seed, after in zip(seeds, finished, strict=True) if not seed.gold.body and after.gold.body]
    if ungiven:
        uncertain += map(unconfirmed, ungiven)
        learned, lesson_profile = _teach(finished, others, seen, profile, sources)
    return Lesson(
        profile=lesson_profile,
        seeds=finished,
        sources=sources,
        report=learned.report,
        checks=check_all(finished, lesson_profile),
        uncertain=tuple(uncertain),
    )


def _teach(
    seeds: Sequence[Seed],
    others: Sequence[SeenPage],
    seen: Sequence[SeenPage],
    profile: SiteProfile,
    sources: SiteSources,
) -> tuple[Learned, SiteProfile]:
    """What the pages of `seeds` teach, and `profile` with it."""
    taught = [SeedPage(_document(seed), seed.gold if seed.gold.body else None) for seed in seeds if seed.page]
    learned = learn_template(taught, [page.document for page in others])
    templates = follow_changes(learned.templates, profile.templates, seen)
    found = _sources(profile, sources, seeds)
    return learned, msgspec.structs.replace(profile, templates=templates, sources=found)


def check_all(seeds: Sequence[Seed], profile: SiteProfile) -> tuple[tuple[Seed, tuple[FieldCheck, ...]], ...]:
    """Each seed with what its page yields under `profile`."""
    return tuple((seed, tuple(check_seed(seed, profile))) for seed in seeds)


def _seed(
    example: Example, source: PageSource, sources: SiteSources, profile: SiteProfile, uncertain: list[str]
) -> Seed:
    gold = GoldFields()
    if example.text is not None:
        read = read_seed_text(example.text, fetched_at=datetime.now(UTC), seed=example.name)
        gold = read.gold
        uncertain += [f"{example.name}: {line}" for line in read.uncertain]
    if example.url is None and gold.title is None:
        raise LearningError(f"{example.name}: no headline found in it; give the article's URL as well")
    url = canonicalize(example.url, profile) if example.url else _announced(example, gold.title or "", sources)
    if is_home(url, profile) or url in sources.sections:
        raise LearningError(f"{url}: lists articles and is none; give the address of an article")
    page = _page(url, source, profile)
    gold = msgspec.structs.replace(gold, url=url, seed=example.name or None, site=profile.hosts[0])
    return Seed(profile.key, "", gold, example.text, page.body)


def _announced(example: Example, title: str, sources: SiteSources) -> str:
    try:
        return find_article(title, sources)
    except LearningError as error:
        raise LearningError(f"{example.name}: {error}") from None


def _refuse_contradiction(seed: Seed) -> None:
    """Raise LearningError for a new example whose text is not its page's; beside good seeds it would be kept."""
    if seed.gold.body:
        document = _document(seed)
        check_agreement(f"{seed.gold.seed}: {seed.gold.url}", align(document.blocks, seed.gold, document.tree).recall)


def _page(url: str, source: PageSource, profile: SiteProfile) -> Page:
    exchange = source.get(url)
    if exchange is None:
        raise LearningError(f"{url}: not among the archived pages; check the address, or crawl it first")
    if exchange.status != 200:  # noqa: PLR2004 - HTTP's own number
        raise LearningError(f"{url}: the site answered with status {exchange.status}")
    try:
        return to_page(exchange, Pointer("", 0, 0), site=profile.key, found_via="seed", asked_url=url)
    except ArchiveError as error:
        raise LearningError(str(error)) from None


def _numbered(seeds: Sequence[Seed], key: str) -> list[Seed]:
    """Seeds with numbers; an example whose page is a seed already takes its place, and keeps corrected gold."""
    by_url: dict[str, Seed] = {}
    taken = [int(seed.number) for seed in seeds if seed.number]
    for seed in seeds:
        url = seed.gold.url or f"{key}/{seed.number}"
        earlier = by_url.get(url)
        if earlier is not None:
            gold = earlier.gold if earlier.gold.body else seed.gold
            by_url[url] = replace(earlier, page=seed.page or earlier.page, text=earlier.text or seed.text, gold=gold)
        elif seed.number:
            by_url[url] = seed
        else:
            taken.append(max(taken, default=0) + 1)
            by_url[url] = replace(seed, number=f"{taken[-1]:02d}")
    return list(by_url.values())


def _document(seed: Seed) -> Document:
    return parse(seed.page or b"", seed.gold.url or "")


def _seen(source: PageSource, known: Sequence[Seed], fresh: Sequence[Seed]) -> Iterator[SeenPage]:
    """The seeds' pages as they were saved, and as the archive has them now."""
    for seed in known:
        if seed.page is not None:
            yield SeenPage(_document(seed), _day(seed.gold.published_at), is_fetched=False, gold=seed.gold)
    for seed in (*known, *fresh):
        exchange = source.get(seed.gold.url) if seed.gold.url else None
        if exchange is not None and exchange.status == 200:  # noqa: PLR2004 - HTTP's own number
            page = to_page(exchange, Pointer("", 0, 0), site="", found_via="learn")
            document = parse(page.body, page.final_url, page.header("content-type"))
            yield SeenPage(document, exchange.fetched_at.date(), gold=seed.gold if seed.gold.body else None)


def _day(published_at: str | None) -> date | None:
    try:
        return datetime.fromisoformat(published_at).date() if published_at else None
    except ValueError:
        return None


def _others(source: PageSource, sources: SiteSources, seeds: Sequence[Seed]) -> Iterator[SeenPage]:
    own = {seed.gold.url for seed in seeds}
    n_found = 0
    for url in sources.articles:
        if n_found >= MAX_OTHERS:
            return
        exchange = source.get(url) if url not in own else None
        if exchange is not None and exchange.status == 200:  # noqa: PLR2004 - HTTP's own number
            n_found += 1
            page = to_page(exchange, Pointer("", 0, 0), site="", found_via="learn")
            yield SeenPage(parse(page.body, url, page.header("content-type")), exchange.fetched_at.date())


def _sources(profile: SiteProfile, sources: SiteSources, seeds: Sequence[Seed]) -> object:
    urls = [*(seed.gold.url for seed in seeds if seed.gold.url), *sources.articles]
    return msgspec.structs.replace(
        profile.sources,
        feeds=sources.feeds,
        sitemaps=sources.sitemaps,
        sections=sources.sections,
        article_url=learn_forms(urls) if len(urls) > 1 else (),
    )
