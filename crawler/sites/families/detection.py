"""Which family a site belongs to, told from its article pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from crawler.sites.families import families
from crawler.sites.forms import compile_form
from crawler.sites.selectors import compile_selector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

    from crawler.sites.families import Family

SHARE = 0.5
"""At least so much of the pages must bear all marks: a few always turn out to be something else."""


@dataclass(frozen=True, slots=True)
class Detection:
    """A family, and the evidence for it."""

    family: str
    why: str
    """One line: on how many pages the marks stand, and how many addresses have the system's form."""


def detect_family(pages: Sequence[tuple[str, HtmlElement]]) -> Detection | None:
    """The family whose marks most of `pages` (address, tree) bear; None when no family has half of them."""
    counts = {family.key: sum(bears_marks(tree, family) for _, tree in pages) for family in families().values()}
    best = max(counts, key=counts.__getitem__)
    if not counts[best] or counts[best] < SHARE * len(pages):
        return None
    return Detection(best, _evidence(families()[best], counts[best], pages))


def bears_marks(tree: HtmlElement, family: Family) -> bool:
    """Whether all marks of `family` stand on a page."""
    return all(_finds(selector, tree) for selector in family.marks)


def _finds(selector: str, tree: HtmlElement) -> bool:
    try:
        return bool(compile_selector(selector)(tree))
    except etree.XPathEvalError:
        return False


def _evidence(family: Family, n_marked: int, pages: Sequence[tuple[str, HtmlElement]]) -> str:
    forms = [compile_form(text) for text in family.sources.article_url]
    n_formed = sum(any(form.read(url) is not None for form in forms) for url, _ in pages)
    told = f"{n_marked} of {len(pages)} pages have {' and '.join(family.marks)}"
    return f"{family.name}: {told}" + (f"; {n_formed} addresses have its form" if forms else "")
