"""The one SQLite file that says what is committed, shared by a process per site."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from crawler import disk
from crawler.errors import CorpusError, DamagedError, FencedError
from crawler.state.tables import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

STATE_FILE = "state.sqlite"
BUSY_SECONDS = 30.0
"""How long a process waits for another one's transaction; a commit of 1,000 articles takes one to three seconds."""
MAX_WAITS = 20
"""How often it waits again while a replacement of a whole site is announced: that takes 2 to 3 s per 1,000 articles."""


class Store:
    """Connection to `output`/state.sqlite: WAL, synchronous=FULL, foreign keys, no pickle.

    One thread at a time: `transaction` and the reads hold a lock of the object, so that another thread never sees
    half a transaction. A second object on the same file is a second writer and waits up to `BUSY_SECONDS`.
    """

    def __init__(self, output: Path, *, is_read_only: bool = False) -> None:
        """Open the state of `output`, making or migrating it; `is_read_only` changes nothing and needs the file.

        Raises CorpusError when the file is missing, damaged, of a newer version, or cannot be written.
        """
        self.output = output
        self.path = output / STATE_FILE
        self._epochs: dict[str, int] = {}
        self._lock = threading.RLock()
        self._depth = 0
        with self.plain_errors():
            if is_read_only and not self.path.is_file():
                raise CorpusError(f"{self.path}: no such file; nothing was collected into this folder yet")
            if not is_read_only:
                disk.make_folders(self.output)
            self._connection = self._connect("ro" if is_read_only else "rwc")
            try:
                self._set_up(is_read_only)
            except BaseException:
                self._connection.close()
                raise

    def _connect(self, mode: str) -> sqlite3.Connection:
        return sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )

    def _set_up(self, is_read_only: bool) -> None:  # noqa: FBT001 - private, one caller
        if not is_read_only:
            self._write_ahead()
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.execute("PRAGMA trusted_schema = OFF")
        if self._version() > len(MIGRATIONS):
            raise CorpusError(f"{self.path}: written by a newer release (version {self._version()}); update this one")
        if not is_read_only and self._version() < len(MIGRATIONS):
            self._migrate()

    def _write_ahead(self) -> None:
        # SQLite does not wait for its busy timeout where several processes make or leave one file at once
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if not _is_busy(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                return

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA user_version").fetchone()[0])

    def _migrate(self) -> None:
        with self.transaction() as connection:
            for script in MIGRATIONS[self._version() :]:
                for statement in _statements(script):
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    def hold(self, site: str, epoch: int) -> None:
        """From now on every transaction checks that `epoch` is still the newest writer of `site`."""
        self._epochs[site] = epoch

    def release(self, site: str) -> None:
        """Stop checking `site`."""
        self._epochs.pop(site, None)

    def epoch(self, site: str) -> int:
        """The epoch held for `site`.

        Raises FencedError when none is held: nobody may write for a site without its lock.
        """
        if site not in self._epochs:
            raise FencedError(f"{site}: written without its lock; take SiteLock first")
        return self._epochs[site]

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing: BEGIN IMMEDIATE, fencing check, and COMMIT at the end of the outermost `with`.

        Inside another `transaction` of the same object it joins that one. The connection is only for this block.
        Raises FencedError when another process has taken over a held site, CorpusError when the disk is full, the
        file is damaged or another process keeps the write lock.
        """
        with self._lock, self.plain_errors():
            if self._depth:
                yield self._connection
                return
            self._begin()
            self._depth = 1
            try:
                self._check_epochs()
                yield self._connection
                self._step("commit")
                self._connection.execute("COMMIT")
            finally:
                self._depth = 0
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
            self._step("committed")

    def _begin(self) -> None:
        for _ in range(MAX_WAITS):
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if not _is_busy(error) or not self._is_swap_announced():
                    raise
            else:
                return
        self._connection.execute("BEGIN IMMEDIATE")

    def _is_swap_announced(self) -> bool:
        return self._version() > 0 and bool(self._connection.execute("SELECT 1 FROM swaps LIMIT 1").fetchone())

    def _step(self, step: str) -> None:
        # two steps more for the hook of crash tests: SQLite's own files do not pass through `disk`
        if disk.hook is not None:
            disk.hook(step, self.path)

    def _check_epochs(self) -> None:
        for site, epoch in self._epochs.items():
            row = self._connection.execute("SELECT epoch, pid, host FROM writers WHERE site = ?", (site,)).fetchone()
            if row is None or row[0] != epoch:
                newer = f"process {row[1]} on {row[2]}" if row else "nobody"
                raise FencedError(f"{site}: this process was taken for dead and {newer} writes now; nothing written")

    def rows(self, query: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[Any]:
        """All rows of a reading `query`.

        Raises CorpusError when the file cannot be read.
        """
        with self._lock, self.plain_errors():
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def plain_errors(self) -> Iterator[None]:
        """Turn SQLite's and the system's errors inside the block into one-line CorpusErrors that name the file."""
        try:
            yield
        except sqlite3.Error as error:
            kind = DamagedError if _is_damaged(error) else CorpusError
            raise kind(f"{self.path}: {_advice(error)}") from error
        except OSError as error:
            raise CorpusError(disk.describe(error)) from error

    def close(self) -> None:
        """Close the file; the object cannot be used afterwards."""
        with self._lock, self.plain_errors():
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _is_busy(error: sqlite3.Error) -> bool:
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


def _is_damaged(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _statements(script: str) -> Iterator[str]:
    """Single statements of a script: `executescript` would commit the migration's transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _advice(error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    match code:
        case sqlite3.SQLITE_FULL:
            return "no space left; free some and run the same command again, what was committed is whole"
        case sqlite3.SQLITE_BUSY:
            return f"another process has kept it locked for {BUSY_SECONDS:.0f} s; wait for it and run again"
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return f"damaged ({error}); the next crawl moves it aside and makes it anew from archive and corpus"
        case _:
            return f"{error}; what was committed is whole"
