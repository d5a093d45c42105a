"""Pages of docs/ that are made from the code: `python -m crawler.inspection.reference` writes them.

Settings are read as source text, because the reasons beside them are comments.
"""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
import types
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import msgspec

from crawler.corpus.columns import field_docs
from crawler.corpus.counts import Counts
from crawler.corpus.health import Reading
from crawler.corpus.manifest import RunManifest
from crawler.corpus.parts import Part
from crawler.corpus.traffic import Traffic
from crawler.items import Reason
from crawler.refinement.thresholds import Thresholds
from crawler.sites.profile import Crawl, SiteProfile, Sources, Template

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = Path("docs")
SETTINGS = Path(__file__).parents[1] / "settings.py"
BEGIN, END = "<!-- begin: made by python -m crawler.inspection.reference -->", "<!-- end -->"
"""What stands between these lines of a page is made; the rest is written."""
_BETWEEN = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
_NOQA = re.compile(r"noqa: \S+ - ")
_TABLES: dict[str, tuple[type[msgspec.Struct], str]] = {
    "": (SiteProfile, "At the top of the file"),
    "sources": (Sources, "In `[sources]`"),
    "crawl": (Crawl, "In `[crawl]`"),
    "templates": (Template, "In each `[[templates]]`"),
}
_KINDS: dict[Any, str] = {str: "text", bool: "true or false", int: "whole number", float: "number", date: "date"}


def reasons() -> str:
    """A table of all reject reasons, Markdown."""
    docs = field_docs(Reason)
    return _table(("reason", "meaning"), ((f"`{one.value}`", docs[one.name]) for one in Reason))


def profile_keys() -> str:
    """A table per table of profile.toml, Markdown."""
    sections = (f"### {heading}\n\n{_keys(struct)}" for struct, heading in _TABLES.values())
    return "\n\n".join(sections)


def run_figures() -> str:
    """A table of everything in a run's manifest, Markdown."""
    parts = ((RunManifest, ""), (Counts, "counts."), (Reading, "reading."), (Traffic, "traffic."), (Part, "parts[]."))
    docs = ((prefix, field_docs(struct)) for struct, prefix in parts)
    return _table(
        ("name", "meaning"), ((f"`{prefix}{name}`", doc) for prefix, one in docs for name, doc in one.items())
    )


def _keys(struct: type[msgspec.Struct]) -> str:
    docs = field_docs(struct)
    fields = (one for one in msgspec.structs.fields(struct) if one.name != "key" and one.name not in _TABLES)
    cells = ((f"`{one.name}`", _kind(one.type), _default(one.default), docs[one.name]) for one in fields)
    return _table(("key", "kind", "default", "meaning"), cells)


def _kind(annotation: Any) -> str:
    if isinstance(annotation, types.UnionType):
        annotation = next(kind for kind in get_args(annotation) if kind is not types.NoneType)
    return _KINDS.get(annotation, "list of texts")


def _default(value: Any) -> str:
    if value is msgspec.NODEFAULT:
        return "must be given"
    if value is None or value in ("", ()):
        return ""
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def settings() -> str:
    """Every setting of settings.py with its value and its comment, by section, Markdown."""
    source = SETTINGS.read_text(encoding="utf-8")
    comments = _comments(source)
    headings = {line: text.strip("- ") for line, text in comments.items() if text.startswith("---")}
    assigned = [node for node in ast.parse(source).body if isinstance(node, ast.Assign | ast.AnnAssign)]
    parts: list[str] = []
    for begin, end in zip(headings, [*list(headings)[1:], len(source)], strict=True):
        nodes = [node for node in assigned if begin < node.lineno < end]
        parts += [f"## {headings[begin][:1].upper()}{headings[begin][1:]}", *_settings(nodes, source, comments)]
    return "\n\n".join([*parts, "## Quality rules", quality_settings()])


def _settings(nodes: list[ast.Assign | ast.AnnAssign], source: str, comments: dict[int, str]) -> Iterator[str]:
    """The settings of one line as a table, longer ones as they stand in the file."""
    short = [node for node in nodes if node.lineno == node.end_lineno]
    cells = ((f"`{setting_name(node)}`", f"`{_value(node, source)}`", comments.get(node.lineno)) for node in short)
    if short:
        yield _table(("setting", "value", "why"), cells)
    lines = source.splitlines()
    for node in nodes:
        if node not in short:
            yield "\n".join(["```python", *lines[node.lineno - 1 : node.end_lineno], "```"])


def _value(node: ast.Assign | ast.AnnAssign, source: str) -> str | None:
    return ast.get_source_segment(source, node.value) if node.value else None


def quality_settings() -> str:
    """The settings QUALITY_*, from the thresholds they fill, Markdown."""
    docs, usual = field_docs(Thresholds), Thresholds()
    cells = ((f"`QUALITY_{name.upper()}`", f"`{getattr(usual, name):g}`", doc) for name, doc in docs.items())
    return _table(("setting", "default", "meaning"), cells)


def setting_name(node: ast.Assign | ast.AnnAssign) -> str:
    """The name that an assignment of settings.py gives a value to."""
    return ast.unparse(node.target if isinstance(node, ast.AnnAssign) else node.targets[0])


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {one.start[0]: _NOQA.sub("", one.string.lstrip("# ")) for one in tokens if one.type == tokenize.COMMENT}


def _table(heading: tuple[str, ...], rows: Iterator[tuple[str | None, ...]]) -> str:
    lines = [heading, ("---",) * len(heading), *rows]
    return "\n".join("| " + " | ".join((cell or "").replace("|", "\\|") for cell in line) + " |" for line in lines)


MADE = {"reasons.md": reasons, "settings.md": settings, "profile.md": profile_keys, "stats.md": run_figures}
"""Page of docs/ to what makes its part between BEGIN and END."""


def current(page: str, text: str) -> str:
    """`text` of the page with its made part as the code has it now."""
    made = f"{BEGIN}\n\n{MADE[page]()}\n\n{END}"
    return _BETWEEN.sub(lambda _: made, text)


if __name__ == "__main__":
    for name in MADE:
        path = DOCS / name
        path.write_text(current(name, path.read_text(encoding="utf-8")), encoding="utf-8")
