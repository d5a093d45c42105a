"""A model of a power cut: whatever was not synced may be gone, cut, zeroed, or back under its old name.

SQLite is trusted: its own tests cover power cuts with `synchronous=FULL`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler import disk

if TYPE_CHECKING:
    import random
    from pathlib import Path


class CutError(BaseException):
    """The power is off."""


class PowerCut:
    """A hook that cuts the power before step `at`; `lose` then damages the disk as a cut may."""

    def __init__(self, at: int, dice: random.Random) -> None:
        self.at = at
        self.n = 0
        self.dice = dice
        self.synced: dict[Path, int] = {}
        self.names: list[tuple[str, Path, object]] = []
        self.done: tuple[str, Path, object] | None = None

    def install(self, monkeypatch) -> None:
        """See the source of each rename, which the hook is not told."""
        rename = disk.rename

        def seen(source: Path, target: Path) -> None:
            self.source = source
            rename(source, target)

        monkeypatch.setattr(disk, "rename", seen)

    def __call__(self, step: str, path: Path) -> int | None:
        self.settle()
        self.n += 1
        if self.n >= self.at:
            raise CutError
        before: object = None
        if step == "rename":
            before = self.source
        elif step == "unlink" and path.is_file():
            before = path.read_bytes()
        elif step == "open":
            self.synced.setdefault(path, path.stat().st_size)
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
            self.names.append(("create", path, None))
        elif step == "fsync":
            self.synced[path] = path.stat().st_size
        elif step == "rename":
            self.moved(before, path)
            self.names.append(("rename", path, before))
        elif step == "unlink" and before is not None:
            self.names.append(("unlink", path, before))
        elif step == "fsync_folder":
            self.names = [name for name in self.names if name[1].parent != path]

    def moved(self, source: Path, target: Path) -> None:
        for path in [path for path in self.synced if path == source or source in path.parents]:
            self.synced[target / path.relative_to(source) if path != source else target] = self.synced.pop(path)

    def lose(self) -> None:
        """Damage the disk: the newest unsynced names first, then unsynced ends of files."""
        for what, path, before in reversed(self.names):
            if self.dice.random() < 0.5:
                self.undo(what, path, before)
        for path, size in self.synced.items():
            if path.is_file() and path.stat().st_size > size:
                self.tear(path, size)

    def undo(self, what: str, path: Path, before: object) -> None:
        if what == "create" and path.is_file():
            path.unlink()
        elif what == "rename" and path.exists() and not before.exists() and before.parent.is_dir():
            self.moved(path, before)
            path.rename(before)
        elif what == "unlink" and path.parent.is_dir():
            path.write_bytes(before)
            self.synced[path] = len(before)

    def tear(self, path: Path, size: int) -> None:
        data = path.read_bytes()
        end = self.dice.randint(size, len(data))
        rest = bytes(end - size) if self.dice.random() < 0.5 else data[size:end]
        path.write_bytes(data[:size] + rest)
