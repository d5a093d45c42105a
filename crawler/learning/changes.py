"""A site that changed its layout: pages that no template reads teach another one, and each layout gets its days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from crawler.errors import LearningError
from crawler.extraction.template import is_fit
from crawler.learning.gold import GoldFields, SeedPage
from crawler.learning.template import learn_template

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.extraction.document import Document
    from crawler.sites.profile import Template

MIN_PAGES = 2
"""Pages without gold that show a new layout, all fetched after the last in an old one: one alone may be no article."""


@dataclass(frozen=True, slots=True)
class SeenPage:
    """A page of the site, and when it looked like this."""

    document: Document
    day: date | None
    """Day of the fetch; of a seed's own page, whose fetch is not known, the day of its publication."""
    is_fetched: bool = True
    """True when `day` is that of the fetch."""
    gold: GoldFields | None = None


def follow_changes(
    learned: tuple[Template, ...], known: Sequence[Template], pages: Sequence[SeenPage]
) -> tuple[Template, ...]:
    """`learned` and what `pages` teach that none of them fits, newest layout first, with the days of each.

    Days that `known` templates (told apart by their body) have already are kept. Days are given only where one layout
    was last seen before the next was first fetched: layouts that live side by side have none.
    """
    days = {template.body: template for template in known}
    templates = [_with_days(template, days.get(template.body)) for template in learned]
    strange = [page for page in pages if _place(page, templates) is None]
    last = max((page.day for page in pages if page.day and page not in strange), default=date.min)
    n_later = sum(page.day is not None and page.day > last for page in strange)
    if n_later >= MIN_PAGES or any(page.gold for page in strange):
        try:
            further = learn_template([SeedPage(page.document, page.gold) for page in strange]).templates
        except LearningError:
            further = ()
        templates = [*(_with_days(template, days.get(template.body)) for template in further), *templates]
    return _dated(templates, pages)


def _with_days(template: Template, known: Template | None) -> Template:
    if known is None:
        return template
    return msgspec.structs.replace(template, valid_from=known.valid_from, valid_until=known.valid_until)


def _place(page: SeenPage, templates: Sequence[Template]) -> int | None:
    return next((n for n, template in enumerate(templates) if is_fit(page.document, template)), None)


def _dated(templates: list[Template], pages: Sequence[SeenPage]) -> tuple[Template, ...]:
    """Newest first, where one took another's place; `valid_until` is the day before."""
    seen: list[list[date]] = [[] for _ in templates]
    fetched: list[list[date]] = [[] for _ in templates]
    for page in pages:
        place = _place(page, templates)
        if place is not None and page.day is not None:
            seen[place].append(page.day)
            fetched[place] += [page.day] if page.is_fetched else []
    order = sorted(range(len(templates)), key=lambda n: min(seen[n], default=date.min), reverse=True)
    for newer, older in pairwise(order):
        begins = min(fetched[newer], default=None)
        if begins is None or max(seen[older], default=date.min) >= min(seen[newer]):
            continue
        first = templates[newer].valid_from or begins
        templates[newer] = msgspec.structs.replace(templates[newer], valid_from=first)
        last = templates[older].valid_until or first - timedelta(days=1)
        templates[older] = msgspec.structs.replace(templates[older], valid_until=last)
    has_days = any(template.valid_from or template.valid_until for template in templates)
    return tuple(templates[n] for n in order) if has_days else tuple(templates)
