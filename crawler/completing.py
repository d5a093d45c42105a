"""What may come next on a `scrapy …` line: for shells, which wait for it, so with little more than this file.

Everything that commands know of themselves comes along in a table, made when the shell's script was printed; only the
sites are read.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.sites.folders import site_folders

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Table = Mapping[str, Mapping[str, Any]]
    """By command: `about`; `options`, each with what it takes, its choices and its help; `words`; `has_sites`."""

SITE = "SITE"
"""How commands call a key of a site in their usage."""
_SEEDS = "SEEDS_DIR="


def candidates(table: Table, typed: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Words that fit and what each is; `typed`: all after `scrapy`, the last one as far as it is typed."""
    earlier, current = list(typed[:-1]), typed[-1]
    for word, about in _possible(table, earlier, current):
        if word.startswith(current):
            yield word, about


def _possible(table: Table, earlier: list[str], current: str) -> Iterator[tuple[str, str]]:
    name = next((word for word in earlier if not word.startswith("-")), None)
    if name is None:
        yield from ((command, about["about"]) for command, about in table.items())
        return
    command = table.get(name, {})
    options, value = command.get("options", {}), _open_option(earlier)
    if value in options and options[value]["takes"]:
        yield from ((word, "") for word in options[value]["choices"])
        yield from _sites(earlier, is_wanted=options[value]["takes"] == SITE)
    elif current.startswith("-"):
        yield from ((option, about["help"]) for option, about in options.items() if option not in earlier)
    else:
        words = command.get("words", ())
        if not words or any(word in earlier for word in words):
            yield from _sites(earlier, is_wanted=command.get("has_sites", False))
        else:
            yield from ((word, "") for word in words)


def _open_option(earlier: list[str]) -> str:
    """The option whose value is typed; bash takes `--site=x` for three words."""
    words = earlier[:-1] if earlier[-1:] == ["="] else earlier
    return words[-1]


def _sites(earlier: list[str], *, is_wanted: bool) -> Iterator[tuple[str, str]]:
    if not is_wanted:
        return
    given = [word.removeprefix(_SEEDS) for word in earlier if word.startswith(_SEEDS)]
    with suppress(OSError):
        found = site_folders(Path(given[-1]) if given else _default_folder())
        yield from ((site, "") for site in found if site not in earlier)


def _default_folder() -> Path:
    """`seeds` here, or beside the `scrapy.cfg` of a folder above."""
    here = Path.cwd()
    above = (folder / "seeds" for folder in (here, *here.parents) if (folder / "scrapy.cfg").is_file())
    return next(above, here / "seeds")


def main() -> None:
    """Called by the script of a shell: its name, the table as JSON, the words."""
    shell, table, *typed = sys.argv[1:]
    for word, about in candidates(json.loads(table), typed or [""]):
        sys.stdout.write(_line(shell, word, about) + "\n")


def _line(shell: str, word: str, about: str) -> str:
    if shell == "zsh":
        return word.replace(":", "\\:") + (f":{about}" if about else "")
    return f"{word}\t{about}" if shell == "fish" and about else word
