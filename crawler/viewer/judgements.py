"""What people think of articles: good or bad, one line each in `output/judgements.jsonl`; the last word counts.

Not in the state file: that can be made anew from archive and corpus, and a judgement cannot.
"""

from __future__ import annotations

import threading
from datetime import datetime  # noqa: TC003 - msgspec reads the annotation at run time
from typing import TYPE_CHECKING, Literal

import msgspec

from crawler import disk
from crawler.errors import CorpusError

if TYPE_CHECKING:
    from pathlib import Path

JUDGEMENTS_FILE = "judgements.jsonl"
_writing = threading.Lock()


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """One line."""

    id: str
    """Of the article."""
    site: str
    url: str
    verdict: Literal["good", "bad", "seed", ""]
    """`seed`: somebody made a seed of it; empty: taken back."""
    judged_at: datetime
    """UTC."""


def judge(output: Path, judgement: Judgement) -> None:
    """Add a line, durably. Raises CorpusError when it cannot be written."""
    path = output / JUDGEMENTS_FILE
    try:
        with _writing:
            is_new = not path.exists()
            with disk.create(path) if is_new else disk.append(path) as file:
                file.write(b"\n" + msgspec.json.encode(judgement) + b"\n")  # the line before may be torn
                file.sync()
            if is_new:
                disk.sync_folder(output)
    except OSError as error:
        raise CorpusError(disk.describe(error)) from error


def judgements(output: Path) -> dict[str, Judgement]:
    """The last judgement on each article, by id; lines that cannot be read, such as a torn last one, are left aside."""
    found: dict[str, Judgement] = {}
    try:
        lines = (output / JUDGEMENTS_FILE).read_bytes().splitlines()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise CorpusError(disk.describe(error)) from error
    decoder = msgspec.json.Decoder(Judgement)
    for line in filter(None, lines):
        try:
            judgement = decoder.decode(line)
        except msgspec.DecodeError:
            continue
        found[judgement.id] = judgement
    return {key: one for key, one in found.items() if one.verdict}
