"""ArchiveIndex: crawl from WARC files instead of the network."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urlsplit

from crawler.archive.parsing import is_joined, parse_heading
from crawler.archive.reader import read_at
from crawler.archive.spans import Spans
from crawler.errors import ArchiveError
from crawler.items import Pointer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from crawler.archive.exchange import Exchange


_MAX_PROBLEMS = 100
_CLOCK_STEP = 1.0
"""Seconds: WARC 1.0 has no fractions."""


class ArchiveIndex:
    """Which answers lie where in `files`, ours or those of other tools; bodies stay on disk.

    A file that ends early or is damaged gives its whole records, and `problem` says what is missing. Raises
    ArchiveError when a file is missing, holds not one whole record, or is compressed as one piece.
    """

    def __init__(self, files: Iterable[Path]) -> None:
        self._files = tuple(files)
        self._file_numbers = array("L")
        self._offsets = array("Q")
        self._lengths = array("Q")
        self._times = array("d")
        self._captures: dict[str, list[int]] = {}
        self.problems: list[str] = []
        """One line for each file that is not whole and each record that cannot be read."""
        for number, path in enumerate(self._files):
            self._add_file(number, path)
        for captures in self._captures.values():
            captures.sort(key=self._times.__getitem__)

    @property
    def problem(self) -> str | None:
        """The first of `problems`, or None."""
        return self.problems[0] if self.problems else None

    def __len__(self) -> int:
        """Number of answers."""
        return len(self._offsets)

    def __iter__(self) -> Iterator[Exchange]:
        """All answers in file order; revisits as they are, without a body."""
        for number in range(len(self)):
            exchange = self._read(number)
            if exchange is not None:
                yield exchange

    def urls(self) -> Iterator[str]:
        """All addresses, without fragments, in the order they first appear."""
        return iter(self._captures)

    def hosts(self) -> list[str]:
        """All host names, sorted."""
        return sorted({host for url in self._captures if (host := _host(url))})

    def get(self, url: str) -> Exchange | None:
        """The newest readable answer of an address: as given, without its fragment, then with the other scheme.

        In the place of a revisit stands the answer that it refers to.
        """
        captures = self._find(url)
        for number in reversed(captures):
            exchange = self._read(number)
            if exchange is not None and exchange.refers_to_url is not None:
                exchange = self._referred(exchange)
            if exchange is not None:
                return exchange
        return None

    def captures(self, url: str) -> list[Exchange]:
        """Every readable answer of an address, oldest first; revisits as they are."""
        return [exchange for number in self._find(url) if (exchange := self._read(number)) is not None]

    def pointer(self, url: str) -> Pointer | None:
        """Where the newest answer of an address lies; the file as it was given."""
        captures = self._find(url)
        if not captures:
            return None
        number = captures[-1]
        path = self._files[self._file_numbers[number]]
        return Pointer(path.as_posix(), self._offsets[number], self._lengths[number])

    def _add_file(self, file_number: int, path: Path) -> None:
        spans = Spans(path)
        for span in spans:
            if is_joined(span.data):
                raise ArchiveError(f"{path}: compressed as one piece, no record can be reached; gunzip it first")
            try:
                heading = parse_heading(span.data, f"{path} at byte {span.offset}")
            except ArchiveError as error:
                self._note(str(error))
                continue
            if heading is None:
                continue
            self._captures.setdefault(urldefrag(heading.url).url, []).append(len(self._offsets))
            self._file_numbers.append(file_number)
            self._offsets.append(span.offset)
            self._lengths.append(span.length)
            self._times.append(heading.fetched_at.timestamp())
        if spans.problem and spans.end == 0:
            raise ArchiveError(spans.problem)
        if spans.problem:
            self._note(spans.problem)

    def _note(self, problem: str) -> None:
        if len(self.problems) < _MAX_PROBLEMS and problem not in self.problems:
            self.problems.append(problem)

    def _find(self, url: str) -> list[int]:
        url = urldefrag(url).url
        return self._captures.get(url) or self._captures.get(_twin(url)) or []

    def _read(self, number: int) -> Exchange | None:
        path = self._files[self._file_numbers[number]]
        try:
            return read_at(path, self._offsets[number], self._lengths[number])
        except ArchiveError as error:
            self._note(str(error))
            return None

    def _referred(self, revisit: Exchange) -> Exchange | None:
        """The newest answer with a body that is not younger than the revisit says."""
        latest = (revisit.refers_to_at or revisit.fetched_at).timestamp() + _CLOCK_STEP
        for number in reversed(self._find(revisit.refers_to_url or revisit.url)):
            if self._times[number] <= latest:
                exchange = self._read(number)
                if exchange is not None and exchange.refers_to_url is None:
                    return exchange
        return None


def _twin(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{'http' if scheme.lower() == 'https' else 'https'}://{rest}"


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
