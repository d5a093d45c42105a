"""Hits of a search, printed as they come."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from crawler.inspection.lookup import printable
from crawler.inspection.sheets import as_json
from crawler.inspection.zones import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.inspection.search import Found, Snippet


def show_hits(found: Iterable[Found], limit: int, zone: str, *, is_json: bool = False) -> None:
    """Print hits, their words bold where there are styles and between ⟦ ⟧ elsewhere; `limit` 0: all there are."""
    if is_json:
        print(as_json([_plain(one) for one in found]))  # noqa: T201 - this is what the command shows
        return
    n = 0
    for one in found:
        _show(one, zone)
        n += 1
    more = f"; there may be more, --limit {10 * limit} shows further ones" if limit and n == limit else ""
    print(f"{n} {'article' if n == 1 else 'articles'}{more}")  # noqa: T201 - as above


def _show(one: Found, zone: str) -> None:
    lines = [
        printable(one.title),
        f"  {shown(one.published_at, zone)}  {one.site}  {one.id}",
        f"  {printable(one.url)}",
    ]
    print("\n".join([*lines, *(f"  … {_marked(snippet)} …" for snippet in one.snippets), ""]), flush=True)  # noqa: T201 - as above


def _marked(snippet: Snippet) -> str:
    before, hit, after = map(printable, (snippet.before, snippet.hit, snippet.after))
    begin, end = ("\x1b[1;7m", "\x1b[0m") if sys.stdout.isatty() else ("⟦", "⟧")
    return f"{before}{begin}{hit}{end}{after}"


def _plain(one: Found) -> dict[str, object]:
    snippets = [{"before": part.before, "hit": part.hit, "after": part.after} for part in one.snippets]
    facts = {name: getattr(one, name) for name in ("id", "site", "url", "title", "published_at")}
    return facts | {"snippets": snippets}
