"""Runs the benchmarks whose results stand in docs/, and writes the results there: `make bench`.

    python benchmarks/run.py [NAME ...]

A page in docs/ says which by a pair of comments, `<!-- bench:NAME ARGUMENTS -->` and `<!-- /bench:NAME -->`: what
stands between them becomes what `benchmarks/NAME.py ARGUMENTS` prints, as it is when that is a Markdown table, else as
a block of plain text. A benchmark that fails leaves its block as it was, and the exit code is 1.
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
    wanted = set(sys.argv[1:])
    outcomes = [rewrite(page, wanted) for page in sorted((ROOT / "docs").glob("*.md"))]
    return 0 if all(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
