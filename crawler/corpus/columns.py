"""What each column means: read from the docstrings under the fields, for file metadata and docs/schema.md."""

from __future__ import annotations

import ast
import dataclasses
import functools
import inspect
import textwrap
from itertools import pairwise


@functools.cache
def field_docs(row_class: type) -> dict[str, str]:
    """The docstring under each field of a class or member of an enum, by name, on one line; empty without one.

    Fields that a dataclass inherits come first, as they do in the class.
    """
    base = row_class.__base__
    inherited = field_docs(base) if base is not None and dataclasses.is_dataclass(base) else {}
    source = textwrap.dedent(inspect.getsource(row_class))
    body = next(node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)).body
    found = {
        name: " ".join(str(doc.value.value).split())
        for field, doc in pairwise(body)
        if (name := _name(field)) and isinstance(doc, ast.Expr) and isinstance(doc.value, ast.Constant)
    }
    return inherited | {name: found.get(name, "") for node in body if (name := _name(node))}


def _name(node: ast.stmt) -> str:
    """The field or member that a statement of a class body makes, or nothing."""
    if isinstance(node, ast.AnnAssign):
        target: ast.expr = node.target
    elif isinstance(node, ast.Assign):
        target = node.targets[0]
    else:
        return ""
    return target.id if isinstance(target, ast.Name) else ""
