"""Allow and Disallow rules of one robots.txt group: longest match wins, in time linear in the number of rules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_NOT_ASCII = re.compile(r"[^\x21-\x7e]+")
_MAX_PATH_CHARS = 8_192


class _Wildcard(NamedTuple):
    pieces: tuple[str, ...]
    """What stands between the stars; the first is where the path begins."""
    is_anchored: bool
    length: int
    is_allowed: bool


def path_of(url: str) -> str:
    """Path and query of `url` as rules are compared with it; `/` when there is none."""
    try:
        split = urlsplit(url)
    except ValueError:
        return "/"
    return normal_path(f"{split.path or '/'}{'?' if split.query else ''}{split.query}"[:_MAX_PATH_CHARS])


def normal_path(path: str) -> str:
    """One percent-encoding for a path (RFC 9309 section 2.2.2): only what has to be is encoded, in capitals."""
    if not path.isascii() or not path.isprintable() or " " in path:
        path = _NOT_ASCII.sub(_encoded, path)
    return _ESCAPE.sub(_normal_escape, path) if "%" in path else path


def _encoded(found: re.Match[str]) -> str:
    return "%" + found[0].encode("utf-8", "surrogateescape").hex("%").upper()


def _normal_escape(found: re.Match[str]) -> str:
    char = chr(int(found[1], 16))
    return char if char in _UNRESERVED else found[0].upper()


class RuleSet:
    """Rules in two heaps: plain prefixes in a dictionary, wildcards by the first letters that the path must have."""

    def __init__(self, limit: int) -> None:
        """`limit`: most rules that are kept; a set with more allows nothing."""
        self.n_rules = 0
        self._limit = limit
        self._prefixes: dict[str, bool] = {}
        self._lengths: set[int] = set()
        self._wildcards: dict[str, list[_Wildcard]] = {}

    def add_all(self, rules: Iterable[tuple[str, bool]]) -> None:
        """Add rules as (pattern, whether it allows); an empty pattern says nothing."""
        given = {rule for rule in rules if rule[0]}
        self.n_rules = len(given)
        for pattern, is_allowed in given if self.n_rules <= self._limit else ():
            self._add(normal_path(pattern if pattern[0] in "/*$" else f"/{pattern}"), is_allowed=is_allowed)

    def _add(self, pattern: str, *, is_allowed: bool) -> None:
        if "*" in pattern or pattern.endswith("$"):
            self._add_wildcard(pattern, is_allowed=is_allowed)
        else:
            self._prefixes[pattern] = self._prefixes.get(pattern, False) or is_allowed
            self._lengths.add(len(pattern))

    def _add_wildcard(self, pattern: str, *, is_allowed: bool) -> None:
        is_anchored = pattern.endswith("$")
        first, *rest = pattern.removesuffix("$").split("*")
        last = rest.pop() if rest else None
        pieces = (first, *filter(None, rest), *(() if last is None else (last,)))
        rule = _Wildcard(pieces, is_anchored, len(pattern), is_allowed)
        self._wildcards.setdefault(first, []).append(rule)

    def allows(self, path: str) -> bool:
        """Whether the longest rule that fits `path` allows it; of two as long, Allow wins; with none, it is allowed."""
        if self.n_rules > self._limit:
            return False
        length, is_allowed = self._longest_prefix(path)
        for first, rules in self._wildcards.items():
            if not path.startswith(first):
                continue
            for rule in rules:
                is_better = rule.length > length or (rule.length == length and rule.is_allowed and not is_allowed)
                if is_better and _fits(rule, path):
                    length, is_allowed = rule.length, rule.is_allowed
        return is_allowed

    def _longest_prefix(self, path: str) -> tuple[int, bool]:
        for length in sorted((n for n in self._lengths if n <= len(path)), reverse=True):
            found = self._prefixes.get(path[:length])
            if found is not None:
                return length, found
        return 0, True


def _fits(rule: _Wildcard, path: str) -> bool:
    first, *middle = rule.pieces
    at = len(first)
    if not middle:
        return not rule.is_anchored or len(path) == at
    last = middle.pop()
    for piece in middle:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    if rule.is_anchored:
        return path.endswith(last) and len(path) - len(last) >= at
    return path.find(last, at) >= 0
