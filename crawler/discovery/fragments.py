"""What answers "Xem thêm": a piece of a list as HTML or JSON, made a page whose links can be read like any other's."""

from __future__ import annotations

import html
import json
import re
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from crawler.discovery.trees import MAX_PAGE_BYTES, parse_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

MAX_VALUES = 50_000
"""Most values of a JSON answer that are looked at."""
MAX_ITEMS = 2_000
_JSONP = re.compile(rb"\s*(?:/\*\*/)?\s*[\w$.]{1,100}\s*\(\s*(?=[\[{])")
_WHOLE = re.compile(rb"<(?:html|body|head|!doctype)\b", re.IGNORECASE)
_TAG = re.compile(r"<\s*(?:a|li|div|article|h[1-6]|section|ul|p|span)\b", re.IGNORECASE)
_ADDRESS = ("url", "link", "href", "permalink", "detail_url", "share_url", "full_url", "canonical", "path", "alias")
_TITLE = ("title", "name", "headline", "tieu_de", "tieude", "ten", "subject", "caption")
_TIME = ("published_at", "publish_date", "published", "publishdate", "date", "created_at", "ngay_dang", "ngay", "time")
_NEXT = re.compile(r"next(?:_?page)?(?:_?(?:url|link|href))?|(?:load_?)?more_?url", re.IGNORECASE)
_MORE = re.compile(r"has_?(?:more|next)(?:_?page)?|is_?more|load_?more", re.IGNORECASE)
_LAST = re.compile(r"(?:is_?)?(?:last|end)(?:_?page)?|no_?more|finished", re.IGNORECASE)


class Fragment(NamedTuple):
    """A piece of a list."""

    tree: HtmlElement | None
    next_address: str = ""
    """The address of the next piece, as it says itself."""
    is_last: bool = False
    """It says that nothing follows."""


def read_fragment(body: bytes) -> Fragment | None:
    """The piece of a list in an answer, or None for a whole page; never raises."""
    head = body[:MAX_PAGE_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n")
    called = _JSONP.match(head)
    if called:
        head = head[called.end() :].rstrip(b" \t\r\n;)")
    if head.startswith((b"{", b"[")):
        return _from_json(head)
    return Fragment(parse_page(body)) if head.startswith(b"<") and not _WHOLE.search(head) else None


def _from_json(text: bytes) -> Fragment | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    pieces: list[str] = []
    next_address, is_last = "", False
    for key, one in islice(_values(value), MAX_VALUES):
        if isinstance(one, dict):
            pieces += _card(one) if len(pieces) < MAX_ITEMS else ()
        elif isinstance(one, str):
            if _TAG.search(one[:10_000]):
                pieces.append(one)
            elif _NEXT.fullmatch(key) and "/" in one + "?":
                next_address = next_address or one
        elif isinstance(one, bool):
            is_last = is_last or (not one and bool(_MORE.fullmatch(key))) or (one and bool(_LAST.fullmatch(key)))
    page = f"<html><body>{''.join(pieces)}</body></html>" if pieces else ""
    return Fragment(parse_page(page.encode(errors="replace")), next_address, is_last)


def _values(value: Any) -> Iterator[tuple[str, Any]]:
    """All values with the names they have, in the order they stand; not by recursion, whatever the depth."""
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        key, one = waiting.pop()
        yield key, one
        if isinstance(one, dict):
            waiting.extend(reversed([(str(name), inner) for name, inner in one.items()]))
        elif isinstance(one, list):
            waiting.extend((key, inner) for inner in reversed(one))


def _card(item: dict[str, Any]) -> list[str]:
    """An entry with an address and a title, written as a card of a list page."""
    named = {str(name).lower(): value for name, value in item.items()}
    address, title = _first(named, _ADDRESS), _first(named, _TITLE)
    if not address or not title or len(address) > len(address.split()[0]):
        return []
    when = html.escape(_first(named, _TIME)[:100])
    link = f"<h3><a href='{html.escape(address[:2000])}'>{html.escape(title[:500])}</a></h3>"
    return [f"<article>{link}<time datetime='{when}'>{when}</time></article>"]


def _first(named: dict[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        value = named.get(name)
        value = value.get("rendered") if isinstance(value, dict) else value
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""
