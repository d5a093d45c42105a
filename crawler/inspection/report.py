"""The report: one HTML file that says what the corpus is, without a script and without anything from elsewhere."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from crawler import disk
from crawler.errors import CorpusError
from crawler.inspection.sheets import cell
from crawler.inspection.zones import TIME_ZONE, shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crawler.inspection.facts import Facts

N_MONTHS = 36
"""Months that the coverage shows, the newest ones."""


def render(facts: Facts, zone: str = TIME_ZONE) -> str:
    """The page. All that came from a page of a site is escaped."""
    environment = Environment(
        loader=PackageLoader("crawler.inspection", "pages"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["cell"] = cell
    environment.filters["moment"] = lambda at: shown(at, zone)
    months, coverage = coverage_of(facts.rows["months"])
    made_at = shown(datetime.now(UTC), zone)
    return environment.get_template("report.html").render(
        facts=facts, rows=facts.rows, totals=facts.totals, months=months, coverage=coverage, made_at=made_at,
        line=line_of([row["articles"] for row in facts.rows["growth"]]), zone=zone,
    )  # fmt: skip


def coverage_of(rows: Sequence[dict[str, Any]]) -> tuple[list[str], dict[str, list[int | None]]]:
    """Months without a gap, and by site how many articles each has; None before a site's first and after its last."""
    counts: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        if row["month"]:
            counts[row["site"]][row["month"]] = row["articles"]
    found = sorted({month for one in counts.values() for month in one})
    months = _between(found[0], found[-1])[-N_MONTHS:] if found else []
    return months, {
        site: [one.get(month, 0) if min(one) <= month <= max(one) else None for month in months]
        for site, one in sorted(counts.items())
    }


def _between(first: str, last: str) -> list[str]:
    begin, end = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (first, last))
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(begin, end + 1)]


def line_of(values: Sequence[int], width: int = 640, height: int = 160) -> str:
    """Points of an SVG polyline from left to right, zero at the bottom."""
    most, steps = max(values, default=0) or 1, max(len(values) - 1, 1)
    points = [(width * place / steps, height - height * value / most) for place, value in enumerate(values)]
    points = points if len(points) != 1 else [(0.0, points[0][1]), (float(width), points[0][1])]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def write(path: Path, text: str) -> None:
    """Put a page in its place at once. Raises CorpusError when it cannot be written."""
    try:
        disk.make_folders(path.parent)
        disk.replace(path, text.encode())
    except OSError as error:
        raise CorpusError(disk.describe(error)) from error
