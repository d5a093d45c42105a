"""Every cause stands in the docs, with what to do."""

from pathlib import Path

from crawler.health import Cause

PAGE = Path(__file__).parents[2] / "docs" / "health.md"


def test_every_cause_is_documented_with_its_advice():
    text = PAGE.read_text(encoding="utf-8")
    assert not [cause for cause in Cause if f"| `{cause.value}` |" not in text or cause.advice() not in text]
