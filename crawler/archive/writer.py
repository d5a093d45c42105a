"""ArchiveWriter: append exchanges to the WARC files of one site."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from crawler import disk
from crawler.archive.records import new_id, response_records, revisit_records, warcinfo_record
from crawler.errors import ArchiveError
from crawler.items import Pointer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from crawler.archive.exchange import Exchange

MAX_FILE_BYTES = 1 << 30
"""The usual size of a WARC file: one gigabyte."""

_SITE = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")


class ArchiveWriter:
    """Writes `output`/archive/<site>/<site>-<epoch>-<number>.warc.gz, one gzip member per record.

    What `append` wrote is safe once `sync` has returned. All methods raise ArchiveError, one line that names the file;
    after a failed `sync` every further call raises, because the system may have dropped what it could not write.
    """

    def __init__(
        self, output: Path, site: str, epoch: int, max_bytes: int = MAX_FILE_BYTES, *, robots: str = "obey"
    ) -> None:
        if not _SITE.fullmatch(site):
            raise ArchiveError(f"{site[:80]!r} cannot be the key of a site: letters a-z, digits, . _ - only")
        self._folder = output / "archive" / site
        self._site = site
        self._epoch = epoch
        self._max_bytes = max_bytes
        self._robots = robots
        self._file: disk.File | None = None
        self._warcinfo_id = ""
        self._number = 0
        self._size = 0
        self._is_torn = False
        self._is_lost = False

    def append(self, exchange: Exchange) -> Pointer:
        """Write request and response; the pointer is the response's, which stands last."""
        return self._append(lambda: response_records(exchange, self._warcinfo_id))

    def append_revisit(
        self,
        exchange: Exchange,
        refers_to_url: str,
        refers_to_at: datetime,
        profile: str = "server-not-modified",
    ) -> Pointer:
        """Write request and revisit record: the body is in the record of `refers_to_url` at `refers_to_at`.

        `profile` is server-not-modified (304) or identical-payload-digest (the same bytes came again).
        """
        return self._append(
            lambda: revisit_records(
                exchange, self._warcinfo_id, refers_to_url=refers_to_url, refers_to_at=refers_to_at, profile=profile
            )
        )

    def sync(self) -> None:
        """Make everything appended so far survive a power cut."""
        self._check()
        if self._file is None:
            return
        try:
            self._file.sync()
        except OSError as error:
            self._is_lost = True
            raise ArchiveError(disk.describe(error)) from None

    def close(self) -> None:
        """Sync and close; the next `append` begins a new file."""
        if self._file is None:
            return
        try:
            self.sync()
        finally:
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _append(self, build: Callable[[], tuple[bytes, bytes]]) -> Pointer:
        self._check()
        file = self._writable_file()
        request, answer = build()
        try:
            file.write(request + answer)
        except OSError as error:
            self._cut_back(file)
            raise ArchiveError(disk.describe(error)) from None
        self._size += len(request) + len(answer)
        name = f"archive/{self._site}/{file.path.name}"
        return Pointer(name, self._size - len(answer), len(answer))

    def _check(self) -> None:
        if self._is_lost:
            raise ArchiveError(f"{self._folder}: an earlier write did not reach the disk; start again to recover")

    def _cut_back(self, file: disk.File) -> None:
        """Take a half-written record away, so that the file stays readable; else begin the next one."""
        self._is_torn = True
        with suppress(OSError):
            file.truncate(self._size)
            self._is_torn = False

    def _writable_file(self) -> disk.File:
        if self._file is not None and (self._is_torn or self._size >= self._max_bytes):
            self.close()
        if self._file is None:
            try:
                self._file = self._begin_file()
            except OSError as error:
                raise ArchiveError(disk.describe(error)) from None
        return self._file

    def _begin_file(self) -> disk.File:
        disk.make_folders(self._folder)
        file = self._create()
        try:
            self._warcinfo_id = new_id()
            self._size = file.write(warcinfo_record(self._warcinfo_id, file.path.name, self._site, self._robots))
            disk.sync_folder(self._folder)
        except OSError:
            file.close()
            with suppress(OSError):
                disk.unlink(file.path)
            raise
        self._is_torn = False
        return file

    def _create(self) -> disk.File:
        """The next name that is free: a file that exists is never written to again."""
        while True:
            self._number += 1
            path = self._folder / f"{self._site}-{self._epoch:06d}-{self._number:04d}.warc.gz"
            with suppress(FileExistsError):
                return disk.create(path)
