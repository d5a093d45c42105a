"""Exchange: one request and its answer, as they went over the wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.archive.codings import decode
from crawler.items import Page, Pointer

if TYPE_CHECKING:
    from datetime import datetime

MAX_BODY_BYTES = 64 << 20
"""Largest body that is archived or read: above the largest sitemap (50 MiB) that the protocol allows."""

Headers = tuple[tuple[str, str], ...]
"""Names in lower case; values as latin-1, which keeps every byte; in order, repeated names kept."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer. The body is as received: content-encoding kept, chunks joined."""

    url: str
    """The address that answered; every hop of a redirect is an exchange of its own."""
    status: int
    """HTTP status."""
    headers: Headers
    """Response headers."""
    body: bytes
    """The entity as it was sent, compressed when the server compressed it."""
    fetched_at: datetime
    """When the answer arrived, aware, UTC."""
    request_headers: Headers = ()
    """Request headers; empty when only the answer was read."""
    ip_address: str | None = None
    """Whom the connection went to."""
    truncated: str | None = None
    """Why the body is not whole (length, time, disconnect, unspecified), or None."""
    refers_to_url: str | None = None
    """Set in a revisit: where the body that was not stored again was first seen."""
    refers_to_at: datetime | None = None
    """Set in a revisit: when."""

    def header(self, name: str) -> str | None:
        """Value of the first response header called `name` (lower case), or None."""
        return next((value for key, value in self.headers if key == name), None)


def decode_body(exchange: Exchange, max_bytes: int = MAX_BODY_BYTES) -> bytes:
    """The body with its content-encodings undone, at most `max_bytes` long.

    What the body is decides, not what the header says: a body that is not gzip is left alone when the header says
    gzip, and one that is gzip is undone when the header does not. Raises TooLargeError above `max_bytes`,
    TruncatedError when the compressed stream ends early and `truncated` does not say so already (then what arrived
    is returned), ArchiveError for a damaged stream or more than two codings.
    """
    codings = [value for name, value in exchange.headers if name == "content-encoding"]
    return decode(
        exchange.body,
        ",".join(codings),
        max_bytes=max_bytes,
        where=exchange.url,
        is_cut=exchange.truncated is not None,
    )


def to_page(
    exchange: Exchange,
    pointer: Pointer,
    *,
    site: str,
    found_via: str,
    run_id: str = "",
    robots: str = "allowed",
    asked_url: str | None = None,
    max_bytes: int = MAX_BODY_BYTES,
) -> Page:
    """The exchange as the stages take it; `asked_url` is the first address of a chain of redirects.

    Headers stay as received, so `content-encoding` and `content-length` speak of the archived body. Raises what
    `decode_body` raises.
    """
    return Page(
        url=asked_url or exchange.url,
        final_url=exchange.url,
        status=exchange.status,
        headers=exchange.headers,
        body=decode_body(exchange, max_bytes),
        fetched_at=exchange.fetched_at,
        site=site,
        found_via=found_via,
        pointer=pointer,
        run_id=run_id,
        robots=robots,
    )
