"""A lesson on disk: seeds, profile, and what was learned last, so that corrections can be told from it."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import msgspec

from crawler import disk
from crawler.errors import LearningError, ProfileError
from crawler.learning.corrections import merge_profiles
from crawler.learning.seeds import save_seed
from crawler.refinement.normalise import normalise_text
from crawler.sites.folders import PROFILE_FILE
from crawler.sites.profile import SiteProfile, load_profile
from crawler.sites.saving import profile_toml, save_profile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from crawler.learning.seeds import FieldCheck
    from crawler.learning.site import Lesson

LEARNED_FILE = "learned.json"
"""The profile as the last lesson found it; what differs from it in profile.toml was changed by a person."""


def merged(folder: Path, lesson: Lesson) -> SiteProfile:
    """The profile to write: the lesson's, with the corrections in `folder`/profile.toml kept."""
    if not (folder / PROFILE_FILE).is_file():
        return lesson.profile
    return merge_profiles(lesson.profile, load_profile(folder), _last_lesson(folder))


def _last_lesson(folder: Path) -> SiteProfile | None:
    try:
        return msgspec.json.decode((folder / LEARNED_FILE).read_bytes(), type=SiteProfile)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise LearningError(f"{folder / LEARNED_FILE}: {error}; remove it to keep profile.toml as it is") from None


def difference(folder: Path, profile: SiteProfile) -> str:
    """A unified diff from the profile in `folder` to `profile`; empty when there is none yet, or nothing changes."""
    if not (folder / PROFILE_FILE).is_file():
        return ""
    old, new = (profile_toml(one).splitlines() for one in (load_profile(folder), profile))
    return "\n".join(difflib.unified_diff(old, new, "now", "learned", lineterm="", n=2))


def write_lesson(folder: Path, lesson: Lesson, profile: SiteProfile) -> None:
    """Write seeds, then the profile; each file whole or not at all.

    Raises LearningError or ProfileError naming the file that cannot be written.
    """
    for seed in lesson.seeds:
        save_seed(folder, seed)
    try:
        disk.make_folders(folder)
        disk.replace(folder / LEARNED_FILE, msgspec.json.format(msgspec.json.encode(lesson.profile), indent=1))
    except OSError as error:
        raise ProfileError(disk.describe(error)) from None
    save_profile(profile, folder)


def beside(checks: Sequence[FieldCheck]) -> Iterator[str]:
    """The extracted text beside the seed's, paragraph by paragraph: `-` only in the seed, `+` only on the page."""
    for one in checks:
        if one.field == "text":
            wanted = [line for line in normalise_text(one.wanted).split("\n") if line.strip()]
            found = [line for line in one.found.split("\n") if line.strip()]
            for line in difflib.ndiff(wanted, found):
                if not line.startswith("?"):
                    yield f"{line[:160]}{'…' if len(line) > 160 else ''}"  # noqa: PLR2004 - one line of a terminal
