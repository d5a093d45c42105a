"""Forms out of examples: what addresses of articles have in common."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

_DATES = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("{yyyymmdd}", r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"),
        ("{yyyymm}", r"(?:19|20)\d\d(?:0[1-9]|1[0-2])"),
        ("{yyyy}", r"(?:19|20)\d\d"),
    )
)
_AFTER = {"{yyyy}": ("{m}", 12), "{m}": ("{d}", 31)}
_FIXED = re.compile(
    r"(?:-|web|guest|pages?|home|print|index\.php|portal|posts?|stor(?:y|ies)|articles?|details?|news-?details?|content|"
    r"asset_publisher|view_content|bai-viet|chi-tiet(?:-tin)?|xem-chi-tiet(?:-tin-tuc)?|tin-bai|tin-chi-tiet)",
    re.IGNORECASE,
)
_ENDING = re.compile(r"\.[a-z][a-z0-9]{1,4}$", re.IGNORECASE)
_SLUG_ID = re.compile(r"(?P<slug>.+?)(?P<glue>[-_.~]+(?:[a-z]{1,10})?|~)(?P<id>\d{3,24})", re.IGNORECASE)
_SLUG_HEX = re.compile(r"(?P<slug>.+)(?P<glue>[-_.])(?=[0-9a-f]*\d)(?=[0-9]*[a-f])(?P<hex>[0-9a-f]{6,40})")
_LETTER_ID = re.compile(r".+-[a-z]\d{3,24}", re.IGNORECASE)
_LIKE_HEX = re.compile(r"\{slug\}-[a-f]?\{id\}")
_BARE_YEAR = re.compile(r"(?:19|20)\d\d")
_HEX = re.compile(r"(?=.*\d)[0-9a-f]{6,64}", re.IGNORECASE)
_NUMBERED_NAME = re.compile(r"\d{1,24}(?::|%3A)", re.IGNORECASE)
_PAGING = re.compile(r"(?:p|pg|page\w*(?<!id)|paged|trang|start|offset)", re.IGNORECASE)
_MIN_SLUG_WORDS = 4
_MIN_SAMPLE = 100
_MIN_SHARE = 0.01


def learn_forms(urls: Iterable[str]) -> tuple[str, ...]:
    """Forms that all of the articles' addresses `urls` have, the most frequent first.

    One example is enough for a form. A name without number, hash or date becomes `{long_slug}`, so that sections are
    not taken for articles; of 100 and more addresses, forms that fewer than 1 % have are left out as accidents.
    """
    counted = Counter(form for form in map(_form, urls) if form)
    for form in tuple(counted):
        twin = _LIKE_HEX.sub("{slug}-{hex}", form)
        if twin != form and counted[twin] > counted[form]:  # a hash that happens to have no letter, or one, in front
            counted[twin] += counted.pop(form)
    least = _MIN_SHARE * counted.total() if counted.total() >= _MIN_SAMPLE else 0
    return tuple(form for form, n in counted.most_common() if n >= least)


def _form(url: str) -> str | None:
    try:
        split = urlsplit(url)
    except ValueError:
        return None
    if split.scheme not in ("http", "https") or re.search(r"[{}]", url):
        return None
    *folders, last = split.path.rstrip("/").split("/")[1:] or [""]
    shapes: list[str] = []
    for folder in folders:
        shapes.append(_folder(folder, shapes[-1] if shapes else ""))
    shape = _last(last, shapes)
    query = "" if "{" in shape else _query(split.query)
    path = "/" + "/".join([*shapes, shape])
    has_mark = any(mark in f"{path}{query}" for mark in ("{id}", "{hex}", "{long_slug}", "{yyyy", "{slug}"))
    return f"{path}{'/' if split.path.endswith('/') and last else ''}{query}" if has_mark else None


def _folder(folder: str, before: str) -> str:
    for name, pattern in _DATES:
        if pattern.fullmatch(folder):
            return name
    if before in _AFTER and folder.isdigit() and 1 <= int(folder) <= _AFTER[before][1]:
        return _AFTER[before][0]
    if folder.isdigit():
        return "{id}"
    if _FIXED.fullmatch(folder):
        return folder
    return "{slug}" if folder.count("-") >= _MIN_SLUG_WORDS else "{section}"


def _last(last: str, shapes: list[str]) -> str:
    found = _ENDING.search(last)
    ending = found[0] if found else ""
    stem = last.removesuffix(ending)
    if stem.isdigit():
        return f"{{id}}{ending}"
    for pattern, name in ((_SLUG_HEX, "hex"), (_SLUG_ID, "id"))[bool(_LETTER_ID.fullmatch(stem)) :]:
        parts = pattern.fullmatch(stem)
        if parts and not (name == "id" and _BARE_YEAR.fullmatch(parts["id"]) and parts["glue"] == "-"):
            return f"{{slug}}{parts['glue']}{{{name}}}{ending}"
    is_marked = any(shape.startswith("{y") or shape == "{id}" for shape in shapes)
    if is_marked:
        return f"{{slug}}{ending}"
    return f"{{long_slug}}{ending}" if stem.count("-") >= _MIN_SLUG_WORDS else f"{stem}{ending}"


def _query(query: str) -> str:
    pairs = [pair.partition("=")[::2] for pair in query.split("&") if pair]
    kept = []
    for name, value in sorted(pairs):
        if _NUMBERED_NAME.match(value):
            kept.append(f"{name}={{id}}{{any}}")
        elif value.isdigit() and not _PAGING.fullmatch(name):
            kept.append(f"{name}={{id}}")
        elif _HEX.fullmatch(value):
            kept.append(f"{name}={{hex}}")
    return f"?{'&'.join(kept)}" if kept else ""
