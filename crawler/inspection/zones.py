"""In which time zone times are shown: that of the newspaper's readers, not of the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crawler.errors import ProfileError
from crawler.sites.folders import site_folders
from crawler.sites.profile import SiteProfile, load_profile

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

TIME_ZONE = SiteProfile(hosts=()).time_zone
"""Where no single site is asked for."""


def zone_of(seeds_dir: Path, site: str | None) -> str:
    """The zone of a site's profile; TIME_ZONE without a site, or when its profile cannot be read."""
    if site is None:
        return TIME_ZONE
    try:
        return load_profile(site_folders(seeds_dir).get(site, seeds_dir / site)).time_zone
    except ProfileError:
        return TIME_ZONE


def local(moment: datetime, zone: str) -> datetime:
    """An aware `moment` in `zone`."""
    return moment.astimezone(ZoneInfo(zone))


def shown(moment: datetime | None, zone: str) -> str:
    """`2026-03-01 09:30 +0700`, or a dash."""
    return f"{local(moment, zone):%Y-%m-%d %H:%M %z}" if moment else "–"
