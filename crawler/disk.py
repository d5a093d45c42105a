"""The one way to change files: every step that can fail, or be the last one before a crash, passes here.

A step is one of `STEPS`. `hook`, when set, is called with (step, path) before each: it can count, raise OSError
as a full disk does, end the process, or return how many bytes a write may write now (a short write; the rest follows
in the next step). The state of `hook` costs one comparison a step when it is None.

All functions raise OSError with `filename` set; `describe` makes a person's line of it.
"""

from __future__ import annotations

import ctypes
import errno
import io
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STEPS = ("create", "open", "write", "truncate", "fsync", "rename", "exchange", "unlink", "fsync_folder", "make_folder")

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
_HINTS = {
    errno.ENOSPC: "the disk is full: free some space and start again, nothing that was committed is lost",
    errno.EDQUOT: "the quota is used up: free some space and start again, nothing that was committed is lost",
    errno.EIO: "the disk failed: check it before starting again",
    errno.EROFS: "the file system is read-only",
}


class Hook(Protocol):
    """What may stand in `disk.hook`."""

    def __call__(self, step: str, path: Path, /) -> int | None:
        """Most bytes to write in this step, or None for no limit."""


hook: Hook | None = None
"""None outside of crash tests."""


@contextmanager
def hooked(new: Hook) -> Iterator[None]:
    """Set `hook` for the time of a with block."""
    global hook  # noqa: PLW0603 - one replaceable hook for the whole process is the point
    before, hook = hook, new
    try:
        yield
    finally:
        hook = before


def _step(step: str, path: Path) -> int | None:
    if hook is None:
        return None
    with _naming(path):
        return hook(step, path)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(path)
        raise


class File(io.RawIOBase):
    """A file that is only ever written at its end; also what pyarrow and gzip take for an open file."""

    def __init__(self, path: Path, *, is_new: bool) -> None:
        super().__init__()
        self.path = path
        self._fd = -1
        _step("create" if is_new else "open", path)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | (os.O_CREAT | os.O_EXCL if is_new else 0)
        self._fd = os.open(path, flags, 0o644)

    def write(self, data: bytes | bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Write all of `data`; after an error an unknown part of it is in the file."""
        rest = memoryview(data).cast("B")
        size = len(rest)
        while rest:
            limit = _step("write", self.path)
            with _naming(self.path):
                rest = rest[os.write(self._fd, rest if limit is None else rest[: max(limit, 1)]) :]
        return size

    def truncate(self, size: int | None = None, /) -> int:
        """Cut the file to `size` bytes."""
        size = self.tell() if size is None else size
        _step("truncate", self.path)
        with _naming(self.path):
            os.ftruncate(self._fd, size)
        return size

    def sync(self) -> None:
        """Make what was written survive a power cut; the file's name needs `sync_folder`.

        After an error the file's end is lost for good: the system forgets what it could not write, so a second call
        that succeeds proves nothing.
        """
        _step("fsync", self.path)
        with _naming(self.path):
            os.fsync(self._fd)

    def tell(self) -> int:
        """Size of the file, where the next byte goes."""
        return os.fstat(self._fd).st_size

    def fileno(self) -> int:
        """The descriptor."""
        return self._fd

    def writable(self) -> bool:
        """Always."""
        return True

    def close(self) -> None:
        """Close; what was not synced may be lost in a power cut."""
        if not self.closed and self._fd >= 0:
            os.close(self._fd)
        super().close()


def create(path: Path) -> File:
    """Create `path`, which must not exist (FileExistsError)."""
    return File(path, is_new=True)


def append(path: Path) -> File:
    """Open `path`, which must exist (FileNotFoundError), to write at its end."""
    return File(path, is_new=False)


def sync_file(path: Path) -> None:
    """Make a file that a library wrote survive a power cut."""
    with append(path) as file:
        file.sync()


def rename(source: Path, target: Path) -> None:
    """Put `source` in the place of `target` at once; durable after `sync_folder` of `target`'s folder."""
    _step("rename", target)
    source.replace(target)


def exchange(one: Path, other: Path) -> bool:
    """Let two files or folders change places at once, durable after `sync_folder` of both their folders.

    Returns False, with nothing changed, where the system has no such step: RENAME_EXCHANGE of Linux' renameat2(2).
    """
    _step("exchange", one)
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    if renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    error = ctypes.get_errno()
    if error in {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}:
        return False
    raise OSError(error, os.strerror(error), str(one))


def link(source: Path, target: Path) -> None:
    """Give a file a second name; durable after `sync_folder` of its folder. A copy where the system has no links."""
    _step("create", target)
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.EXDEV, errno.EMLINK, errno.ENOTSUP}:
            raise
        with create(target) as file:
            file.write(source.read_bytes())
            file.sync()


def unlink(path: Path) -> None:
    """Remove a file; one that is gone already is no error."""
    _step("unlink", path)
    path.unlink(missing_ok=True)


def sync_folder(path: Path) -> None:
    """Make the names in a folder survive a power cut."""
    _step("fsync_folder", path)
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with _naming(path):
            os.fsync(fd)
    finally:
        os.close(fd)


def make_folders(path: Path) -> None:
    """Create a folder and those above it so that they survive a power cut."""
    if path.is_dir():
        return
    make_folders(path.parent)
    _step("make_folder", path)
    path.mkdir(exist_ok=True)
    sync_folder(path.parent)


@contextmanager
def replacing(path: Path) -> Iterator[File]:
    """A file that takes the place of `path` at the end of the block: readers see the old or the new one.

    Also after a crash; when the block raises, the old one stays.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    unlink(draft)
    try:
        with create(draft) as file:
            yield file
            file.sync()
        rename(draft, path)
    except (Exception, KeyboardInterrupt):
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def replace(path: Path, data: bytes) -> None:
    """Put a small file with `data` in the place of `path`, as `replacing` does."""
    with replacing(path) as file:
        file.write(data)


def describe(error: OSError) -> str:
    """One line: the path, what happened, what to do."""
    reason = _HINTS.get(error.errno or 0) or error.strerror or str(error)
    return f"{error.filename or 'unknown file'}: {reason}"
