"""What each column means: read from the docstrings under the fields, for file metadata and docs/schema.md."""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
from itertools import pairwise


@functools.cache
def field_docs(row_class: type) -> dict[str, str]:
    """The docstring under each field of a dataclass, by field name, on one line; empty where there is none."""
    source = textwrap.dedent(inspect.getsource(row_class))
    body = next(node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)).body
    names = [node.target.id for node in body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)]
    found = {
        field.target.id: " ".join(str(doc.value.value).split())
        for field, doc in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(doc, ast.Expr)
        and isinstance(doc.value, ast.Constant)
    }
    return {name: found.get(name, "") for name in names}
