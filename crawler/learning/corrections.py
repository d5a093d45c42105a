"""A person's corrections win and stay: what was changed by hand since the last lesson is kept by the next."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from crawler.sites.profile import SiteProfile, Sources, Template

Part = TypeVar("Part", bound=msgspec.Struct)


def merge_profiles(new: SiteProfile, mine: SiteProfile, base: SiteProfile | None) -> SiteProfile:
    """`mine` with those learned fields replaced by `new`'s that nobody touched since `base`, the last lesson.

    Without `base` the profile was written by hand: only what it leaves empty is filled.
    """
    sources = _merge(new.sources, mine.sources, base.sources if base else Sources())
    old = base.templates if base else ()
    templates = tuple(
        _merge(template, mine.templates[n], old[n] if n < len(old) else Template())
        if n < len(mine.templates)
        else template
        for n, template in enumerate(new.templates)
    )
    return msgspec.structs.replace(mine, sources=sources, templates=templates + mine.templates[len(new.templates) :])


def _merge(new: Part, mine: Part, base: Part) -> Part:
    """Field by field: what differs from `base` was changed by hand."""
    kept = {name: getattr(mine, name) for name in mine.__struct_fields__ if getattr(mine, name) != getattr(base, name)}
    return msgspec.structs.replace(new, **kept)
