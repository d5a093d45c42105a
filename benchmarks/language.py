"""Which detector names the language of short Vietnamese news and its neighbours best.

    python benchmarks/language.py [SENTENCES]

SENTENCES: lines of `code<TAB>text`; default `tests/refinement/languages.tsv`. Prints hits of our detector, CLD2 and
py3langid on the sentences as they are and changed, microseconds per call, and our confusions.
"""

from __future__ import annotations

import sys
import time
import unicodedata
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pycld2
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from crawler.folding import fold
from crawler.refinement.language import detect

if TYPE_CHECKING:
    from collections.abc import Callable

IDENTIFIER = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
ALIASES = {"iw": "he", "zh-Hant": "zh"}


def cld2(text: str) -> str:
    """CLD2 alone."""
    code = pycld2.detect(text, isPlainText=True, bestEffort=True)[2][0][1]
    return ALIASES.get(code, code)


ENGINES: dict[str, Callable[[str], str]] = {
    "ours": lambda text: detect(text)[0],
    "pycld2": cld2,
    "py3langid": lambda text: str(IDENTIFIER.classify(text)[0]),
}
CHANGES: dict[str, Callable[[str], str]] = {
    "as written": str,
    "first 3 words": lambda text: " ".join(text.split()[:3]),
    "without marks": fold,
    "without marks, first 5": lambda text: " ".join(fold(text).split()[:5]),
    "NFD": lambda text: unicodedata.normalize("NFD", text),
    "capitals": str.upper,
}


def row(name: str, cases: list[tuple[str, str]]) -> str:
    """One line of the table: hits of each engine."""
    cells = [str(sum(engine(text) == code for code, text in cases)) for engine in ENGINES.values()]
    return f"| {name} | {len(cases)} | {' | '.join(cells)} |"


def main(path: Path) -> None:
    """Print the tables."""
    sentences = [(code, text) for code, text in (line.split("\t") for line in path.read_text("utf-8").splitlines())]
    vietnamese = [text for code, text in sentences if code == "vi"]
    print(f"| sentences | n | {' | '.join(ENGINES)} |\n|---|---|{'---|' * len(ENGINES)}")
    for name, change in CHANGES.items():
        print(row(f"Vietnamese, {name}", [("vi", change(text)) for text in vietnamese]))
    print(row("Tày", [case for case in sentences if case[0] == "tyz"]))
    print(row("other languages", [case for case in sentences if case[0] not in {"vi", "tyz"}]))
    for name, engine in ENGINES.items():
        started = time.perf_counter()
        for _, text in sentences * 5:
            engine(text)
        print(f"{name}: {(time.perf_counter() - started) / len(sentences) / 5 * 1e6:.0f} µs per sentence")
    confused = Counter((code, detect(text)[0]) for code, text in sentences)
    print("confusions of ours:", {pair: n for pair, n in confused.items() if pair[0] != pair[1]} or "none")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "tests/refinement/languages.tsv"))
