"""The settings a run needs, read once and typed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from crawler.errors import OptionError
from crawler.refinement.thresholds import Thresholds
from crawler.storage.objects import is_url

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings


@dataclass(frozen=True, slots=True)
class RunOptions:
    """See `crawler/settings.py` for what each means and why it has its value."""

    output: Path
    seeds_dir: Path
    page_max_bytes: int
    archive_max_bytes: int
    checkpoint_seconds: float
    checkpoint_records: int
    commit_seconds: float
    commit_rows: int
    fetch_attempts: int
    fetch_backoff: float
    host_failures_max: int
    source_rest: timedelta
    recheck_after: tuple[timedelta, ...]
    obey_opt_outs: bool
    robots_token: str
    extraction_workers: int
    extraction_timeout: float
    extraction_memory_mb: int
    quality: Thresholds
    dedup: dict[str, Any]
    is_shard: bool
    storage: str
    storage_retry_seconds: float
    storage_lease_seconds: float
    storage_has_neighbours: bool

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """Read them all; -s values arrive as strings."""
        return cls(
            output=local_folder(settings["OUTPUT_DIR"]),
            seeds_dir=Path(settings["SEEDS_DIR"]),
            page_max_bytes=settings.getint("PAGE_MAX_BYTES"),
            archive_max_bytes=settings.getint("ARCHIVE_MAX_BYTES"),
            checkpoint_seconds=settings.getfloat("CHECKPOINT_SECONDS"),
            checkpoint_records=settings.getint("CHECKPOINT_RECORDS"),
            commit_seconds=settings.getfloat("COMMIT_SECONDS"),
            commit_rows=settings.getint("COMMIT_ROWS"),
            fetch_attempts=settings.getint("FETCH_ATTEMPTS"),
            fetch_backoff=settings.getfloat("FETCH_BACKOFF"),
            host_failures_max=settings.getint("HOST_FAILURES_MAX"),
            source_rest=timedelta(seconds=settings.getfloat("SOURCE_REST")),
            recheck_after=_spans(settings.getlist("RECHECK_AFTER")),
            obey_opt_outs=settings.getbool("OBEY_OPT_OUTS"),
            robots_token=settings["ROBOTS_TOKEN"],
            extraction_workers=settings.getint("EXTRACTION_WORKERS"),
            extraction_timeout=settings.getfloat("EXTRACTION_TIMEOUT"),
            extraction_memory_mb=settings.getint("EXTRACTION_MEMORY_MB"),
            quality=Thresholds.from_settings({name: settings[name] for name in settings}),
            dedup=settings.getdict("DEDUP"),
            is_shard=settings.getbool("CORPUS_IS_SHARD"),
            storage=settings["OUTPUT"],
            storage_retry_seconds=settings.getfloat("STORAGE_RETRY_SECONDS"),
            storage_lease_seconds=settings.getfloat("STORAGE_LEASE_SECONDS"),
            storage_has_neighbours=settings.getbool("STORAGE_NEIGHBOURS"),
        )


def local_folder(text: str) -> Path:
    """OUTPUT_DIR. Raises OptionError for the address of a storage."""
    if is_url(str(text)):
        raise OptionError(f"OUTPUT_DIR={text}: is a folder of this machine; -s OUTPUT={text} publishes there")
    return Path(text)


def _spans(seconds: list[Any]) -> tuple[timedelta, ...]:
    try:
        return tuple(timedelta(seconds=float(text)) for text in seconds)
    except (ValueError, OverflowError):
        raise OptionError(f"RECHECK_AFTER={seconds}: seconds are needed, such as 3600,86400") from None


def new_run_id(site: str, moment: datetime | None = None) -> str:
    """`<site>-<UTC time>-<4 hex>`: sorts by time within a site, and two starts in one second differ.

    `moment`: when it starts, aware; None: now.
    """
    return f"{site}-{(moment or datetime.now(UTC)):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
