"""Systems that several papers share: what is known of one helps with all. One TOML file each, in this folder.

Selectors and address forms are facts that were read in public crawlers and on saved pages from 2012 to 2026. They rot,
and a paper may have left the system: a profile's own templates come first, and one that does not fit is not used.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from crawler.errors import ProfileError
from crawler.sites.profile import SiteProfile, Sources, Template

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).parent
_SOURCES = tuple(field.name for field in msgspec.structs.fields(Sources))


class Family(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`<key>.toml`: a publishing system."""

    key: str = ""
    """The file's name; stands in no file."""
    name: str
    """As its makers or its markup call it."""
    notes: str = ""
    """What is odd about it."""
    papers: tuple[str, ...] = ()
    """Hosts that were seen to use it."""
    marks: tuple[str, ...]
    """Selectors that all match on an article page of this system."""
    sources: Sources = Sources()
    """Address forms; no addresses, which differ from paper to paper."""
    templates: tuple[Template, ...]
    """Layouts of its article pages, newest first."""


@cache
def families() -> Mapping[str, Family]:
    """All families by key, in alphabetical order."""
    return {path.stem: _read(path) for path in sorted(FOLDER.glob("*.toml"))}


def _read(path: Path) -> Family:
    family = msgspec.toml.decode(path.read_bytes(), type=Family)
    return msgspec.structs.replace(family, key=path.stem)


def inherit(profile: SiteProfile) -> SiteProfile:
    """`profile` with its family's templates behind its own, and its family's address forms where it has none.

    Raises ProfileError for a family that does not exist.
    """
    if not profile.family:
        return profile
    family = families().get(profile.family)
    if family is None:
        raise ProfileError(f"family: no {profile.family!r}; known: {', '.join(families())}")
    theirs = tuple(one for one in family.templates if one not in profile.templates)
    sources = {name: getattr(profile.sources, name) or getattr(family.sources, name) for name in _SOURCES}
    return msgspec.structs.replace(profile, templates=profile.templates + theirs, sources=Sources(**sources))


def own_part(profile: SiteProfile) -> SiteProfile:
    """`profile` without what its family gives it: what belongs into its file."""
    family = families().get(profile.family)
    if family is None:
        return profile
    templates = tuple(one for one in profile.templates if one not in family.templates)
    sources = {name: _unless(getattr(profile.sources, name), getattr(family.sources, name)) for name in _SOURCES}
    return msgspec.structs.replace(profile, templates=templates, sources=Sources(**sources))


def _unless(own: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    return () if own == theirs else own
