"""When a site wants to be visited."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.sites.profile import SiteProfile

NIGHT_BEGINS, NIGHT_ENDS = time(22), time(6)
"""The night of `night_only`, in the site's time zone."""


def opens_at(profile: SiteProfile, now: datetime) -> datetime | None:
    """When the site may be asked again, in its zone; None: at `now` (aware) it may be."""
    if not profile.crawl.night_only:
        return None
    local = now.astimezone(ZoneInfo(profile.time_zone))
    if local.time() >= NIGHT_BEGINS or local.time() < NIGHT_ENDS:
        return None
    return local.replace(hour=NIGHT_BEGINS.hour, minute=0, second=0, microsecond=0)


def closed_line(profile: SiteProfile, moment: datetime) -> str:
    """One line for people: until when nothing is asked of the site, and by whose wish."""
    return (
        f"fetched between {NIGHT_BEGINS:%H:%M} and {NIGHT_ENDS:%H:%M} {profile.time_zone} only (night_only in its "
        f"profile); the same command goes on from {moment:%Y-%m-%d %H:%M}"
    )
