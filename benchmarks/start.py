"""How fast commands start: `scrapy list` and `scrapy inspect` beside `scrapy version`, which imports Scrapy alone.

    python benchmarks/start.py [--rows 1000000] [--sites 300] [--rounds 9] [--keep FOLDER]

The profiles of the seeds, each many times with selectors of its own, and a made-up corpus (made_corpus.py). The
commands take turns. Prints a table in Markdown; fails when `list` takes more than 1.3 times, or the first line of
`inspect` more than 2 times what `version` takes, both in CPU and by the clock.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from figures import machine, ratio, spread
from made_corpus import made, parse
from newsstand import ROOT, scrapy

LIMITS = {"list": 1.3, "inspect": 2.0}
_CLASS = re.compile(r'(?<=[."#])([a-z][a-z-]+)(?="\])')


class Start(NamedTuple):
    """Of one command, in seconds; CPU is user and system time of all its threads."""

    first: float
    """To its first line."""
    first_cpu: float
    last: float
    last_cpu: float


def write_profiles(seeds: Path, n_sites: int) -> None:
    """As many profiles as that; no two have the same selectors, as no two papers have."""
    profiles = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "seeds").glob("*/profile.toml"))]
    for number in range(n_sites):
        folder = seeds / f"bao_{number:04d}"
        folder.mkdir(parents=True)
        own = _CLASS.sub(rf"\1-{number}", profiles[number % len(profiles)])
        (folder / "profile.toml").write_text(own, encoding="utf-8")


def started(command: list[str]) -> Start:
    """Run it once."""
    before, began = os.times(), time.monotonic()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        process.stdout.readline() if process.stdout else None
        first, first_cpu = time.monotonic() - began, _cpu_until_now(process.pid)
        process.communicate()
    after = os.times()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Start(first, first_cpu, time.monotonic() - began, cpu)


def _cpu_until_now(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> int:
    """Take turns, print the table, judge."""
    options = parse(__doc__, rounds=9)
    with made(options) as output, tempfile.TemporaryDirectory() as folder:
        seeds = Path(folder) / "seeds"
        write_profiles(seeds, options.sites)
        settings = {"SEEDS_DIR": seeds, "OUTPUT_DIR": output}
        commands = {
            "version": scrapy("version"),
            "--help": scrapy("--help"),
            "list": scrapy("list", **settings),
            "inspect": scrapy("inspect", "--sample", 0, **settings),
        }
        taken: dict[str, list[Start]] = {name: [] for name in commands}
        for _ in range(options.rounds):
            for name, command in commands.items():
                taken[name].append(started(command))
    print(
        f"{options.sites} sites, {options.rows:,} articles; {options.rounds} rounds. {machine(('scrapy', 'twisted'))}\n"
    )
    return report(taken)


def report(taken: dict[str, list[Start]]) -> int:
    """The table; 1 when a limit is passed. What `version` takes from its first import to its exit is the measure."""
    print("| | CPU, s | seconds | CPU, `version` = 1 | seconds, `version` = 1 | at most |\n|---|---|---|---|---|---|")
    usual_cpu, usual = [one.last_cpu for one in taken["version"]], [one.last for one in taken["version"]]
    is_fine = True
    for name, starts in taken.items():
        is_first = name == "inspect"
        cpu = [one.first_cpu if is_first else one.last_cpu for one in starts]
        seconds = [one.first if is_first else one.last for one in starts]
        dearer, slower, limit = ratio(usual_cpu, cpu), ratio(usual, seconds), LIMITS.get(name)
        what = f"`scrapy {name}`{', first output' if is_first else ''}"
        cells = (spread(cpu, 2), spread(seconds, 2), f"{dearer:.2f}", f"{slower:.2f}", str(limit or ""))
        print(f"| {what} | {' | '.join(cells)} |")
        is_fine &= limit is None or (dearer <= limit and slower <= limit)
    whole = median(one.last_cpu for one in taken["inspect"]), median(one.last for one in taken["inspect"])
    print(f"\nAll of `scrapy inspect`, every row read: {whole[0]:.2f} s of CPU, {whole[1]:.2f} s.")
    return 0 if is_fine else 1


if __name__ == "__main__":
    raise SystemExit(main())
