"""HTTP heads, built again from what a client library has taken apart."""

from __future__ import annotations

import re
from http.client import responses
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.errors import RefusedError

if TYPE_CHECKING:
    from crawler.archive.exchange import Headers

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, field-name
_LINE_BREAK = re.compile(r"[\r\n\0]")


def request_head(url: str, headers: Headers) -> bytes:
    """Head of a GET. Raises RefusedError for a header that is none: our own requests have no excuse."""
    for name, value in headers:
        if not _TOKEN.fullmatch(name) or _LINE_BREAK.search(value):
            raise RefusedError(f"{url[:200]}: request header {name[:80]!r} cannot be written")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise RefusedError(f"{url[:200]!r} is no address ({error})") from None
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = () if any(name == "host" for name, _ in headers) else (("host", parts.netloc.rpartition("@")[2]),)
    return _head(f"GET {target} HTTP/1.1", (*host, *headers))


def response_head(status: int, headers: Headers) -> bytes:
    """Head of a response, whatever the server sent.

    CR, LF and NUL in a value become spaces, as RFC 9110 section 5.5 has it, and a line whose name is no token is left
    out, as browsers do: no server can forge a head or have its page refused. Raises RefusedError for a status that
    has not three digits.
    """
    if not 100 <= status <= 999:  # noqa: PLR2004 - three digits, RFC 9112
        raise RefusedError(f"HTTP status {status} has not three digits")
    kept = tuple((name, _LINE_BREAK.sub(" ", value).strip(" \t")) for name, value in headers if _TOKEN.fullmatch(name))
    return _head(f"HTTP/1.1 {status} {responses.get(status, '')}", kept)


def truthful(headers: Headers, n_body: int) -> Headers:
    """Headers that fit a stored body of `n_body` bytes; what the server said instead is kept as `x-crawler-…`."""
    length = str(n_body)
    kept: list[tuple[str, str]] = []
    for name, value in headers:
        is_wrong = name == "transfer-encoding" or (name == "content-length" and value != length)
        kept.append((f"x-crawler-{name}" if is_wrong else name, value))
    if not any(name == "content-length" for name, _ in kept):
        kept.append(("content-length", length))
    return tuple(kept)


def _head(first_line: str, headers: Headers) -> bytes:
    """In latin-1, the whole head in UTF-8 when a character is above it."""
    lines = [first_line, *(f"{name.title()}: {value}" for name, value in headers), "", ""]
    head = "\r\n".join(lines)
    try:
        return head.encode("latin-1")
    except UnicodeEncodeError:
        return head.encode(errors="replace")
