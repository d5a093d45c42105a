"""Find where a page states its title, lede, captions, author, source, section and date."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from crawler.extraction.blocks import IGNORED
from crawler.extraction.template import text_of
from crawler.folding import fold
from crawler.learning.containers import is_named
from crawler.learning.selectors import first_selector_for, select_tree, selector_for, stable_classes
from crawler.learning.tags import learn_tags

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

    from crawler.extraction.document import Document
    from crawler.learning.gold import GoldFields
    from crawler.learning.layout import LearnedPage
    from crawler.sites.profile import Template


_STATED = "//meta[@property='og:title']/@content | //title/text()"
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d))?")
_DATE_SAMPLE = "Chủ nhật, ngày 30 tháng 11 năm 2025, 10:30 (GMT+7)"
FIELDS = ("title", "kicker", "lede", "authors", "source", "section", "published")
WHOLE_FIELDS = frozenset({"title", "kicker", "lede"})
"""Fields whose element says nothing else; the others may carry a label: `Tác giả: …`."""

MANY_FIELDS = frozenset({"authors"})
"""Fields that take all their selectors find."""

NAMED_FIELDS = frozenset({"authors", "source"})
"""Fields that stand in the body as well: a bold or slanted word of it teaches nothing, its element needs a name."""

MAX_BESIDE = 40
"""Characters a field's element may hold beside its value."""

MAX_SELECTORS = 5
MAX_ELEMENTS = 8
MAX_CHILDREN = 12
MAX_DESCENDANTS = 25
MAX_HEADS = 40
MIN_SPACES = 2
"""A headline has three words or more; shorter heads are the site's or the section's name."""


def split_title(document: Document, gold: GoldFields) -> GoldFields:
    """Gold with a title: its own, its first line where that is the page's headline, else the page's headline."""
    if gold.title:
        return gold
    stated_on_page = f" {' '.join(fold(text) for text in document.tree.xpath(_STATED))} "
    heads = [text_of(element) for element in list(document.tree.iter("h1"))[:MAX_HEADS]]
    first = gold.body[0] if gold.body and not gold.lede else ""
    if first and (fold(first) in map(fold, heads) or f" {fold(first)} " in stated_on_page):
        return msgspec.structs.replace(gold, title=first, body=gold.body[1:])
    heads += [text_of(element) for element in list(document.tree.iter("h2"))[:MAX_HEADS]]
    likely = [head for head in heads if fold(head).count(" ") >= MIN_SPACES and f" {fold(head)} " in stated_on_page]
    return msgspec.structs.replace(gold, title=max(likely, key=len, default=None))


def learn_fields(template: Template, pages: Sequence[LearnedPage]) -> Template:
    """Add to `template` the selectors of the fields that the seeds state, those right on most seeds first."""
    selectors = {name: getattr(template, name) or _learn_field(name, pages) for name in FIELDS}
    return msgspec.structs.replace(
        template, captions=_learn_captions(pages), tags=template.tags or learn_tags(pages), **selectors
    )


def stated(gold: GoldFields, name: str) -> str:
    """What the gold says of a field, folded; "" where it says nothing."""
    if name == "published":
        return fold(" ".join(_date_words(gold.published_at)))
    return fold(getattr(gold, "author" if name == "authors" else name) or "")


def says(text: str, value: str, name: str) -> bool:
    """True when `text` gives the folded `value` of the field `name` and little beside it."""
    folded = fold(text)
    if name == "published":
        return set(value.split()) <= {word.lstrip("0") for word in folded.split()}
    if name in WHOLE_FIELDS:
        return folded == value
    return f" {value} " in f" {folded} " and len(folded) <= len(value) + MAX_BESIDE


def _learn_field(name: str, pages: Sequence[LearnedPage]) -> tuple[str, ...]:
    votes: Counter[str] = Counter()
    for page in pages:
        if value := stated(page.gold, name):
            votes.update(itertools.islice(_selectors(page, name, value), MAX_SELECTORS))
    right = {
        selector: sum(_is_right(selector, page, name) for page in pages if stated(page.gold, name))
        for selector in votes
    }
    wrong = {selector: sum(_is_wrong(selector, page, name) for page in pages) for selector in votes}
    good = [selector for selector in votes if right[selector] > wrong[selector]]
    ranked = sorted(
        good,
        key=lambda selector: (
            -right[selector],
            wrong[selector],
            votes.most_common().index((selector, votes[selector])),
        ),
    )
    return _cover(ranked, pages, name)


def is_found(page: LearnedPage, selectors: Sequence[str], name: str) -> bool:
    """True when the first of `selectors` that finds something finds what the seed states."""
    first = next((selector for selector in selectors if _finds(selector, page)), None)
    return first is not None and _is_right(first, page, name)


def _cover(ranked: Sequence[str], pages: Sequence[LearnedPage], name: str) -> tuple[str, ...]:
    """The fewest of `ranked`, best first, that are right on every page on which any of them is."""
    chosen: list[str] = []
    covered: set[int] = set()
    for selector in ranked:
        pages_right = {n for n, page in enumerate(pages) if stated(page.gold, name) and _is_right(selector, page, name)}
        if pages_right - covered:
            chosen.append(selector)
            covered |= pages_right
    return tuple(chosen)


def _finds(selector: str, page: LearnedPage) -> bool:
    return bool(select_tree(page.document.tree, selector))


def _is_right(selector: str, page: LearnedPage, name: str) -> bool:
    found = select_tree(page.document.tree, selector)[:1]
    value = stated(page.gold, name)
    return bool(found) and bool(value) and says(text_of(found[0]), value, name)


def _is_wrong(selector: str, page: LearnedPage, name: str) -> bool:
    """True where `selector` finds something else than the seed states; a page without gold proves nothing."""
    is_told = page.is_certain or bool(stated(page.gold, name))
    return is_told and _finds(selector, page) and not _is_right(selector, page, name)


def _selectors(page: LearnedPage, name: str, value: str) -> Iterator[str]:
    """Selectors whose first match says `value`, from the likeliest element on."""
    tree = page.document.tree
    likely = sorted(
        _elements(tree, value, name),
        key=lambda element: (element.tag != "h1", not is_named(element), len(element.text_content())),
    )
    for element in likely[:MAX_ELEMENTS]:
        if name in NAMED_FIELDS and not is_named(element):
            continue
        selector = selector_for([element], tree)
        if name not in MANY_FIELDS:
            selector = selector or first_selector_for(element, tree)
        if selector:
            yield selector


def _elements(tree: HtmlElement, value: str, name: str) -> Iterator[HtmlElement]:
    """Small elements that say `value`, outer before inner."""
    longest = MAX_BESIDE + 3 * len(value) + len(_DATE_SAMPLE)
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag in IGNORED or len(element) > MAX_CHILDREN:
            continue
        text = element.text_content() if _is_small(element) else ""
        if value and len(text) <= 2 * longest and says(text, value, name):
            yield element


def _is_small(element: HtmlElement) -> bool:
    return sum(1 for _ in itertools.islice(element.iter(), MAX_DESCENDANTS + 1)) <= MAX_DESCENDANTS


def _learn_captions(pages: Sequence[LearnedPage]) -> tuple[str, ...]:
    """Selectors that find captions and no article text."""
    votes: Counter[str] = Counter()
    for page in pages:
        holders = page.holders
        wanted = set(map(fold, page.gold.captions))
        for block in page.aligned.blocks:
            if fold(block.text) in wanted and block.element not in holders and is_named(block.element):
                votes.update([f"{block.element.tag!s}.{name}" for name in stable_classes(block.element)][:1])
    return tuple(
        selector
        for selector, _ in votes.most_common(MAX_SELECTORS)
        if not any(page.holders.intersection(select_tree(page.document.tree, selector)) for page in pages)
    )


def _date_words(published_at: str | None) -> list[str]:
    """Day, month, year, hour and minute of an ISO time as a page prints them, without leading zeros."""
    match = _ISO.match(published_at or "")
    if not match:
        return []
    year, month, day, hour, minute = match.groups()
    clock = [hour, minute] if hour and hour != "00" else []
    return [part.lstrip("0") or "0" for part in (day, month, year, *clock)]
