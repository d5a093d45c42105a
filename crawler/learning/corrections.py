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
    templates = _merge_templates(new.templates, mine.templates, base.templates if base else ())
    return msgspec.structs.replace(mine, sources=sources, templates=templates)


def _merge_templates(
    new: tuple[Template, ...], mine: tuple[Template, ...], base: tuple[Template, ...]
) -> tuple[Template, ...]:
    """Layouts are told apart by their body; those that no seed teaches any more stay, behind the others."""
    left = list(range(len(mine)))
    merged = []
    for template in new:
        place = next((n for n in left if template.body in {mine[n].body, *(one.body for one in base[n : n + 1])}), None)
        if place is None and len(new) == len(mine) == 1:
            place = 0
        if place is None:
            merged.append(template)
        else:
            left.remove(place)
            merged.append(_merge(template, mine[place], base[place] if place < len(base) else Template()))
    return (*merged, *(mine[n] for n in left))


def _merge(new: Part, mine: Part, base: Part) -> Part:
    """Field by field: what differs from `base` was changed by hand."""
    kept = {name: getattr(mine, name) for name in mine.__struct_fields__ if getattr(mine, name) != getattr(base, name)}
    return msgspec.structs.replace(new, **kept)
