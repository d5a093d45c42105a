"""Further pages of one list: told by their address and by the text of the link."""

from __future__ import annotations

import re
from functools import lru_cache

from crawler.discovery.urls import split_url
from crawler.folding import fold

_PAGE_ADDRESS = re.compile(
    r"[?&](?:p|pg|page|paged|trang|pageindex|page_?no|pagenumber|currentpage|cur|start|offset|limitstart|skip|trangso|so_?trang)=(\d{1,6})(?:&|$)|"
    r"/(?:page|trang|p|paged)[-/]?(\d{1,6})(?:\.\w{2,5})?/?$|[-_](?:p|trang|page)-?(\d{1,6})(?:\.\w{2,5})?/?$",
    re.IGNORECASE,
)
_NEXT_TEXT = re.compile(
    r"(?:(?:xem|tai|doc|hien thi) them(?: tin| bai| tin tuc| bai viet)?|"
    r"trang (?:sau|tiep|ke|ke tiep|tiep theo|truoc|cuoi)|(?:tin|bai)(?: viet)? (?:cu hon|truoc do)|"
    r"sau|tiep|tiep theo|tiep tuc|ke tiep|next(?: page)?|older(?: posts)?|more|load more|"
    r"previous|prev|last|cuoi|dau|\d{1,5})"
)
_SURE_TEXT = re.compile(
    r"(?:trang (?:sau|tiep|ke|ke tiep|tiep theo)|(?:xem|tai|hien thi) them (?:tin|bai|tin tuc|bai viet)(?: cu hon)?|"
    r"(?:tin|bai)(?: viet)? (?:cu hon|truoc do)|next page|older posts?|load more)"
)
_OFFSETS = re.compile(r"[?&](?:start|offset|limitstart|skip|from)=\d{1,6}(?:&|$)", re.IGNORECASE)
_ARROWS = frozenset("»›>→«‹<")
_MAX_TEXT_CHARS = 40
_MAX_ARROWS = 3
_SUFFIX = re.compile(r"\.\w{2,5}$|/$")


def page_number(url: str) -> int | None:
    """Which page of a listing `url` asks for (`?page=3`, `/trang-3`, `/p3`, `-p3.html`), or None."""
    found = _PAGE_ADDRESS.search(url)
    return int(next(group for group in found.groups() if group)) if found else None


def strip_page_number(path: str) -> str:
    """`path` without its page number."""
    return _PAGE_ADDRESS.sub("", path)


@lru_cache(maxsize=4096)
def is_paging_text(text: str) -> bool:
    """Whether a link's text says "more of this list": a number, an arrow, "Trang sau", "Xem thêm" and the like."""
    bare = text.strip(" .…[]()|")
    if bare and len(bare) <= _MAX_ARROWS and set(bare) <= _ARROWS:
        return True
    return len(bare) <= _MAX_TEXT_CHARS and _NEXT_TEXT.fullmatch(fold(bare)) is not None


@lru_cache(maxsize=4096)
def is_sure_paging_text(text: str) -> bool:
    """Whether a link's text says beyond doubt that the same list goes on there, whatever its address looks like."""
    bare = text.strip(" .…[]()|»›>→")
    return len(bare) <= _MAX_TEXT_CHARS and _SURE_TEXT.fullmatch(fold(bare)) is not None


def with_page_number(url: str, number: int) -> str:
    """`url` asking for page `number`: in the place of its own number, else as `page` in the query."""
    found = _PAGE_ADDRESS.search(url)
    if found is None:
        return f"{url}{'&' if '?' in url else '?'}page={number}"
    place = next(n for n, group in enumerate(found.groups(), start=1) if group)
    return f"{url[: found.start(place)]}{number}{url[found.end(place) :]}"


def next_in_series(url: str, n_items: int) -> str | None:
    """The address after `url` in a series of numbered pieces, of which this one had `n_items`; None: no number."""
    number = page_number(url)
    if number is None or not n_items:
        return None
    return with_page_number(url, number + (n_items if _OFFSETS.search(url) else 1))


def is_same_list(url: str, other: str) -> bool:
    """Whether both are one list: the same path but for endings and page numbers, or the first below the second."""
    first, second = split_url(url), split_url(other)
    if first is None or second is None or first.netloc != second.netloc:
        return False
    stem, base = (_SUFFIX.sub("", strip_page_number(split.path)) for split in (first, second))
    return stem == base or (len(base) > 1 and stem.startswith(base))
