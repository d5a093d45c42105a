"""Where the profiles are, without reading one: listing three hundred sites must not cost what reading them does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.plugins import installed_sites

if TYPE_CHECKING:
    from pathlib import Path

PROFILE_FILE = "profile.toml"


def site_folders(seeds_dir: Path) -> dict[str, Path]:
    """Folder of each site by key: those of installed packages, and before them those below `seeds_dir`."""
    paths = [path for parent in (*installed_sites(), seeds_dir) for path in parent.glob(f"*/{PROFILE_FILE}")]
    folders = {path.parent.name: path.parent for path in paths}
    return dict(sorted(folders.items()))
