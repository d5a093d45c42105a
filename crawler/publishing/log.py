"""CommitLog: numbered objects below `commits/`. Whoever makes number n + 1 first has committed; nobody else can.

Commits stay for ever, a line or two each. Every CHECKPOINT_EVERY of them an object below `checkpoints/` says what all
before come to, so that nobody reads the log from its beginning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from crawler.errors import StorageError
from crawler.publishing.commits import FORMAT, Commit, Published
from crawler.storage.objects import MissingError

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.storage.objects import Objects

CHECKPOINT_EVERY = 50
N_CHECKPOINTS = 3
"""Newest ones that are kept."""
MAX_TRIES = 100
"""Commits of others that may come in between: as many writers at once are served."""
T = TypeVar("T", Commit, Published)
_COMMITS, _CHECKPOINTS = "commits", "checkpoints"


class CommitLog:
    """The commits of one corpus. Methods raise StorageError."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self._published = Published()

    def refresh(self) -> Published:
        """The corpus as of now; a copy."""
        if not self._published.number:
            self._published = self._checkpoint()
        last = _commit_key(self._published.number) if self._published.number else ""
        for found in list(self.objects.list(_COMMITS, after=last)):
            commit = _decoded(self.objects.get(found.key), Commit, self.objects.address(found.key))
            if commit.number != self._published.number + 1:
                expected = self.objects.address(_commit_key(self._published.number + 1))
                raise StorageError(f"{expected}: missing, but later commits are there; bring it back from a copy")
            self._published.apply(commit)
        return self._published.copy()

    def append(self, make: Callable[[Published], Commit | None]) -> Published:
        """Commit what `make` gives for the newest state; it is called again when another commit came first.

        Nothing happens when it gives None. What it raises is raised here.
        """
        for _ in range(MAX_TRIES):
            published = self.refresh()
            commit = make(published)
            if commit is None:
                return published
            if self.objects.create(_commit_key(commit.number), msgspec.json.encode(commit)):
                self._published.apply(commit)
                if commit.number % CHECKPOINT_EVERY == 0:
                    self._save_checkpoint()
                return self._published.copy()
        raise StorageError(f"{self.objects.url}: {MAX_TRIES} commits of others came first; try again")

    def _checkpoint(self) -> Published:
        for found in reversed(list(self.objects.list(_CHECKPOINTS))):
            try:
                data = self.objects.get(found.key)
            except MissingError:  # a newer one took its place since the listing
                continue
            return _decoded(data, Published, self.objects.address(found.key))
        return Published()

    def _save_checkpoint(self) -> None:
        key = f"{_CHECKPOINTS}/{self._published.number:012d}.json"
        self.objects.put(key, msgspec.json.encode(self._published))
        old = [found.key for found in self.objects.list(_CHECKPOINTS)][:-N_CHECKPOINTS]
        self.objects.delete(old)


def _commit_key(number: int) -> str:
    return f"{_COMMITS}/{number:012d}.json"


def _decoded(data: bytes, kind: type[T], where: str) -> T:
    try:
        found = msgspec.json.decode(data, type=kind)
    except msgspec.DecodeError as error:
        raise StorageError(f"{where}: no commit of ours ({error})") from None
    if found.format > FORMAT:
        raise StorageError(f"{where}: written by a newer release; update this one")
    return found
