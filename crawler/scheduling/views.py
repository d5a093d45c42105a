"""The timetable as rows for people and programs: what is scheduled, what comes, what ran."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from crawler.inspection.sheets import Sheet, as_json, show
from crawler.inspection.zones import TIME_ZONE
from crawler.scheduling.planning import due_times

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import timedelta

    from crawler.scheduling.planning import Planner
    from crawler.scheduling.timetable import Timetable
    from crawler.sites.profile import SiteProfile


@dataclass(frozen=True)
class Views:
    """Rows as dicts; times are aware, UTC, and `zone` is the site's. `sites`: of these only, none: of all."""

    timetable: Timetable
    planner: Planner
    profiles: Mapping[str, SiteProfile]

    def entries(self, sites: Collection[str] = ()) -> list[dict[str, Any]]:
        """Rule, next due time and state of each site."""
        return [
            {
                "site": entry.site,
                "rule": entry.rule,
                "next_due_at": entry.next_due_at,
                "zone": self._zone(entry.site),
                "state": "running" if entry.is_running else "paused" if entry.is_paused else "waiting",
            }
            for entry in self.timetable.entries()
            if not sites or entry.site in sites
        ]

    def coming(self, now: datetime, span: timedelta, sites: Collection[str] = ()) -> list[dict[str, Any]]:
        """What would start when, until `span` after `now`."""
        begin = {entry.site: entry.next_due_at for entry in self.timetable.entries() if not entry.is_paused}
        return [
            {"due_at": due_at, "site": site, "zone": self._zone(site)}
            for due_at, site in due_times(self.planner, begin, now + span)
            if not sites or site in sites
        ]

    def past(self, limit: int, sites: Sequence[str] = ()) -> list[dict[str, Any]]:
        """The latest runs, `limit` of each of `sites` or of all together, newest first."""
        return [
            {
                "site": run.site,
                "due_at": run.due_at,
                "started_at": run.claimed_at,
                "ended_at": run.ended_at,
                "outcome": run.outcome or "running",
                "missed": run.n_missed,
                "run_id": run.run_id,
                "zone": self._zone(run.site),
            }
            for site in (sites or (None,))
            for run in self.timetable.history(site, limit)
        ]

    def _zone(self, site: str) -> str:
        profile = self.profiles.get(site)
        return profile.time_zone if profile else TIME_ZONE


def print_rows(rows: Sequence[dict[str, Any]], *, is_json: bool, when_empty: str) -> None:
    """As JSON, or as a table with each time in its row's zone."""
    if is_json:
        print(as_json(list(rows)))  # noqa: T201 - what the command is for
    elif rows:
        columns = tuple(name for name in rows[0] if name != "zone")
        show([Sheet("", columns, [tuple(_local(row[name], row["zone"]) for name in columns) for row in rows])])
    else:
        print(when_empty)  # noqa: T201 - what the command is for


def _local(value: Any, zone: str) -> Any:
    return value.astimezone(ZoneInfo(zone)) if isinstance(value, datetime) else value
