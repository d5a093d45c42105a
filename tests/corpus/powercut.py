"""A model of a power cut: whatever was not synced may be gone, cut, zeroed, or back under its old name.

SQLite is trusted: its own tests cover power cuts with `synchronous=FULL`.
"""

from __future__ import annotations

import ast
import shutil
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import crawler
from crawler import disk

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from types import FrameType

ROOT = Path(crawler.__file__).parent
SYNCS = {"sync", "sync_folder", "sync_file"}
"""Names of the functions that make something durable."""


class CutError(BaseException):
    """The power is off."""


class Place(NamedTuple):
    """A line of the code."""

    file: str
    line: int


def sync_places() -> list[Place]:
    """Every call in the code that makes something durable, read from the source: a new one is found by itself."""
    places = set()
    for path in sorted(ROOT.rglob("*.py")):
        if path.is_relative_to(ROOT / "viewer"):  # what a reader thinks of an article: nothing else depends on it
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
            if name in SYNCS and bool(node.args) == (name != "sync"):
                places.add(Place(str(path.relative_to(ROOT)), node.lineno))
    return sorted(places)


def stack() -> Iterator[Place]:
    """Lines of the collector's code that led here, the innermost first."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT):
            yield Place(str(path.relative_to(ROOT)), frame.f_lineno)
        frame = frame.f_back


class PowerCut:
    """A hook that cuts the power before step `at`; `lose` then damages the disk as a cut may.

    `without`: a place whose syncs are forgotten, as if its line were not there.
    """

    def __init__(self, at: int, dice: random.Random, without: Place | None = None) -> None:
        self.at = at
        self.n = 0
        self.dice = dice
        self.without = without
        self.uses: dict[Place, list[int]] = defaultdict(list)
        """Places that made something durable, and in which steps."""
        self.synced: dict[Path, int] = {}
        self.names: list[tuple[str, Path, object]] = []
        self.left: list[tuple[Path, Path]] = []
        """Old and new names of files that moved to another folder, until the old folder is synced."""
        self.overwritten: dict[Path, bytes] = {}
        """What stood under a name before the last rename to it."""
        self.done: tuple[str, Path, object] | None = None

    def install(self, monkeypatch) -> None:
        """See what the hook is not told: the source of each rename, and which files are links to others."""
        rename, link, exchange = disk.rename, disk.link, disk.exchange

        def seen(source: Path, target: Path) -> None:
            self.source = source
            old = target.read_bytes() if target.is_file() else None
            rename(source, target)
            self.overwritten.pop(target, None)
            if old is not None:
                self.overwritten[target] = old

        def exchanged(one: Path, other: Path) -> bool:
            self.source = other
            return exchange(one, other)

        def linked(source: Path, target: Path) -> None:
            link(source, target)
            self.settle()
            if target.stat().st_nlink > 1:  # its content is that of the file it is a link to
                self.synced[target] = self.synced.get(source, target.stat().st_size)

        monkeypatch.setattr(disk, "rename", seen)
        monkeypatch.setattr(disk, "link", linked)
        monkeypatch.setattr(disk, "exchange", exchanged)

    def __call__(self, step: str, path: Path) -> int | None:
        self.settle()
        self.n += 1
        if self.n >= self.at:
            raise CutError
        before: object = None
        if step in {"fsync", "fsync_folder"}:
            places = set(stack())
            for place in places:
                self.uses[place].append(self.n)
            if self.without in places:
                return None
        elif step in {"rename", "exchange"}:
            before = self.source
        elif step in {"unlink", "truncate"} and path.is_file():
            before = path.read_bytes()
        elif step == "open":
            self.synced.setdefault(path, path.stat().st_size)
        if step != "create" or not path.exists():  # else it will fail
            self.done = (step, path, before)
        return None

    def settle(self) -> None:
        """Note what the last step has done."""
        if self.done is None:
            return
        step, path, before = self.done
        self.done = None
        if step == "create":
            self.synced[path] = 0
            self.names.append((step, path, None))
        elif step == "fsync":
            self.synced[path] = path.stat().st_size
            self.names = [name for name in self.names if name[:2] != ("truncate", path)]
        elif step == "rename":
            self.moved(before, path)
            self.names.append((step, path, before))
            if before.parent != path.parent:
                self.left.append((before, path))
        elif step == "exchange":
            self.exchanged(path, before)
            self.names += [(step, path, before), (step, before, path)]
        elif step in {"make_folder", "truncate"} or (step == "unlink" and before is not None):
            self.names.append((step, path, before))
        elif step == "fsync_folder":
            self.names = [name for name in self.names if name[0] == "truncate" or name[1].parent != path]
            self.left = [pair for pair in self.left if pair[0].parent != path]

    def moved(self, source: Path, target: Path) -> None:
        """Whatever is known of files under `source` is true of those under `target` now."""

        def renamed(path: Path) -> Path:
            return target / path.relative_to(source) if path.is_relative_to(source) else path

        self.synced = {renamed(path): size for path, size in self.synced.items() if path != target}
        self.names = [
            (what, path if what == "exchange" else renamed(path), before) for what, path, before in self.names
        ]
        self.left = [(before, renamed(path)) for before, path in self.left]

    def exchanged(self, one: Path, other: Path) -> None:
        """Whatever is known of files under one of them is true of those under the other now."""
        between = one / "between"
        self.moved(one, between)
        self.moved(other, one)
        self.moved(between, other)

    def lose(self) -> None:
        """Damage the disk: the newest unsynced names first, then unsynced ends of files."""
        share = self.dice.choice((0.5, 1.0))
        uncertain = {path for what, path, _ in self.names if what == "rename"}
        for before, path in self.left:
            if path not in uncertain and path.is_file() and not before.exists() and before.parent.is_dir():
                shutil.copy(path, before)
        while self.names:
            what, path, before = self.names.pop()
            if self.dice.random() < share:
                self.undo(what, path, before)
        for path, size in self.synced.items():
            if path.is_file() and path.stat().st_size > size:
                self.tear(path, size)

    def undo(self, what: str, path: Path, before: object) -> None:
        if what == "create" and path.is_file():
            path.unlink()
        elif what == "make_folder":
            shutil.rmtree(path, ignore_errors=True)
        elif what == "rename" and path.exists():
            self.unnamed(path, before)
        elif what == "exchange" and path.exists() and before.exists():
            disk.exchange(path, before)
            self.exchanged(path, before)
            self.names = [name for name in self.names if name != (what, before, path)]  # both or none
        elif what == "truncate" and path.is_file() and before.startswith(path.read_bytes()):
            path.write_bytes(before)
        elif what == "unlink" and path.parent.is_dir():
            path.write_bytes(before)
            self.synced[path] = len(before)

    def unnamed(self, path: Path, before: Path) -> None:
        """The new name is gone; the old one is back, unless its folder was synced without it."""
        is_left = before.parent == path.parent or any(pair[0] == before for pair in self.left)
        if is_left and before.parent.is_dir() and (before.parent == path.parent or not before.exists()):
            self.moved(path, before)
            path.replace(before)
            if path in self.overwritten:
                path.write_bytes(self.overwritten[path])
                self.synced[path] = len(self.overwritten[path])
        elif path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()

    def tear(self, path: Path, size: int) -> None:
        data = path.read_bytes()
        end = self.dice.randint(size, len(data))
        rest = bytes(end - size) if self.dice.random() < 0.5 else data[size:end]
        path.write_bytes(data[:size] + rest)
