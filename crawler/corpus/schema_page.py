"""docs/schema.md, made from the docstrings of the row classes: `python -m crawler.corpus.schema_page` writes it."""

from __future__ import annotations

from pathlib import Path

from crawler.corpus.schema import ROW_CLASSES, SCHEMAS, Dataset
from crawler.items import SCHEMA_VERSION

PAGE = Path("docs/schema.md")
_HEAD = f"""# What does each column mean?

Schema version {SCHEMA_VERSION}. Made from the docstrings of the code by `python -m crawler.corpus.schema_page`; a test
keeps it current. The same words stand in each file, in the metadata `doc` of its columns; the parameters of the
signatures stand in the metadata of the file's schema.
"""


def schema_page() -> str:
    """The whole page, Markdown."""
    return "\n".join([_HEAD, *(_section(dataset) for dataset in Dataset)])


def _section(dataset: Dataset) -> str:
    schema = SCHEMAS[dataset]
    purpose = {
        Dataset.ARTICLES: "The corpus: one row per article, unique.",
        Dataset.REJECTED: "Pages that did not become articles, and why.",
        Dataset.DUPLICATES: "Articles that repeat one of the corpus, which one, and how alike they are.",
    }[dataset]
    lines = [
        f"| `{field.name}` | {_kind(str(field.type))} | {_yes(field.nullable)} | {_cell(field.metadata[b'doc'])} |"
        for field in schema
    ]
    heading = [f"## `{dataset.value}/`", "", f"{purpose} Class `{ROW_CLASSES[dataset].__name__}`.", ""]
    return "\n".join([*heading, "| column | type | may be null | meaning |", "|---|---|---|---|", *lines, ""])


def _kind(arrow_type: str) -> str:
    return "`" + arrow_type.replace("element: ", "").replace(" not null", "").replace(", ordered=0", "") + "`"


def _yes(is_so: bool) -> str:  # noqa: FBT001 - private, one caller
    return "yes" if is_so else ""


def _cell(doc: bytes) -> str:
    return doc.decode().replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(schema_page(), encoding="utf-8")
