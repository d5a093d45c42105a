"""What is read of saved pages with gold: no figure may fall below its floor (benchmarks/quality_floor.toml)."""

import importlib.util
import os
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = Path(os.environ.get("PAGE_SETS", ROOT.parent / "shared/pages"))
FLOORS = tomllib.loads((ROOT / "benchmarks/quality_floor.toml").read_text(encoding="utf-8"))
FORM = "full" if os.environ.get("QUALITY_FLOOR") == "full" else "quick"
CASES = [(name, int(n_seeds)) for name, floors in FLOORS[FORM]["sets"].items() for n_seeds in floors]


@pytest.fixture(scope="module")
def extraction():
    """benchmarks/extraction.py, which is no package."""
    spec = importlib.util.spec_from_file_location("extraction_benchmark", ROOT / "benchmarks/extraction.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "n_seeds"), CASES, ids=[f"{name}-{n_seeds}" for name, n_seeds in CASES])
def test_text_is_read_as_well_as_ever(extraction, name, n_seeds):
    if not (PAGES / name / "gold.jsonl").is_file():
        pytest.skip(f"no saved pages in {PAGES / name}; PAGE_SETS names the folder that holds {name}/gold.jsonl")
    floor = FLOORS[FORM]["sets"][name][str(n_seeds)]
    rows = list(extraction.load(PAGES / name))
    is_titled = name in extraction.TITLED
    scores = extraction.ours(rows, n_seeds, FLOORS[FORM]["choices"], is_titled=is_titled).readings
    f1 = sum(score[2] for score in scores) / len(scores)
    assert f1 >= floor, f"{name} with {n_seeds} seeds: F1 {f1:.4f} is below its floor {floor}"


def test_every_floor_is_a_figure_of_a_known_set(extraction):
    forms = [FLOORS["quick"], FLOORS["full"]]
    assert set(forms[1]["sets"]) == set(extraction.SETS) >= set(forms[0]["sets"])
    assert all(0.8 < floor < 1 for form in forms for floors in form["sets"].values() for floor in floors.values())
