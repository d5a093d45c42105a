"""What became of the records of a run, as its manifest counts them."""

from __future__ import annotations

import msgspec


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Of one run: fetched + carried_over = kept + duplicates + rejected + not_an_article + open."""

    fetched: int
    """Records this run appended."""
    carried_over: int
    """Records of earlier runs that this run gave an outcome (all of them, for a replay)."""
    kept: int
    """Pages that became a row of `articles/`."""
    duplicates: int
    """Pages that became a row of `duplicates/`."""
    rejected: int
    """Pages that became a row of `rejected/`."""
    not_an_article: int
    """Lists, feeds, sitemaps, robots.txt, redirects, and articles that said the same as before."""
    open: int
    """Records this run appended and gave no outcome; 0 after an orderly end."""
    open_before: int
    """Records of earlier runs that still have no outcome."""
