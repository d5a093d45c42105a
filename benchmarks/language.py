"""Which detector names the language of short Vietnamese news and its neighbours best.

    python benchmarks/language.py [SENTENCES] [--pages FOLDER]

SENTENCES: lines of `code<TAB>text`; default `tests/refinement/languages.tsv`. Prints hits of our detector, CLD2 and
py3langid on the sentences as they are and changed, microseconds per call, and our confusions. FOLDER holds page sets
(`vi_fragments/gold.jsonl`, `meta/gold.jsonl`): hits and confusions on the texts and titles of real articles.
"""

from __future__ import annotations

import argparse
import json
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


def real_articles(folder: Path) -> None:
    """Print hits and confusions on texts and titles, as published and without marks."""
    lines = [
        line for name in ("vi_fragments", "meta") for line in (folder / name / "gold.jsonl").open(encoding="utf-8")
    ]
    rows = [json.loads(line) for line in lines]
    vietnamese = [row for row in rows if (row.get("lang") or "vi") == "vi"]
    others = [row for row in rows if row not in vietnamese]
    cases = {
        "Vietnamese text": [("vi", row["text"]) for row in vietnamese],
        "Vietnamese text, first 300 characters without marks": [("vi", fold(row["text"][:300])) for row in vietnamese],
        "Vietnamese title": [("vi", row["title"]) for row in vietnamese],
        "Vietnamese title without marks": [("vi", fold(row["title"])) for row in vietnamese],
        "other languages, text": [(row["lang"], row["text"]) for row in others],
        "other languages, title": [(row["lang"], row["title"]) for row in others],
    }
    print("| | n | right | taken for |\n|---|---|---|---|")
    for name, pairs in cases.items():
        wrong = Counter(found for code, text in pairs if (found := detect(text)[0]) != code)
        listed = ", ".join(f"`{code}` {n}" for code, n in wrong.most_common()) or "–"
        print(f"| {name} | {len(pairs)} | {1 - wrong.total() / len(pairs):.3f} | {listed} |")


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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sentences", nargs="?", type=Path, default=Path("tests/refinement/languages.tsv"))
    parser.add_argument("--pages", type=Path)
    arguments = parser.parse_args()
    main(arguments.sentences)
    if arguments.pages:
        real_articles(arguments.pages)
