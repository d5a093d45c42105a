"""Which statistics of a run docs/stats.md does not explain."""

import re
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "stats.md").read_text(encoding="utf-8")


def names(log):
    """Names of the statistics that a log of `-L INFO` ends with."""
    return re.findall(r"(?m)^[ {]'([^']+)':", log.partition("Dumping Scrapy stats")[2])


def unexplained(log):
    forms = [re.escape(form).replace("<", "(?:").replace(">", ")") for form in re.findall(r"`([\w/<>]+)`", PAGE)]
    forms = [re.sub(r"\(\?:\w+\)", ".+", form) for form in forms]
    return [name for name in names(log) if not any(re.fullmatch(form, name) for form in forms)]


def figures(value, prefix=""):
    """Names of all figures of a manifest whose meaning its structure fixes."""
    for name, inner in value.items():
        yield f"{prefix}{name}"
        if name in {"counts", "reading", "traffic"}:
            yield from figures(inner, f"{name}.")
        elif name == "parts":
            yield from (found for part in inner for found in figures(part, "parts[]."))
