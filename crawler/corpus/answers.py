"""What an answer of a server means to the state: its record, its address done, the reason it is of no use."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from crawler.errors import ArchiveError, TooLargeError, TruncatedError
from crawler.items import Pointer, Reason
from crawler.state.records import NewRecord
from crawler.state.urls import FinishedUrl, KnownUrl

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.archive.exchange import Exchange


def stand_in(url: str, kind: str, at: datetime) -> KnownUrl:
    """An address that the frontier does not hold."""
    nothing: dict[str, Any] = dict.fromkeys(("lastmod", "title", "next_try_at", "reason", "etag", "last_modified"))
    unseen: dict[str, Any] = dict.fromkeys(("last_fetched_at", "last_run_id", "content_hash", "pointer"))
    return KnownUrl(url, kind, "done", 0, 0, "replay", at, attempts=0, **nothing, **unseen)


def digest_of(exchange: Exchange) -> str:
    """By which a body is known again."""
    return hashlib.blake2b(exchange.body, digest_size=16).hexdigest()


def record_of(exchange: Exchange, target: KnownUrl, pointer: Pointer, robots: str = "allowed") -> NewRecord:
    """The record of an archived answer."""
    return NewRecord(
        url=target.url,
        final_url=exchange.url,
        found_via=target.found_via,
        kind=target.kind,
        status=exchange.status,
        fetched_at=exchange.fetched_at,
        pointer=pointer,
        robots=robots,
    )


def finished_by(exchange: Exchange, target: KnownUrl, pointer: Pointer, digest: str) -> FinishedUrl:
    """The address as it stands after an answer; only a 200 replaces pointer and `digest` (of the body) before it."""
    is_whole = exchange.status == HTTPStatus.OK
    is_ours = exchange.status in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}  # a redirect's tag is another thing's
    return FinishedUrl(
        url=target.url,
        fetched_at=exchange.fetched_at,
        etag=exchange.header("etag") if is_ours else None,
        last_modified=exchange.header("last-modified") if is_ours else None,
        pointer=pointer if is_whole else None,
        content_hash=digest if is_whole else None,
    )


def reason_for(error: ArchiveError) -> Reason:
    """The reason of a page whose body cannot be decoded."""
    if isinstance(error, TooLargeError):
        return Reason.TOO_LARGE
    return Reason.TRUNCATED if isinstance(error, TruncatedError) else Reason.EXTRACTION_ERROR
