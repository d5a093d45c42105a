"""How far back a crawl goes: by the dates that sources state, that cards print and that addresses carry."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crawler.items import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crawler.discovery.candidates import Candidate

BEFORE_SINCE = Reason.BEFORE_SINCE.value
"""Why an address is left out: its article is older than the crawl goes back."""
MIN_EQUAL = 5
"""So many equal times of one sitemap say when the file was made, not when its pages changed."""
_ALIKE = timedelta(minutes=1)
_FRESH = timedelta(days=1)
_FOLDERS = re.compile(r"/((?:19|20)\d\d)/(\d{1,2})(?:/(\d{1,2}))?(?=/)")
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_]?([01]\d)[-_]?([0-3]\d)(?=\d{6,12}(?:\D|$)|/)")


class Horizon:
    """The date before which articles are of no interest; without one everything is."""

    def __init__(self, since: date | None, time_zone: str) -> None:
        """`since`: a day, which begins at midnight in `time_zone`."""
        self._zone = ZoneInfo(time_zone)
        self.since = datetime.combine(since, time(), self._zone).astimezone(UTC) if since else None
        """Its first moment; None: no horizon."""

    def is_before(self, moment: datetime | None) -> bool:
        """Whether a moment, as far as it is known, lies before the horizon."""
        return self.since is not None and moment is not None and moment < self.since

    def dated(self, url: str, stated: datetime | None) -> datetime | None:
        """The latest moment at which the article of `url` can have been published; None: nothing tells.

        `stated`: publication or last change, as a source says.
        """
        known = [moment for moment in (stated, self._end_of(url)) if moment is not None]
        return min(known, default=None)

    def _end_of(self, url: str) -> datetime | None:
        """The end of the day or month that an address names, where it does so beyond doubt."""
        path = url.partition("://")[2].partition("/")[2].partition("?")[0]
        found = _FOLDERS.search(f"/{path}") or _COMPACT.search(path)
        if found is None:
            return None
        year, month, day = int(found[1]), int(found[2]), int(found[3] or 0)
        try:
            first = date(year, month, day or 1)
            after = first + timedelta(days=1) if day else date(year + month // 12, month % 12 + 1, 1)
        except ValueError:
            return None
        return self.end_of(after - timedelta(days=1))

    def end_of(self, day: date) -> datetime:
        """The last second of a day of the site's."""
        midnight = datetime.combine(day + timedelta(days=1), time(), self._zone)
        return midnight.astimezone(UTC) - timedelta(seconds=1)


def without_made_up_times(batch: Sequence[Candidate], fetched_at: datetime) -> Iterable[Candidate]:
    """`batch`, without its times where they all say the same recent moment: a generator's, not the pages'."""
    times = [one.lastmod for one in batch if one.lastmod is not None]
    if len(times) < MIN_EQUAL or max(times) - min(times) > _ALIKE or max(times) < fetched_at - _FRESH:
        return batch
    return [replace(one, lastmod=None) for one in batch]
