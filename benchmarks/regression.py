"""Instructions that a page costs, against pinned figures: a slow change is seen on a machine however noisy.

    python benchmarks/regression.py [--pin]

Callgrind counts the instructions of each step of PARTS over a few made-up pages (made_pages.py) after a warm-up, in one
process under valgrind; start-up is not counted, and runs at valgrind's own speed. Fails when a figure is more than
TOLERANCE above that of regression.toml; one that is as much below asks to be pinned. `--pin` writes the figures down.

What makes counts differ from machine to machine is taken away: hash seeds, addresses, threads, and the vector
instructions that numpy, Arrow, glibc and OpenBLAS choose by the processor (valgrind itself offers none above AVX2).
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
PINNED = HERE / "regression.toml"
TOLERANCE = 0.10
N_PAGES, WARM_UP = 6, 2
REPEATED = {"normalise and judge": 2, "signature": 10, "Parquet": 4}
"""How often a part is done while it is counted, so that waiting beside it does not count."""
PATIENCE_SECONDS = 900.0
LOOK_SECONDS = 0.1
SAME_EVERYWHERE = {
    "PYTHONHASHSEED": "0",
    "PYTHONPATH": str(HERE.parent),
    "ARROW_USER_SIMD_LEVEL": "NONE",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2_Usable,-AVX2,-AVX_Fast_Unaligned_Load,-ERMS,-FSRM",
    "LC_ALL": "C.UTF-8",
    "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_CORETYPE": "Nehalem",
    "OPENBLAS_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "TZ": "UTC",
}


def parts() -> dict[str, Callable[[], object]]:
    """Every step over N_PAGES articles, each with what the step before gave."""
    from made_pages import made_pages

    from crawler.corpus.parts import encode
    from crawler.corpus.rows import article_row
    from crawler.corpus.schema import Dataset
    from crawler.dedup.signatures import sign
    from crawler.extraction.article import extract
    from crawler.items import Article
    from crawler.refinement.normalise import normalise
    from crawler.refinement.quality import judge

    profile, pages = made_pages(N_PAGES)
    extracted = [one for one in (extract(page, profile) for page in pages) if isinstance(one, Article)]
    judged = [one for one in (judge(normalise(one), profile) for one in extracted) if isinstance(one, Article)]
    signed = [sign(one) for one in judged]
    if len(signed) != N_PAGES:
        raise SystemExit(f"{len(signed)} of {N_PAGES} made-up pages became articles")
    return {
        "extraction": lambda: [extract(page, profile) for page in pages],
        "normalise and judge": lambda: [judge(normalise(one), profile) for one in extracted],
        "signature": lambda: [sign(one) for one in judged],
        "Parquet": lambda: encode(Dataset.ARTICLES, [article_row(one) for one in signed]),
    }


def be_counted(channel: Path) -> None:
    """The process under valgrind: each part when the parent has switched counting on, said by files in `channel`."""
    for number, (name, work) in enumerate(parts().items()):
        for _ in range(WARM_UP):
            work()
        (channel / "name").write_text(name, encoding="utf-8")
        (channel / f"ready-{number}").touch()
        _wait_for(channel / f"go-{number}")
        for _ in range(REPEATED.get(name, 1)):
            work()
        (channel / f"done-{number}").touch()
        _wait_for(channel / f"counted-{number}")
    (channel / "end").touch()


def _wait_for(path: Path) -> None:
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while not path.exists():
        if time.monotonic() > ends_at:
            raise SystemExit(f"{path.name} never came")
        time.sleep(LOOK_SECONDS)


def count() -> dict[str, int]:
    """Instructions a page of each part."""
    with tempfile.TemporaryDirectory() as name:
        channel = Path(name)
        options = ("--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={channel}/out", "--vgdb=yes",
                   f"--vgdb-prefix={channel}/vgdb", "--quiet")  # fmt: skip
        fixed = ("setarch", "-R") if _can_fix_addresses() else ()
        command = [*fixed, "valgrind", *options, sys.executable, __file__, "--channel", name]
        with subprocess.Popen(command, env={**os.environ, **SAME_EVERYWHERE}) as process:
            try:
                return _counted(process, channel)
            finally:
                process.kill()


def _can_fix_addresses() -> bool:
    """Containers often forbid it; the counts then differ by a few tenths of a per cent."""
    return bool(shutil.which("setarch")) and not subprocess.run(("setarch", "-R", "true"), check=False).returncode


def _counted(process: subprocess.Popen[bytes], channel: Path) -> dict[str, int]:
    found: dict[str, int] = {}
    number = 0
    while not (channel / "end").exists():
        if process.poll() is not None:
            raise SystemExit(f"valgrind ended with {process.returncode}")
        if not (channel / f"ready-{number}").exists():
            time.sleep(LOOK_SECONDS)
            continue
        part = (channel / "name").read_text(encoding="utf-8")
        _tell(process, channel, "instrumentation on")
        _tell(process, channel, "zero")
        (channel / f"go-{number}").touch()
        _wait_for(channel / f"done-{number}")
        _tell(process, channel, "dump")
        _tell(process, channel, "instrumentation off")
        found[part] = _total(channel, number + 1) // N_PAGES // REPEATED.get(part, 1)
        (channel / f"counted-{number}").touch()
        number += 1
    return found


def _tell(process: subprocess.Popen[bytes], channel: Path, order: str) -> None:
    words = ("vgdb", f"--vgdb-prefix={channel}/vgdb", f"--pid={process.pid}", *order.split())
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _total(channel: Path, number: int) -> int:
    text = (channel / f"out.{number}").read_text(encoding="utf-8", errors="replace")
    return int(re.search(r"^totals:\s+(\d+)", text, re.MULTILINE)[1])  # type: ignore[index]


def main() -> int:
    """Count, compare, say it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pin", action="store_true", help="write the figures of this run down")
    parser.add_argument("--channel", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.channel:
        be_counted(options.channel)
        return 0
    if not shutil.which("valgrind") or not shutil.which("vgdb"):
        raise SystemExit("valgrind is missing; on Debian: apt-get install valgrind")
    found = count()
    if options.pin:
        lines = [f'"{name}" = {n}\n' for name, n in found.items()]
        PINNED.write_text(f"# {HEAD}\n[instructions]\n{''.join(lines)}", encoding="utf-8")
    return report(found, tomllib.loads(PINNED.read_text(encoding="utf-8"))["instructions"])


HEAD = "Instructions a page, by callgrind; written by `python benchmarks/regression.py --pin`, to be read in a diff."


def report(found: dict[str, int], pinned: dict[str, int]) -> int:
    """A line a part; 1 when one costs too much."""
    print("| | instructions a page | pinned | change |\n|---|---|---|---|")
    for name, n in found.items():
        print(f"| {name} | {n / 1e6:.2f} M | {pinned[name] / 1e6:.2f} M | {n / pinned[name] - 1:+.1%} |")
    dearer = [name for name, n in found.items() if n > pinned[name] * (1 + TOLERANCE)]
    cheaper = [name for name, n in found.items() if n < pinned[name] * (1 - TOLERANCE)]
    if cheaper:
        print(f"\nCheaper: {', '.join(cheaper)}. Keep it: python benchmarks/regression.py --pin")
    if dearer:
        print(f"\nDearer by more than {TOLERANCE:.0%}: {', '.join(dearer)}. Mend it, or say in the commit")
        print("why it is worth it, and write it down with --pin.")
    return 1 if dearer else 0


if __name__ == "__main__":
    sys.exit(main())
