"""How far long work is: a bar with rate and time left on a terminal, elsewhere a line a minute on stderr."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable

    Tell = Callable[[int, int], None]
    """Takes how much is done and how much there is to do; 0 where nobody knows."""

DRAW_SECONDS = 0.1
LINE_SECONDS = 60.0
"""Between two lines where there is no terminal; that of a crawl, too."""


def time_left(n_done: float, n_all: float, seconds: float) -> str:
    """`40 s left` at the rate so far; empty while nothing can be said."""
    if n_done <= 0 or n_done >= n_all or seconds <= 0:
        return ""
    rest = seconds * (n_all - n_done) / n_done
    hours, minutes = divmod(round(rest / 60), 60)
    if hours:
        return f"{hours:,} h {minutes} min left"
    return f"{minutes} min left" if rest >= 90 else f"{max(1, round(rest))} s left"  # noqa: PLR2004 - seconds


def describe(n_done: int, n_all: int, unit: str, seconds: float) -> str:
    """`1,200 of 20,000 files, 35.1/s, 9 min left`; `n_all` 0: how many there will be is not known."""
    count = f"{n_done:,} of {n_all:,} {unit}" if n_all else f"{n_done:,} {unit}"
    rate = f"{n_done / seconds:,.1f}/s" if n_done and seconds > 0 else ""
    return ", ".join(filter(None, (count, rate, time_left(n_done, n_all, seconds))))


class Progress:
    """Shows how far work is while it is entered; to be called with how much is done and how much there is to do."""

    def __init__(self, name: str, unit: str, *, is_quiet: bool = False) -> None:
        """`name`: what is done, as people call it; `unit`: what is counted."""
        self._name = name
        self._unit = unit
        self._is_quiet = is_quiet
        self._bar: Any = None
        self._task: Any = None
        self._begun_at = self._told_at = time.monotonic()

    def __enter__(self) -> Self:
        self._begun_at = self._told_at = time.monotonic()
        if not self._is_quiet and sys.stderr.isatty():
            self._bar = _bar()
            self._bar.start()
            self._task = self._bar.add_task(self._name, total=None, line="")
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Give the terminal back; may be called from another thread."""
        bar, self._bar = self._bar, None
        if bar is not None:
            bar.stop()

    def __call__(self, n_done: int, n_all: int = 0) -> None:
        """May be called for every row: what is shown changes ten times a second."""
        now = time.monotonic()
        pause = LINE_SECONDS if self._bar is None else DRAW_SECONDS
        if self._is_quiet or now - self._told_at < pause:
            return
        self._told_at = now
        line = describe(n_done, n_all, self._unit, now - self._begun_at)
        if (bar := self._bar) is not None:
            bar.update(self._task, completed=n_done, total=n_all or None, line=line)
        else:
            print(f"{self._name}: {line}", file=sys.stderr, flush=True)  # noqa: T201 - no log line: shown at every level

    def phase(self, name: str, unit: str) -> Tell:
        """To be called for a part of the work that is counted by itself."""

        def tell(n_done: int, n_all: int) -> None:
            if self._name != name:
                self._name, self._unit, self._begun_at = name, unit, time.monotonic()
                if self._bar is not None:
                    self._bar.update(self._task, description=name, line="")
            self(n_done, n_all)

        return tell


def unwatched(_name: str, _unit: str) -> Tell:
    """A `Progress.phase` for nobody."""
    return silent


def silent(_n_done: int, _n_all: int) -> None:
    """A `Tell` for nobody."""


def _bar() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn
    from rich.progress import Progress as Display

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(24), TextColumn("{task.fields[line]}"))
    return Display(*columns, console=Console(stderr=True), transient=True)
