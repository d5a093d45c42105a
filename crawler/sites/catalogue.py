"""`seeds/catalogue.toml`: papers that are known by name and host, and not yet by a crawl."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from crawler.errors import ProfileError
from crawler.sites.checks import describe, problems
from crawler.sites.families import inherit
from crawler.sites.profile import SiteProfile, Sources, Template

if TYPE_CHECKING:
    from pathlib import Path

CATALOGUE_FILE = "catalogue.toml"
LANGUAGES = ("vi",)


class Paper(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry of the catalogue: what a profile begins with."""

    key: str
    """Folder of the profile to be, name of the spider."""
    name: str
    """The paper's own name."""
    hosts: tuple[str, ...]
    """Where it should be, the canonical host first."""
    old_hosts: tuple[str, ...] = ()
    """Where it, or a paper that became part of it, was; old links lead there."""
    recalled: tuple[str, ...] = ()
    """Those of both that come from general knowledge; the others stand in public crawlers' lists."""
    place: str = ""
    """Province or city as of 1 July 2025; empty: the whole country."""
    merged: tuple[str, ...] = ()
    """Provinces that became part of it on that day."""
    verified: bool = False
    """True once a person has seen a live run of it."""
    notes: str = ""
    """What else is known."""
    home: str = ""
    """Address of the home page; empty: `https://<first host>/`."""
    family: str = ""
    """Publishing system, see `crawler/sites/families/`."""
    sources: Sources = Sources()
    """Where addresses come from, as in a profile."""
    templates: tuple[Template, ...] = ()
    """Layouts, as in a profile."""

    def profile(self) -> SiteProfile:
        """The profile of a first crawl. Raises ProfileError for a family that does not exist."""
        doubt = f" Not from a list: {', '.join(self.recalled)}." if self.recalled else ""
        return inherit(
            SiteProfile(
                key=self.key,
                name=self.name,
                hosts=(*self.hosts, *self.old_hosts),
                verified=self.verified,
                notes=f"From the catalogue; unverified.{doubt} {self.notes}".rstrip(),
                languages=LANGUAGES,
                home=self.home,
                family=self.family,
                sources=self.sources,
                templates=self.templates,
            )
        )


class Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    papers: tuple[Paper, ...]
    """Its entries."""


def load_catalogue(path: Path) -> dict[str, Paper]:
    """The papers of a catalogue by key, as they stand there.

    Raises ProfileError naming the file and what is wrong: a key or host given twice counts as wrong.
    """
    try:
        papers = msgspec.toml.decode(path.read_bytes(), type=Catalogue).papers
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path}: {getattr(error, 'strerror', None) or 'not in UTF-8'}") from None
    except msgspec.DecodeError as error:
        raise ProfileError(f"{path}: {describe(error, Catalogue)}") from None
    taken: dict[str, str] = {}
    for paper in papers:
        _check(paper, taken, path)
    return {paper.key: paper for paper in papers}


def _check(paper: Paper, taken: dict[str, str], path: Path) -> None:
    try:
        problem = next(problems(paper.profile()), None)
    except ProfileError as error:
        problem = str(error)
    if not paper.key.isidentifier():
        problem = "key: letters, digits and _ only"
    for name in (f"key {paper.key}", *paper.hosts, *paper.old_hosts):
        if name in taken:
            problem = f"{name} stands there twice, first for {taken[name]}"
        taken[name] = paper.key
    if problem:
        raise ProfileError(f"{path}: paper {paper.key!r}: {problem}")


def find_paper(path: Path, host: str) -> Paper | None:
    """The paper of the catalogue at `path` that is, or was, at `host`; None without one, or without a catalogue."""
    if not path.is_file():
        return None
    papers = load_catalogue(path).values()
    return next((paper for paper in papers if host in (*paper.hosts, *paper.old_hosts)), None)
