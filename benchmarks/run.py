"""Runs the benchmarks whose results stand in docs/, and writes the results there: `make bench`.

    python benchmarks/run.py [--quick] [NAME ...]

A page in docs/ says which by a pair of comments, `<!-- bench:NAME ARGUMENTS -->` and `<!-- /bench:NAME -->`: what
stands between them becomes what `benchmarks/NAME.py ARGUMENTS` prints, as it is when that is a Markdown table, else as
a block of plain text. A benchmark that fails leaves its block as it was, and the exit code is 1. `--quick` takes small
numbers, prints what comes of it and writes nothing: whether all of them still run, and a first impression.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
QUICK = {
    "archive": "'' 500",
    "crawl": "--pages 100 --rounds 1",
    "extraction": "--sets vi_families --choices 1",
    "floor": "--pages 100 --rounds 1 --sets vi_sites",
    "frontier": "20000",
    "growth": "--sizes 2000 20000 --turns 2",
    "peers": "--pages 100 --few 20 --rounds 1",
    "start": "--rows 20000 --rounds 3",
}
"""Arguments of the quick form; what is not here is left out of it."""
BLOCK = re.compile(
    r"(?P<head><!-- bench:(?P<name>[a-z_]+)(?P<arguments>[^\n]*?) -->\n).*?(?P<tail><!-- /bench:(?P=name) -->)",
    re.DOTALL,
)


def result(name: str, arguments: str) -> str | None:
    """What the benchmark prints, ready for Markdown; None when it fails."""
    command = [sys.executable, str(HERE / f"{name}.py"), *shlex.split(arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = time.monotonic()
    print(f"{name}{arguments} ...", flush=True)
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode or not done.stdout.strip():
        print(f"{name}{arguments}: failed with exit code {done.returncode}; its block stays as it was")
        return None
    print(f"{name}{arguments}: {time.monotonic() - started:.0f} s")
    text = done.stdout.strip("\n")
    return text if re.search(r"^\|", text, re.MULTILINE) else f"```\n{text}\n```"


def try_all(page: Path, wanted: set[str]) -> bool:
    """The quick form of what `page` asks for."""
    names = {match["name"] for match in BLOCK.finditer(page.read_text(encoding="utf-8"))} & QUICK.keys()
    is_fine = True
    for name in sorted(names & wanted if wanted else names):
        text = result(name, f" {QUICK[name]}")
        is_fine &= text is not None
        print(text or "")
    return is_fine


def rewrite(page: Path, wanted: set[str]) -> bool:
    """Run what `page` asks for and is `wanted` (nothing: all); False when one of them failed."""
    is_fine = True
    for match in BLOCK.finditer(page.read_text(encoding="utf-8")):
        if wanted and match["name"] not in wanted:
            continue
        text = result(match["name"], match["arguments"])
        if text is None:
            is_fine = False
            continue
        put(page, match["head"], text)
    return is_fine


def put(page: Path, head: str, text: str) -> None:
    """Write `text` into the block that begins with `head`, in the page as it is by now: minutes have passed."""
    found = BLOCK.finditer(now := page.read_text(encoding="utf-8"))
    block = next((match for match in found if match["head"] == head), None)
    if block is not None:
        page.write_text(now[: block.end("head")] + text + "\n" + now[block.start("tail") :], encoding="utf-8")


def main() -> int:
    """All pages, in alphabetical order."""
    wanted = set(sys.argv[1:]) - {"--quick"}
    take = try_all if "--quick" in sys.argv else rewrite
    outcomes = [take(page, wanted) for page in sorted((ROOT / "docs").glob("*.md"))]
    return 0 if all(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
