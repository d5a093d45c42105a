"""Pages that say "not found", or are the home page, under status 200."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from crawler.discovery.cards import short_text
from crawler.discovery.trees import attribute
from crawler.discovery.urls import canonicalize, is_home
from crawler.folding import fold

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from crawler.sites.profile import SiteProfile

_SORRY = r"(?:(?:rat tiec|xin loi|loi|thong bao|sorry|oops|error|404) )*"
_THING = r"(?:tin bai|trang|bai viet|noi dung|tin|duong dan|lien ket|du lieu|ban tin|dia chi)"
_ASKED = (
    r"(?: (?:web|nay|ban|ma|quy vi|doc gia|dang|vua|muon|can|yeu cau|truy cap|tim kiem|tim|xem|hien|da|url|"
    r"phu hop)){0,10}"
)
_GONE = (
    r"(?:khong (?:con )?(?:ton tai|tim thay|duoc tim thay|co san|hop le|truy cap duoc)|"
    r"da (?:bi )?(?:xoa|go|go bo|xoa bo|het han))"
)
_ENGLISH = (
    r"(?:(?:the |this )?(?:page|article|content|file|document)(?: you (?:are looking for|requested))? )?"
    r"(?:(?:was |is |could |can |does )?(?:not|no longer|cannot)(?: be)? (?:found|exist|exists|available))"
)
_MISSING = re.compile(
    rf"(?:error |loi )?404(?: error| loi)?|{_SORRY}{_THING}{_ASKED} {_GONE}.{{0,60}}|"
    rf"{_SORRY}(?:khong tim thay|khong ton tai) {_THING}(?:{_ASKED}|.{{0,30}})|{_SORRY}{_ENGLISH}.{{0,60}}"
)
_TITLE_SEPARATOR = re.compile(r"\s+[|\u2013\u2014-]\s+|\s*[|»]\s*")
_MAX_TEXT_CHARS = 600
_MAX_HEADINGS = 20


def looks_like_missing(url: str, final_url: str, tree: HtmlElement | None, profile: SiteProfile) -> str | None:
    """Why a page answered with status 200 is none: `home_page`, `missing_title`, `missing_text`; None when it is one.

    `url` is what was asked for, `final_url` what answered. A heading counts only beside hardly any running text, so
    that an article about a page that was not found stays an article.
    """
    if is_home(url, profile):
        return None
    if is_home(final_url, profile) or (tree is not None and _is_home_by_canonical(tree, final_url, profile)):
        return "home_page"
    if tree is None:
        return None
    if any(_says_missing(part) for part in _TITLE_SEPARATOR.split(_first_text(tree, "title"))):
        return "missing_title"
    return "missing_text" if _has_missing_heading(tree) and not _has_prose(tree) else None


def _says_missing(text: str) -> bool:
    return len(text) <= 150 and _MISSING.fullmatch(fold(text)) is not None  # noqa: PLR2004 - longer is a sentence, no notice


def _first_text(tree: HtmlElement, tag: str) -> str:
    return next((short_text(element, 300) for element in tree.iter(tag)), "")


def _is_home_by_canonical(tree: HtmlElement, base: str, profile: SiteProfile) -> bool:
    """Whether the page calls itself the home page, and nothing on it speaks for an article.

    Some systems name the home page as canonical on every page: a page with running text is believed, not its link.
    """
    for link in tree.iter("link"):
        href = attribute(link, "href")
        if "canonical" in attribute(link, "rel").lower().split() and href.startswith(("http://", "https://")):
            is_other = is_home(href, profile) and canonicalize(href, profile) != canonicalize(base, profile)
            return is_other and not _has_prose(tree)
    return False


def _has_missing_heading(tree: HtmlElement) -> bool:
    headings = islice(tree.iter("h1", "h2", "h3", "p", "strong"), _MAX_HEADINGS)
    return any(_says_missing(short_text(element, 200)) for element in headings)


def _has_prose(tree: HtmlElement) -> bool:
    n_chars = 0
    for block in tree.iter("p"):
        n_chars += len(short_text(block, 2 * _MAX_TEXT_CHARS)) if block.find(".//a") is None else 0
        if n_chars > _MAX_TEXT_CHARS:
            return True
    return False
