"""What an address seems to be, by its spelling alone: the profile's forms first, then rules that hold on most sites."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from crawler.discovery.junk import junk_code
from crawler.discovery.paging import page_number, strip_page_number
from crawler.discovery.urls import canonicalize, is_home, split_url
from crawler.sites.forms import compile_forms

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from crawler.discovery.candidates import Kind
    from crawler.sites.forms import Form
    from crawler.sites.profile import SiteProfile


WEAK_RULES = frozenset({"slug_with_short_id", "article_path", "long_slug"})
"""Rules for articles that topic pages with long names also satisfy."""


class Verdict(NamedTuple):
    """What an address seems to be, and by which rule."""

    kind: Kind
    reason: str
    """snake_case code of the rule; for `ignore` it is the reason the address is left out."""


_END = r"(?:\.(?:s?html?|aspx?|php\d?|jsp|do|ldo|chn|tpo|bbg|epi|vov|vnp|amp|html5|cms))?/?$"
_ID_AT_END = re.compile(rf"[-_.~](?!(?:19|20)\d\d{_END})[a-z]{{0,10}}\d{{4,24}}{_END}", re.IGNORECASE)
_SHORT_ID_AT_END = re.compile(rf"[-_](?:post|postid|a|d|p|i|n|id|art|news|detail)?-?(\d{{1,24}}){_END}", re.IGNORECASE)
_HASH_AT_END = re.compile(rf"[-_.](?=[0-9a-f]*\d)([0-9a-f]{{7,40}}){_END}", re.IGNORECASE)
_ARTICLE_WORD = re.compile(
    r"/(?:bai-viet|chi-tiet|chi-tiet-tin|chitiet|xem-chi-tiet|xem-tin|tin-bai|details?|articles?|story|newsdetail|"
    r"asset_publisher|-/view_content|view_content|home/detail|tin-chi-tiet|news-detail)(?:\.\w+)?(?:/|$)",
    re.IGNORECASE,
)
_LISTING_WORD = re.compile(
    r"/(?:chuyen-muc|chuyenmuc|danh-muc|danhmuc|category|categories|chu-de|chuyen-de|su-kien|event|events|topic|topics|"
    r"dong-su-kien|section|list|archive|archives|tin-moi|tin-moi-nhat|moi-nhat|latest|cat)(?:/|$)|"
    r"-(?:event|topic|tag|cat|chuyen-muc|list)\d+(?:\.\w+)?/?$",
    re.IGNORECASE,
)
_LISTING_ID = re.compile(rf"^[a-z0-9-]+[-_](?:c|e|s|t|p|cat|trang|page)-?\d{{1,5}}{_END}", re.IGNORECASE)
_LONG_ID = re.compile(r"\d{6}")
_STAMP_ID = re.compile(r"\d{12}")
_DATE_PATH = re.compile(r"/(?:19|20)\d\d(?:/?(?:0?[1-9]|1[0-2])(?:/?(?:0?[1-9]|[12]\d|3[01]))?)?/")
_NUMBER_SEGMENT = re.compile(r"/\d{3,24}/(?=[^/]+/?$)")
_ARTICLE_ID = re.compile(
    r"(?:^|&)(?:\w{0,8}_)?(?:id|news_?id|article_?id|item_?id|post_?id|content_?id|nid|aid|tinid|tin_?id|bai_?viet|"
    r"detail_?id|id_?tin|id_?bai_?viet|story_?id|ddocname)=(?:\d[\w:%.-]*|[0-9a-f-]{8,40})(?:&|$)",
    re.IGNORECASE,
)
_DATE_QUERY = re.compile(
    r"(?:^|&)(?:ngay|date|day|thang|month|tuan|week|nam|year|(?:event|start|end|from|to)_?date|(?:tu|den)_?ngay)=",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_SLUG_WORDS = 6
_SLUG_THEN_ID = re.compile(rf"/[^/-]+-[^/-]+-[^/]+/\d{{4,24}}{_END}")
_YEAR = re.compile(r"\d{4}")
_ID_SLUG_WORDS = 3
_SECTION_WORDS = 5
_SECTION_DEPTH = 3


def url_kind(url: str, profile: SiteProfile) -> Kind:
    """`article`, `listing`, `ignore` or `unknown`; see `judge_url` for the reason."""
    return judge_url(url, profile).kind


def judge_url(url: str, profile: SiteProfile) -> Verdict:
    """Judge a canonical address.

    The profile's own forms decide first: ignore_url, sections and home, article_url, listing_url. Where it has forms of
    articles, the generic rules never call anything else an article. Raises ProfileError for a form that cannot be used.
    """
    split = split_url(url)
    if split is None:
        return Verdict("ignore", "bad_scheme")
    verdict = _by_profile(url, profile)
    if verdict is not None:
        return verdict
    junk = junk_code(split)
    return Verdict("ignore", junk) if junk else _by_spelling(split, has_forms=bool(profile.sources.article_url))


class _Rules(NamedTuple):
    """What a profile says about addresses, compiled once."""

    sections: frozenset[str]
    sources: frozenset[str]
    ignore: tuple[Form, ...]
    article: tuple[Form, ...]
    listing: tuple[Form, ...]


@lru_cache(maxsize=1024)
def _rules(profile: SiteProfile) -> _Rules:
    sources = profile.sources
    return _Rules(
        frozenset(canonicalize(url, profile) for url in sources.sections),
        frozenset(canonicalize(url, profile) for url in (*sources.feeds, *sources.sitemaps)),
        *map(compile_forms, (sources.ignore_url, sources.article_url, sources.listing_url)),
    )


def _by_profile(url: str, profile: SiteProfile) -> Verdict | None:
    rules = _rules(profile)
    if _fits_any(rules.ignore, url):
        return Verdict("ignore", "ignored_form")
    if url in rules.sections:
        return Verdict("listing", "profile_section")
    if url in rules.sources:
        return Verdict("ignore", "feed")
    if _fits_any(rules.listing, url):
        return Verdict("listing", "listing_form")
    if _fits_any(rules.article, url):
        return Verdict("article", "article_form")
    return Verdict("listing", "home") if is_home(url, profile) else None


def _fits_any(forms: tuple[Form, ...], url: str) -> bool:
    return any(form.fits(url) for form in forms)


def _by_spelling(split: SplitResult, *, has_forms: bool) -> Verdict:
    if _DATE_QUERY.search(split.query):
        return Verdict("listing", "date_listing")
    article = None if has_forms else _article_rule(split)
    if article is not None:
        return Verdict("article", article)
    listing = _listing_rule(split)
    return Verdict("listing", listing) if listing else Verdict("unknown", "no_rule")


def _article_rule(split: SplitResult) -> str | None:
    path, last = split.path, split.path.rstrip("/").rpartition("/")[2]
    n_words = len(_WORD.findall(unquote(last.partition(".")[0])))
    has_id = _HASH_AT_END.search(last) or _ID_AT_END.search(last)
    if _is_surely_listing(split, last) and not (has_id and n_words >= _SLUG_WORDS and _LONG_ID.search(last)):
        return None
    if has_id:
        is_story = n_words >= _ID_SLUG_WORDS or _ARTICLE_WORD.search(path) or _STAMP_ID.search(last)
        return "slug_with_id" if n_words and is_story else None
    if _SLUG_THEN_ID.search(path):
        return "slug_then_id"
    if _ARTICLE_ID.search(split.query):
        return "query_id"
    return _weak_article_rule(path, last, n_words)


def _is_surely_listing(split: SplitResult, last: str) -> bool:
    if _LISTING_WORD.search(split.path) or _LISTING_ID.match(last):
        return True
    return page_number(f"{split.path}?{split.query}") is not None


def _weak_article_rule(path: str, last: str, n_words: int) -> str | None:
    is_dated = _DATE_PATH.search(path) or _NUMBER_SEGMENT.search(path)
    if is_dated and n_words >= _ID_SLUG_WORDS:
        return "slug_with_date"
    if n_words >= _SLUG_WORDS and _SHORT_ID_AT_END.search(last):
        return "slug_with_short_id"
    if _ARTICLE_WORD.search(path) and (n_words >= _SLUG_WORDS or last.isdigit()):
        return "article_path"
    is_page = last.endswith((".html", ".htm", ".aspx", ".vnp", ".chn"))
    return "long_slug" if n_words >= (_SLUG_WORDS if is_page else _SLUG_WORDS + 1) else None


def _listing_rule(split: SplitResult) -> str | None:
    if _LISTING_WORD.search(split.path) or _LISTING_ID.match(split.path.rstrip("/").rpartition("/")[2]):
        return "listing_path"
    segments = [segment for segment in strip_page_number(split.path).split("/") if segment]
    is_short = all(
        len(_WORD.findall(segment.partition(".")[0])) <= _SECTION_WORDS for segment in map(unquote, segments)
    )
    if is_short and len(segments) <= _SECTION_DEPTH and not any(map(_YEAR.search, segments)):
        return "short_path"
    return None
