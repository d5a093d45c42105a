"""The small language of address forms: `/{section}/{yyyymm}/{slug}-{hex}/`.

A form is literal text with placeholders. It describes the path, from its first slash to its end; with a `?` also the
query, whose parameters may stand in any order and beside others. A closing slash makes no difference, nor does case.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urlsplit

from crawler.errors import ProfileError

PLACEHOLDERS = {
    "section": r"[^/?#]+",
    "slug": r"[^/?#]+",
    "long_slug": r"(?:[^/?#-]+-){4,}[^/?#]+",
    "yyyy": r"(?:19|20)\d\d",
    "yy": r"\d\d",
    "mm": r"(?:0[1-9]|1[0-2])",
    "m": r"(?:0?[1-9]|1[0-2])",
    "dd": r"(?:0[1-9]|[12]\d|3[01])",
    "d": r"(?:0?[1-9]|[12]\d|3[01])",
    "yyyymm": r"(?:19|20)\d\d(?:0[1-9]|1[0-2])",
    "yyyymmdd": r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])",
    "id": r"\d{1,24}",
    "n": r"\d{1,6}",
    "hex": r"[0-9a-f]{6,64}",
    "any": r".*",
}
"""Placeholder to what it stands for, as a regular expression."""

_PLACEHOLDER = re.compile(r"\{(\w*)\}")
_MAX_FORM_CHARS = 500
_OPEN = frozenset({"section", "slug", "long_slug"})


@dataclass(frozen=True, slots=True)
class Form:
    """A compiled form."""

    text: str
    host: str
    """Host the form asks for, or an empty string for any."""
    path: re.Pattern[str]
    query: tuple[tuple[str, re.Pattern[str]], ...]

    def read(self, url: str) -> dict[str, str] | None:
        """What the placeholders stand for in `url`, None when the form does not fit.

        Of several with one name it is the first in the path, and the last in the query.
        """
        try:
            split = urlsplit(url)
        except ValueError:
            return None
        found = self.path.fullmatch(split.path or "/")
        if found is None or (self.host and self.host != split.netloc):
            return None
        return self._read_query(split.query, found.groupdict())

    def fits(self, url: str) -> bool:
        """Whether `url`, in its canonical spelling, has this form."""
        return self.read(url) is not None

    def _read_query(self, query: str, values: dict[str, str]) -> dict[str, str] | None:
        given = dict(pair.partition("=")[::2] for pair in query.split("&")) if self.query else {}
        for name, pattern in self.query:
            found = pattern.fullmatch(given[name]) if name in given else None
            if found is None:
                return None
            values |= found.groupdict()
        return values


@lru_cache(maxsize=4096)
def compile_form(text: str) -> Form:
    """Compile one form.

    Matching costs at most the square of one path segment: segments never exchange characters, and a form may have one
    `{any}` and, in each segment, two open placeholders.

    Raises ProfileError naming the form and what is allowed.
    """
    check_form(text)
    host, rest = "", text
    if "://" in text:
        host, slash, rest = text.partition("://")[2].partition("/")
        rest = slash + rest
    path, _, query = rest.partition("?")
    names: set[str] = set()
    pieces = [_compile_piece(piece, names) for piece in path.rstrip("/").split("/")]
    pattern = re.compile("/".join(pieces) + "/?", re.IGNORECASE)
    pairs = [pair.partition("=")[::2] for pair in query.split("&") if pair]
    compiled = tuple((name, re.compile(_compile_piece(value, set()), re.IGNORECASE)) for name, value in pairs)
    return Form(text, host.lower(), pattern, compiled)


def compile_forms(texts: tuple[str, ...]) -> tuple[Form, ...]:
    """Compile several forms; raises ProfileError for the first that cannot be used."""
    return tuple(compile_form(text) for text in texts)


def check_form(text: str) -> None:
    """What `compile_form` raises, without compiling: whatever passes here compiles."""
    if len(text) > _MAX_FORM_CHARS or not text.startswith(("/", "http://", "https://")):
        raise ProfileError(f"address form {text[:80]!r}: starts with / or http(s):// and has at most 500 characters")
    names = _PLACEHOLDER.findall(text)
    unknown = sorted(set(names) - PLACEHOLDERS.keys())
    if unknown or len(re.findall("[{}]", text)) != 2 * len(names):
        allowed = " ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise ProfileError(f"address form {text!r}: unknown placeholder {' '.join(unknown)}; allowed are {allowed}")
    crowded = any(sum(name in _OPEN for name in _PLACEHOLDER.findall(part)) > 2 for part in text.split("/"))  # noqa: PLR2004 - the limit said in the message
    if names.count("any") > 1 or crowded:
        raise ProfileError(
            f"address form {text!r}: at most one {{any}}, and two of {{section}} {{slug}} {{long_slug}} in a segment"
        )


def _compile_piece(piece: str, names: set[str]) -> str:
    parts = _PLACEHOLDER.split(piece)
    out = [re.escape(quote(part, safe="/:@!$&'()*+,;=~-._%")) for part in parts[::2]]
    for index, name in enumerate(parts[1::2]):
        out[index] += f"({'' if name in names else f'?P<{name}>'}{PLACEHOLDERS[name]})"
        names.add(name)
    inner = "".join(out)
    return inner if "any" in parts[1::2] else f"(?>{inner})"
