"""The addresses behind buttons: "Xem thêm" in all the ways a page's markup says what to ask for next."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote_plus

from crawler.discovery.cards import short_text
from crawler.discovery.paging import is_paging_text, page_number, with_page_number
from crawler.discovery.periods import period_of
from crawler.discovery.trees import attribute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

_NAMES = "url href ajax-url ajax load-url load next next-url next-href link api endpoint action page-url more more-url"
_ADDRESS_ATTRIBUTES = (*(f"data-{name}" for name in _NAMES.split()), "hx-get", "data-hx-get", "up-href", "ic-get-from")
_PAGE_ATTRIBUTES = ("data-next-page", "data-nextpage", "data-page", "data-current-page", "data-trang", "data-p")
_CODE_ATTRIBUTES = ("onclick", "href")
_XPATH = "|".join(f"//*[@{name}]" for name in (*_ADDRESS_ATTRIBUTES, "onclick")) + (
    "|//a[starts-with(translate(@href, 'JAVSCRIPT', 'javscript'), 'javascript:')]"
)
_MARK = re.compile(
    r"load-?_?more|xem-?_?them|tai-?_?them|view-?_?more|see-?_?more|show-?_?more|more-?btn|btn-?_?more|"
    r"pag(?:ing|ination|er)|next|infinite|scroll",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"""['"]((?:https?://|/|\?|\./)[^'"\s<>]{1,500})['"]""")
_HOLE = re.compile(
    r"\{\{?\s*(?:page|p|trang|page_?(?:no|num|number|index)|n|0)\s*\}?\}|%7B(?:page|trang|n|0)%7D|__?page__?|\[page\]|"
    r":page\b|\$\{?page\}?|#page#|%d",
    re.IGNORECASE,
)
_MAX_ELEMENTS = 300
_MAX_FIELDS = 12


class Further(NamedTuple):
    """An address that asks for more of a list."""

    address: str
    """As the page has it; a place for the page number is filled."""
    text: str


def further_addresses(tree: HtmlElement, url: str) -> Iterator[Further]:
    """What the buttons, forms and menus of the page at `url` ask for; a few hundred elements are looked at."""
    elements = tree.xpath(_XPATH)
    for element in elements[:_MAX_ELEMENTS] if isinstance(elements, list) else ():
        text = short_text(element)
        is_marked = bool(_MARK.search(_marks(element))) or is_paging_text(text)
        for address in _addresses(element, url):
            if is_marked or _HOLE.search(address):
                yield Further(_filled(address, element, url), text)
    yield from _from_forms(tree)
    for option in islice(tree.iter("option"), _MAX_ELEMENTS):
        address = attribute(option, "value")
        if "/" in address + "?" and (period_of(f"/{address.lstrip('/')}") or page_number(address)):
            yield Further(address, short_text(option))


def _marks(element: HtmlElement) -> str:
    names = " ".join(attribute(element, name) for name in ("class", "id", "rel", "hx-trigger"))
    return f"{names} {attribute(element, 'onclick').partition('(')[0]}"


def _addresses(element: HtmlElement, url: str) -> Iterator[str]:
    for name in _ADDRESS_ATTRIBUTES:
        value = attribute(element, name)
        if value.startswith(("/", "http://", "https://", "?")) or ("/" in value and " " not in value):
            yield value
    for name in _CODE_ATTRIBUTES:
        code = attribute(element, name)
        if name == "onclick" or code.lower().startswith("javascript:"):
            yield from (found[1] for found in _QUOTED.finditer(code) if found[1] != url)


def _filled(address: str, element: HtmlElement, url: str) -> str:
    """`address` with the next page's number where the page leaves a place for it, or states it beside the address."""
    stated = next((value for name in _PAGE_ATTRIBUTES if (value := attribute(element, name)).isdecimal()), "")
    here = page_number(url) or 1
    number = int(stated[:6]) if stated else here + 1
    if "data-next-page" not in element.attrib and number <= here:
        number = here + 1
    if _HOLE.search(address):
        return _HOLE.sub(str(number), address)
    return with_page_number(address, number) if stated and page_number(address) is None else address


def _from_forms(tree: HtmlElement) -> Iterator[Further]:
    """Forms without anything to type in but a page's number or a day, which is there already."""
    for form in islice(tree.iter("form"), _MAX_FIELDS):
        if attribute(form, "method").lower() == "post":
            continue
        fields = list(islice(form.iter("input"), _MAX_FIELDS))
        kinds = {attribute(field, "type").lower() or "text" for field in fields}
        pairs = [(attribute(field, "name"), attribute(field, "value")) for field in fields]
        query = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs if name and value)
        address = f"{attribute(form, 'action').partition('?')[0]}?{query}"
        is_of_days = "date" in kinds or "month" in kinds
        if kinds <= {"hidden", "submit", "button", "date", "month"} and (
            page_number(address) is not None or (is_of_days and period_of(f"/{address}"))
        ):
            yield Further(address, short_text(form))
