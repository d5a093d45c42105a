"""What the seeds are about: the texts that articles are compared with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from crawler.errors import ProfileError

if TYPE_CHECKING:
    from pathlib import Path


def seed_texts(seeds_dir: Path) -> dict[str, str]:
    """Title, lede and body of every seed's gold, by `<site>/<number>`.

    Raises ProfileError naming the file when a gold file cannot be read.
    """
    return {f"{path.parent.name}/{path.stem}": _text(path) for path in sorted(seeds_dir.glob("*/[0-9][0-9].json"))}


def _text(path: Path) -> str:
    try:
        gold = json.loads(path.read_text(encoding="utf-8"))
        return "\n\n".join(filter(None, [gold["title"], gold.get("lede"), *gold["body"]]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ProfileError(f"{path}: no gold file ({error})") from None
