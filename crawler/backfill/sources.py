"""WARC files wherever they lie, read from any byte on: a path, an object of a storage, a file of an allowed host."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple
from urllib.parse import urlsplit

from crawler.errors import ArchiveError, CollectorError, OptionError
from crawler.storage.objects import Objects, is_url

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

READ_BYTES = 4 << 20
"""Asked of a storage at a time: a few seconds of a slow line, and all that is held of a file."""


class Seen(NamedTuple):
    """What tells that a file is still the one that was read before."""

    size: int
    etag: str
    """As the storage gives it; empty for a local file."""


class WarcSource:
    """One WARC file. `open` is what `archive.spans.Spans` asks of a path."""

    def __init__(self, place: str, objects: Objects | None, key: str) -> None:
        self.place = place
        """As it was given."""
        self.name = place.rstrip("/").rpartition("/")[2]
        """Under which progress is noted: the same file from elsewhere is the same file."""
        self._objects = objects
        self._key = key

    def __str__(self) -> str:
        return self.place

    def seen(self) -> Seen:
        """Raises ArchiveError when it cannot be had."""
        try:
            if self._objects is None:
                return Seen(Path(self.place).stat().st_size, "")
            head = self._objects.head(self._key)
        except (OSError, CollectorError) as error:
            reason = getattr(error, "strerror", None)
            raise ArchiveError(f"{self.place}: {reason}" if reason else str(error)) from None
        return Seen(head.size, head.etag)

    def open(self, mode: str = "rb") -> BinaryIO:
        """A file to be read and sought in. Raises OSError."""
        if self._objects is None:
            return Path(self.place).open(mode)  # type: ignore[return-value]
        return io.BufferedReader(_Remote(self._objects, self._key, self.seen().size), READ_BYTES)


class _Remote(io.RawIOBase):
    """An object as a file: each read is a range of it."""

    def __init__(self, objects: Objects, key: str, size: int) -> None:
        super().__init__()
        self._objects = objects
        self._key = key
        self._size = size
        self._place = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Where the next read begins."""
        self._place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        return self._place

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Raises OSError when the storage does not give what it should."""
        n = min(len(buffer), self._size - self._place)
        if n <= 0:
            return 0
        try:
            data = self._objects.get_range(self._key, self._place, n)
        except CollectorError as error:
            raise OSError(str(error)) from None
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)


def warc_sources(places: Sequence[str], allowed_hosts: Collection[str]) -> list[WarcSource]:
    """The files in the order of their names, which in CC-NEWS is that of time; each once.

    Raises OptionError for an address that cannot be used, or on a host that is not allowed.
    """
    sources = {source.name: source for source in (_source(place, allowed_hosts) for place in places)}
    return [sources[name] for name in sorted(sources)]


def _source(place: str, allowed_hosts: Collection[str]) -> WarcSource:
    if not is_url(place):
        return WarcSource(place, None, "")
    folder, _, key = place.rpartition("/")
    if place.startswith(("http://", "https://")):
        host = urlsplit(place).netloc
        if host not in allowed_hosts:
            names = ", ".join(allowed_hosts)
            raise OptionError(f"{place}: host {host} is not among CCNEWS_HOSTS ({names}); add it, or fetch the file")
    return WarcSource(place, Objects(folder, is_read_only=True), key)
