"""Seeds to templates: one per layout of the site, tried on every seed before it is believed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.errors import LearningError
from crawler.folding import fold
from crawler.learning.drops import learn_blocks
from crawler.learning.fields import FIELDS, is_found, learn_fields, split_title, stated
from crawler.learning.layout import LearnedPage, learn_containers, learn_page
from crawler.learning.likely import likely_gold
from crawler.learning.repeats import drop_repeating, repeating_lines
from crawler.learning.worth import MAX_LOSS, MIN_FIT, generic_f1, is_worth, template_f1
from crawler.sites.profile import Template

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from crawler.extraction.document import Document
    from crawler.learning.gold import SeedPage

MIN_RECALL = 0.5
"""A page that holds less than half of its seed's words contradicts its seed."""

WORTHLESS = "what can be selected reads worse than generic extraction does; its pages are read without a template"
MAX_REPORTED = 100
"""Repeating lines told to people."""


@dataclass(frozen=True, slots=True)
class Report:
    """What learning found, for people."""

    pages: tuple[str, ...]
    """Address of each seed page."""
    recall: tuple[float, ...]
    """Share of each seed's words that its page holds."""
    f1: tuple[float, ...]
    """Word F1 of what the templates read from each seed page against the seed."""
    layouts: tuple[int, ...]
    """Which template reads each page, -1 for none."""
    confidence: tuple[tuple[str, float], ...]
    """(field, share of the seeds stating it whose page gives it under the learned selectors)."""
    repeating: tuple[str, ...]
    """Lines that stand on more than one page, as they are printed there."""
    problems: tuple[str, ...]
    """Seeds that taught nothing, and why."""


@dataclass(frozen=True, slots=True)
class Learned:
    """Templates of a site, one per layout, and how they were found."""

    templates: tuple[Template, ...]
    report: Report


def learn_template(seeds: Sequence[SeedPage], others: Sequence[Document] = ()) -> Learned:
    """Learn from one to five seed pages, and from `others` of the same site without gold.

    Raises LearningError when no page agrees with its seed or no block can be selected.
    """
    wanted = {fold(line) for seed in seeds if seed.gold for line in seed.gold.lines}
    repeating = repeating_lines([seed.document for seed in seeds], others) - wanted
    pages, problems = _learn_seeds(seeds, repeating)
    generic = [generic_f1(page) for page in pages]
    groups = list(_layouts(pages, [max(MIN_FIT, f1 - MAX_LOSS) for f1 in generic]))
    if not groups:
        wanted_there = "the seed's text" if pages[0].is_certain else "an article; is it an article's page?"
        raise LearningError(f"{pages[0].document.url}: no block of the page can be selected for {wanted_there}")
    documents = [*(page.document for page in pages), *others]
    templates: list[Template] = []
    layouts = [-1] * len(pages)
    for rough, group in groups:
        template = drop_repeating(rough, documents, repeating)
        if not is_worth(template, [pages[index] for index in group], [generic[index] for index in group]):
            problems.append(LearningError(f"{pages[group[0]].document.url}: {WORTHLESS}"))
            continue
        for index in group:
            layouts[index] = len(templates)
        templates.append(template)
    return Learned(tuple(templates), _report(pages, templates, layouts, repeating, problems))


def _layouts(pages: Sequence[LearnedPage], least: Sequence[float]) -> Iterator[tuple[Template, list[int]]]:
    """Templates and the positions of the pages that each reads, the one that reads most first.

    It reads a page when its word F1 there is not below the page's in `least`.
    """
    left = list(range(len(pages)))
    while left:
        template, fitting = _best_template([pages[index] for index in left], [least[index] for index in left])
        if not fitting:
            return
        group = [left[position] for position in fitting]
        left = [index for index in left if index not in group]
        yield template, group


def _learn_seeds(
    seeds: Sequence[SeedPage], repeating: Collection[str]
) -> tuple[list[LearnedPage], list[LearningError]]:
    """Pages that agree with their seeds, and what is wrong with the others; raises when no page is left."""
    pages: list[LearnedPage] = []
    problems: list[LearningError] = []
    for seed in seeds:
        try:
            pages.append(_learn_seed(seed, repeating))
        except LearningError as error:
            problems.append(error)
    if not pages:
        raise problems[0] if problems else LearningError("no seed page to learn from")
    return pages, problems


def _learn_seed(seed: SeedPage, repeating: Collection[str]) -> LearnedPage:
    gold = seed.gold or likely_gold(seed.document, repeating)
    page = learn_page(seed.document, split_title(seed.document, gold), is_certain=seed.gold is not None)
    check_agreement(seed.document.url, page.aligned.recall)
    return page


def check_agreement(url: str, recall: float) -> None:
    """Raise LearningError where the page at `url` holds less than MIN_RECALL of its seed's words."""
    if recall < MIN_RECALL:
        raise LearningError(f"{url}: the page holds {recall:.0%} of its seed's words; is it the seed's page?")


def _best_template(pages: Sequence[LearnedPage], least: Sequence[float]) -> tuple[Template, list[int]]:
    """The template that reads most of `pages` best, and the positions of those it reads; no position without one."""
    best: tuple[Template, list[int], float] | None = None
    for page in pages:
        containers = learn_containers(page)
        if not containers.body:
            continue
        trial = learn_blocks(containers, [page])
        scores = [template_f1(trial, other) for other in pages]
        fitting = [i for i, other in enumerate(pages) if other is page or scores[i] >= least[i]]
        rank = len(fitting) + sum(scores[i] for i in fitting) / len(fitting)
        if best is None or rank > best[2]:
            best = (containers, fitting, rank)
    if best is None:
        return Template(), []
    group = [pages[index] for index in best[1]]
    return learn_fields(learn_blocks(best[0], group), group), best[1]


def _report(
    pages: Sequence[LearnedPage],
    templates: Sequence[Template],
    layouts: Sequence[int],
    repeating: Collection[str],
    problems: Sequence[LearningError],
) -> Report:
    read = [(page, templates[n]) for page, n in zip(pages, layouts, strict=True) if n >= 0]
    return Report(
        pages=tuple(page.document.url for page in pages),
        recall=tuple(page.aligned.recall for page in pages),
        f1=tuple(template_f1(templates[n], page) if n >= 0 else 0.0 for page, n in zip(pages, layouts, strict=True)),
        layouts=tuple(layouts),
        confidence=tuple(_confidence(read)),
        repeating=_as_published(repeating, [page.document for page in pages]),
        problems=tuple(map(str, problems)),
    )


def _as_published(repeating: Collection[str], documents: Sequence[Document]) -> tuple[str, ...]:
    """The repeating lines as the pages print them, in page order."""
    texts = {fold(block.text): block.text for document in documents for block in document.blocks}
    return tuple(text for folded, text in texts.items() if folded in repeating)[:MAX_REPORTED]


def _confidence(read: Sequence[tuple[LearnedPage, Template]]) -> Iterator[tuple[str, float]]:
    for name in FIELDS:
        told = [(page, template) for page, template in read if stated(page.gold, name)]
        if told:
            yield name, sum(is_found(page, getattr(template, name), name) for page, template in told) / len(told)
