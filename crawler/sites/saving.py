"""Profiles back to TOML, as a person would write them: defaults left out, long lists one entry a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import tomli_w

from crawler import disk
from crawler.errors import ProfileError
from crawler.sites.families import own_part
from crawler.sites.folders import PROFILE_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.sites.profile import SiteProfile


def profile_toml(profile: SiteProfile) -> str:
    """The profile as TOML; `key` is the folder's name and stands in no file, nor does what the family gives it."""
    return tomli_w.dumps(_stated(msgspec.structs.replace(own_part(profile), key="")), multiline_strings=True)


def templates_toml(profile: SiteProfile) -> str:
    """Only the templates of a profile, as TOML."""
    return tomli_w.dumps({"templates": _plain(profile.templates)})


def _stated(part: msgspec.Struct) -> dict[str, Any]:
    """Fields that differ from their defaults: msgspec's own omission compares by identity, which pickling loses."""
    stated: dict[str, Any] = {}
    for field in msgspec.structs.fields(part):
        value = getattr(part, field.name)
        if value != field.default:
            stated[field.name] = _plain(value)
    return stated


def _plain(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return _stated(value)
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def save_profile(profile: SiteProfile, folder: Path) -> Path:
    """Write `folder`/profile.toml, whole or not at all; returns its path.

    Raises ProfileError naming the file when it cannot be written.
    """
    path = folder / PROFILE_FILE
    try:
        disk.make_folders(folder)
        disk.replace(path, profile_toml(profile).encode())
    except OSError as error:
        raise ProfileError(disk.describe(error)) from None
    return path
