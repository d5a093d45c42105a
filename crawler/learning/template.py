"""Seeds to templates: one per layout of the site, tried on every seed before it is believed."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.errors import LearningError
from crawler.extraction.generic import read_generic
from crawler.extraction.selected import read_selected
from crawler.extraction.template import select
from crawler.learning.fields import learn_fields, split_title
from crawler.learning.gold import GoldFields, SeedPage
from crawler.learning.layout import LearnedPage, learn_blocks, learn_containers, learn_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.extraction.document import Document
    from crawler.sites.profile import Template

MIN_RECALL = 0.5
"""A page that holds less than half of its seed's words contradicts its seed."""

MIN_FIT = 0.9
"""Word F1 from which a template is believed to describe a page's layout."""


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
    """(field, share of the seed pages that state it on which its selector finds it)."""
    repeating: tuple[str, ...]
    """Lines that stand on more than one page."""
    problems: tuple[str, ...]
    """Seeds that taught nothing, and why."""


@dataclass(frozen=True, slots=True)
class Learned:
    """Templates of a site, one per layout, and how they were found."""

    templates: tuple[Template, ...]
    report: Report


def word_f1(gold: str, text: str) -> float:
    """F1 of the multisets of words, 0 to 1."""
    wanted, found = (Counter(re.findall(r"\w+", part.lower())) for part in (gold, text))
    both = sum((wanted & found).values())
    return 2 * both / max(1, sum(wanted.values()) + sum(found.values()))


def learn_template(seeds: Sequence[SeedPage], others: Sequence[Document] = ()) -> Learned:
    """Learn from one to five seed pages, and from `others` of the same site without gold.

    Raises LearningError when a page contradicts its seed or no block can be selected.
    """
    pages, problems = _learn_seeds(seeds)
    templates: list[Template] = []
    layouts = [-1] * len(pages)
    while -1 in layouts:
        left = [index for index, layout in enumerate(layouts) if layout < 0]
        template, fitting = _best_template([pages[index] for index in left])
        if not fitting:
            break
        for position in fitting:
            layouts[left[position]] = len(templates)
        templates.append(template)
    if not templates:
        raise LearningError(f"{pages[0].document.url}: no block of the page can be selected for the seed's text")
    return Learned(tuple(templates), _report(pages, templates, layouts, problems))


def _learn_seeds(seeds: Sequence[SeedPage]) -> tuple[list[LearnedPage], list[LearningError]]:
    """Pages that agree with their seeds, and what is wrong with the others; raises when no page is left."""
    pages: list[LearnedPage] = []
    problems: list[LearningError] = []
    for seed in seeds:
        try:
            pages.append(_learn_seed(seed))
        except LearningError as error:
            problems.append(error)
    if not pages:
        raise problems[0] if problems else LearningError("no seed page to learn from")
    return pages, problems


def _learn_seed(seed: SeedPage) -> LearnedPage:
    gold = seed.gold or _pseudo_gold(seed.document)
    page = learn_page(seed.document, split_title(seed.document, gold))
    if page.aligned.recall < MIN_RECALL:
        raise LearningError(f"{seed.document.url}: the page holds {page.aligned.recall:.0%} of its seed's words")
    return page


def _pseudo_gold(document: Document) -> GoldFields:
    reading = read_generic(document)
    if reading is None or isinstance(reading, str):
        raise LearningError(f"{document.url}: no article text found on the page")
    return GoldFields(body=tuple(block.text for block in reading.blocks))


def _best_template(pages: Sequence[LearnedPage]) -> tuple[Template, list[int]]:
    """The template that reads most of `pages` best, and the positions of those it reads."""
    best: tuple[Template, list[int]] | None = None
    for page in pages:
        containers = learn_containers(page)
        if not containers.body:
            continue
        trial = learn_blocks(containers, [page])
        fitting = [i for i, other in enumerate(pages) if other is page or _f1(trial, other) >= MIN_FIT]
        if best is None or len(fitting) > len(best[1]):
            best = (containers, fitting)
    if best is None:
        return learn_containers(pages[0]), []
    group = [pages[index] for index in best[1]]
    return learn_fields(learn_blocks(best[0], group), group), best[1]


def _f1(template: Template, page: LearnedPage) -> float:
    reading = read_selected(page.document, template)
    return word_f1(page.gold.text, "\n".join(block.text for block in reading.blocks)) if reading else 0.0


def _report(pages: Sequence[LearnedPage], templates: Sequence[Template], layouts: Sequence[int],
    problems: Sequence[LearningError]) -> Report:
    f1 = tuple(_f1(templates[n], page) if n >= 0 else 0.0 for page, n in zip(pages, layouts, strict=True))
    names = ("title", "kicker", "lede", "captions", "authors", "source", "section", "published")
    found = tuple(
        (name, sum(bool(select(page.document, getattr(templates[n], name))) for page, n in zip(pages, layouts, strict=True) if n >= 0) / len(pages))
        for name in names
        if any(getattr(template, name) for template in templates)
    )
    return Report(
        pages=tuple(page.document.url for page in pages),
        recall=tuple(page.aligned.recall for page in pages),
        f1=f1,
        layouts=tuple(layouts),
        confidence=found,
        repeating=(),
        problems=tuple(map(str, problems)),
    )
