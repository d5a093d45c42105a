"""Which published corpus a working folder belongs to, and under which name it writes there."""

from __future__ import annotations

import os
import secrets
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from crawler import disk
from crawler.errors import CorpusError, OptionError
from crawler.state.store import STATE_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from crawler.publishing.commits import Published

BINDING_FILE = "published.json"
NUMBERS_FOLDER = "publishing"


class Binding(msgspec.Struct, kw_only=True):
    """`OUTPUT_DIR`/published.json."""

    url: str
    corpus: str = ""
    """Empty until something is published."""
    writer: str = ""
    is_index_old: bool = False
    """Rows were brought in to be read: the index of duplicates knows nothing of them."""
    is_archive_doubtful: bool = False
    """Something began to change archive files that are published: they are compared byte by byte next time."""


def bind(output: Path, url: str, published: Published) -> Binding:
    """The binding of a working folder, made at the first time.

    Raises OptionError when the folder holds another corpus than the one at `url`, CorpusError for a damaged file.
    """
    path = output / BINDING_FILE
    binding = read(output)
    if binding is None:
        if published.number and (output / STATE_FILE).exists():
            raise _foreign(output, url)
        return _made(path, Binding(url=url, writer=f"{socket.gethostname()}-{secrets.token_hex(6)}"))
    if not published.number:  # an empty storage: all of this folder goes there
        return msgspec.structs.replace(binding, url=url, corpus="")
    if binding.corpus == published.corpus or (not binding.corpus and binding.url == url):
        return msgspec.structs.replace(binding, url=url)
    raise _foreign(output, url)


def _foreign(output: Path, url: str) -> OptionError:
    return OptionError(f"{output}: holds another corpus than {url}; give an empty folder with -s OUTPUT_DIR=FOLDER")


def _made(path: Path, binding: Binding) -> Binding:
    """Make the file; another process of the same folder may have been first, then its binding counts."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        disk.make_folders(path.parent)
        disk.unlink(draft)
        with disk.create(draft) as file:
            file.write(msgspec.json.encode(binding))
            file.sync()
        with suppress(FileExistsError):
            disk.link(draft, path)
        disk.unlink(draft)
        disk.sync_folder(path.parent)
    except OSError as error:
        raise CorpusError(disk.describe(error)) from error
    return read(path.parent) or binding


def save(output: Path, binding: Binding) -> None:
    """Note the binding durably. Raises CorpusError."""
    try:
        disk.replace(output / BINDING_FILE, msgspec.json.encode(binding))
    except OSError as error:
        raise CorpusError(disk.describe(error)) from error


def last_number(output: Path, site: str) -> int:
    """Number of the last commit of a site that this folder knows to be its own; 0: none."""
    try:
        return int((output / NUMBERS_FOLDER / site).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0


def note_number(output: Path, sites: Iterable[str], number: int) -> None:
    """Note it. Raises CorpusError."""
    try:
        disk.make_folders(output / NUMBERS_FOLDER)
        for site in sites:
            disk.replace(output / NUMBERS_FOLDER / site, str(number).encode())
    except OSError as error:
        raise CorpusError(disk.describe(error)) from error


def read(output: Path) -> Binding | None:
    """The binding, or None where there is none. Raises CorpusError for a damaged file."""
    path = output / BINDING_FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Binding)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise CorpusError(f"{path}: {error}; start with an empty folder: -s OUTPUT_DIR=FOLDER") from error
