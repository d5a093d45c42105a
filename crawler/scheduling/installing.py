"""Writes units for other schedulers, and says how to enable them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.utils.conf import closest_scrapy_cfg

from crawler import disk
from crawler.errors import OptionError
from crawler.scheduling.units import NAME, Place, cron_job, crontab_line, systemd_units

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

KINDS = ("systemd", "cron", "kubernetes")


def kinds_of(opts: argparse.Namespace) -> list[str]:
    """Which of KINDS the command line asks for."""
    return [kind for kind in KINDS if getattr(opts, kind)]


def install(kinds: Sequence[str], output: Path, settings: Sequence[str], folder: Path | None, image: str) -> str:
    """Write the files into `folder`, or give their text when that is None; with how to enable them.

    Raises OptionError when a file cannot be written.
    """
    project = Path(closest_scrapy_cfg()).parent.absolute()
    place = Place(project, Path(sys.executable), output, tuple(settings))
    said = []
    for kind in kinds:
        files = _files(kind, place, image)
        said += [_write(folder, files)] if folder else [f"# {name}\n{text}" for name, text in files.items()]
        said.append(_advice(kind, folder or Path()))
    return "\n".join(said)


def _files(kind: str, place: Place, image: str) -> dict[str, str]:
    if kind == "systemd":
        return systemd_units(place)
    return {f"{NAME}.cron": crontab_line(place)} if kind == "cron" else {f"{NAME}.yaml": cron_job(place, image)}


def _write(folder: Path, files: dict[str, str]) -> str:
    try:
        disk.make_folders(folder)
        for name, text in files.items():
            disk.replace(folder / name, text.encode())
    except OSError as error:
        raise OptionError(disk.describe(error)) from error
    return "\n".join(f"wrote {folder / name}" for name in files)


def _advice(kind: str, folder: Path) -> str:
    match kind:
        case "systemd":
            return (
                f"to enable:  cp {folder / NAME}.service {folder / NAME}.timer ~/.config/systemd/user/"
                f" && systemctl --user enable --now {NAME}.timer && loginctl enable-linger\n"
                f"to look:    systemctl --user list-timers; journalctl --user -u {NAME}\n"
            )
        case "cron":
            return f"to enable:  (crontab -l; cat {folder / NAME}.cron) | crontab -\n"
        case _:
            return f"to enable:  kubectl apply -f {folder / NAME}.yaml (needs a volume claim {NAME}-output)\n"
