"""Who may write: one process per site, or one alone for the whole output folder."""

from __future__ import annotations

import fcntl
import json
import os
import re
import socket
import weakref
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Self

from crawler import disk
from crawler.errors import CorpusError, LockedError
from crawler.state.instants import now, to_micros

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.state.store import Store

LOCKS_FOLDER = "locks"
_SITE_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_WHOLE = "output.lock"
_held: weakref.WeakSet[FileLock] = weakref.WeakSet()


class FileLock:
    """An flock that tells who holds it. The system lets go of it when the process ends, however it ends."""

    def __init__(self, path: Path, name: str) -> None:
        """`name`: what the message of a refusal calls it."""
        self.path = path
        self.name = name
        self._file: IO[bytes] | None = None
        self._is_signed = False

    def take(self, run_id: str, *, is_shared: bool = False) -> None:
        """Take it at once. Raises LockedError when another process has it; OSError."""
        disk.make_folders(self.path.parent)
        # append mode creates the file and never empties another holder's
        file = self.path.open("ab+", buffering=0)
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            self._file = file
            _held.add(self)
            if not is_shared:
                file.truncate(0)
                file.write(_words(run_id))
                self._is_signed = True
        except BlockingIOError:
            file.close()
            raise LockedError(f"{self.name}: being written by {_holder(self.path)}; wait for it or stop it") from None

    def fileno(self) -> int:
        """Descriptor of the taken lock, for a child process that shall hold it as well."""
        assert self._file is not None  # noqa: S101 - for whoever took it
        return self._file.fileno()

    def drop(self) -> None:
        """Let go of it; harmless when it is not held."""
        if self._file is not None:
            if self._is_signed:
                self._file.truncate(0)
            fcntl.flock(self._file, fcntl.LOCK_UN)
            self.forget()

    def forget(self) -> None:
        """Close it here; a child that got the descriptor goes on holding it."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _words(run_id: str) -> bytes:
    started = f"{now():%Y-%m-%dT%H:%M:%SZ}"
    return json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "started": started, "run_id": run_id}).encode()


def _holder(path: Path) -> str:
    """Who holds the lock at `path`; a shared lock is signed by nobody, so the sites' locks tell who has it."""
    signed = [_signature(path)]
    if path.name == _WHOLE:
        signed += [_signature(other) for other in sorted(path.parent.glob("*.lock")) if other != path]
    return next((line for line in signed if line), "another process")


def _signature(path: Path) -> str:
    with suppress(OSError, ValueError, KeyError, TypeError):
        words = json.loads(path.read_bytes()[:4096])
        return f"process {words['pid']} on {words['host']} since {words['started']} (run {words['run_id']})"
    return ""


def is_being_written(output: Path, site: str) -> bool:
    """Whether a process holds the site, or the whole output, so that a crawl of the site would be refused now."""
    folder = output / LOCKS_FOLDER
    return any(_is_held(folder / name) for name in (f"{site}.lock", _WHOLE))


def _is_held(path: Path) -> bool:
    if not _signature(path):  # asking nicely first: trying the lock would refuse whoever takes it at this moment
        return False
    lock = FileLock(path, path.name)
    try:
        lock.take("look", is_shared=True)
    except LockedError:
        return True
    except OSError:
        return False
    lock.drop()
    return False


def _forget_in_child() -> None:
    # a forked worker that outlives its parent would keep the parent's flock alive
    for lock in list(_held):
        lock.forget()


os.register_at_fork(after_in_child=_forget_in_child)


class SiteLock:
    """The right to write one site: flock on `output/locks/<site>.lock`, held until `release` or the process's end.

    Taking it raises the site's epoch in the state by one, so that a holder thought dead (frozen machine, deleted lock
    file) fails at its next transaction instead of mixing its rows in.
    """

    def __init__(self, store: Store, site: str, run_id: str) -> None:
        """Take the lock.

        Raises LockedError, at once, naming pid, host and since when, if another process holds this site or the
        whole output; CorpusError when the lock file cannot be written or `site` cannot be a file name.
        """
        if not _SITE_KEY.fullmatch(site) or f"{site}.lock" == _WHOLE:
            raise CorpusError(
                f"{site!r} cannot be the key of a site: letters, digits, `_`, `-` and `.` only, and not `output`"
            )
        self._store = store
        self.site = site
        self.run_id = run_id
        folder = store.output / LOCKS_FOLDER
        self._whole = FileLock(folder / _WHOLE, str(store.output))
        self._own = FileLock(folder / f"{site}.lock", site)
        with store.plain_errors():
            self._whole.take(run_id, is_shared=True)
            try:
                self._own.take(run_id)
                self.epoch = self._next_epoch()
            except BaseException:
                self._own.drop()
                self._whole.drop()
                raise
        store.hold(site, self.epoch)

    def _next_epoch(self) -> int:
        values = (self.site, self.run_id, socket.gethostname(), os.getpid(), to_micros(now()))
        with self._store.transaction() as connection:
            row = connection.execute(
                "INSERT INTO writers (site, epoch, run_id, host, pid, started_at) VALUES (?, 1, ?, ?, ?, ?)"
                " ON CONFLICT (site) DO UPDATE SET epoch = epoch + 1, run_id = excluded.run_id,"
                " host = excluded.host, pid = excluded.pid, started_at = excluded.started_at RETURNING epoch",
                values,
            ).fetchone()
        return int(row[0])

    def raise_to(self, epoch: int) -> None:
        """Hold at least `epoch`: archive files are named by it, and other folders may have used those before."""
        if epoch > self.epoch:
            with self._store.transaction() as connection:
                connection.execute("UPDATE writers SET epoch = ? WHERE site = ?", (epoch, self.site))
            self.epoch = epoch
            self._store.hold(self.site, epoch)

    def release(self) -> None:
        """Let others write the site; harmless when done twice."""
        self._store.release(self.site)
        self._own.drop()
        self._whole.drop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


class OutputLock:
    """The right to write every site at once, as compaction and rebuilding need it: excludes every `SiteLock`."""

    def __init__(self, output: Path, run_id: str) -> None:
        """Take it.

        Raises LockedError, at once, when any process holds a site or the whole output; CorpusError when the lock
        file cannot be written.
        """
        self._file = FileLock(output / LOCKS_FOLDER / _WHOLE, str(output))
        try:
            self._file.take(run_id)
        except OSError as error:
            self._file.drop()
            raise CorpusError(disk.describe(error)) from error

    def release(self) -> None:
        """Let others write; harmless when done twice."""
        self._file.drop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
