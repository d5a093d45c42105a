"""What a page says against being indexed, archived or mined."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.discovery.trees import attribute

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.html import HtmlElement

_MAX_VALUE_CHARS = 2000
_RESTRICTIONS = frozenset(
    {"noindex", "nofollow", "noarchive", "nosnippet", "noai", "noimageai", "nocache", "notranslate", "noimageindex",
     "unavailable_after", "noml", "notrain"}
)  # fmt: skip
_DIRECTIVE_WITH_VALUE = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})
_SIGNAL = re.compile(r"([a-z][\w-]{0,40})\s*=\s*(no|n|yes|y)\b", re.IGNORECASE)
_TOKEN = re.compile(r"[a-z][a-z0-9_-]*", re.IGNORECASE)
_META_NAMES = frozenset({"robots", "googlebot", "googlebot-news", "bingbot", "ccbot", "gptbot", "google-extended"})


def read_opt_outs(
    headers: Iterable[tuple[str, str]], tree: HtmlElement | None = None, agent: str = ""
) -> tuple[str, ...]:
    """Codes of all reservations found in the response headers and the page's `meta` elements, sorted.

    Codes: `noindex`, `nofollow`, `noarchive`, `nosnippet`, `noai`, `noimageai`, ... as addressed to everybody or to
    `agent` (our product token); `googlebot:noindex` as addressed to somebody else; `tdm-reservation` (W3C TDM
    Reservation Protocol); `content-signal:ai-train=no` and `content-usage:train-ai=n` (refusals only).
    """
    found: set[str] = set()
    for name, value in headers:
        found |= _from_header(name.lower(), value[:_MAX_VALUE_CHARS], agent.lower())
    for meta in tree.iter("meta") if tree is not None else ():
        found |= _from_meta(meta, agent.lower())
    return tuple(sorted(found))


def refusals(kind: str, value: str) -> set[str]:
    """Codes of what a Content-Signal or Content-Usage value refuses; `kind` is the lower-case name."""
    pairs = _SIGNAL.findall(value[:_MAX_VALUE_CHARS])
    return {f"{kind}:{name.lower()}={answer.lower()}" for name, answer in pairs if answer.lower().startswith("n")}


def _from_header(name: str, value: str, agent: str) -> set[str]:
    if name == "x-robots-tag":
        return _directives(value, agent)
    if name == "tdm-reservation":
        return {"tdm-reservation"} if value.strip() == "1" else set()
    return refusals(name, value) if name in ("content-signal", "content-usage") else set()


def _from_meta(meta: HtmlElement, agent: str) -> set[str]:
    name = (attribute(meta, "name") or attribute(meta, "http-equiv")).lower()
    value = attribute(meta, "content")
    if name in ("robots", agent) and name:
        return _directives(value, agent)
    if name in _META_NAMES:
        return {f"{name}:{code}" for code in _directives(value, agent)}
    return _from_header(name, value, agent)


def _directives(value: str, agent: str) -> set[str]:
    """Codes of a comma list, each optionally after `token:`, which holds until the next token."""
    scope, found = "", set()
    for part in value.lower().split(","):
        head, colon, rest = part.strip().partition(":")
        if colon and head.strip() not in _DIRECTIVE_WITH_VALUE and _TOKEN.fullmatch(head.strip()):
            scope, head = head.strip(), rest
        for code in _expanded(head.strip()):
            found.add(code if scope in ("", agent) else f"{scope}:{code}")
    return found


def _expanded(directive: str) -> tuple[str, ...]:
    if directive == "none":
        return ("noindex", "nofollow")
    return (directive,) if directive in _RESTRICTIONS else ()
