"""Times as feeds, sitemaps and list pages print them: RFC 822, ISO 8601, .NET and Vietnamese spellings."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

_MAX_CHARS = 100
_OFFSET = re.compile(r"\b(?:GMT|UTC)\s*([+-])\s*(\d{1,2})(?::?(\d\d))?\b", re.IGNORECASE)
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?!\d)")
_CLOCK = re.compile(r"(?<![\d+-])(\d{1,2})[:h](\d\d)(?::(\d\d))?\s*(AM|PM|SA|CH)?(?![\d:])", re.IGNORECASE)
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?\s*(?:Z|[+-]\d\d:?\d\d)?)?", re.IGNORECASE)
_ZONE = re.compile(r"([+-])(\d\d):?(\d\d)\s*\)?$")
_FIRST, _LAST = datetime(1995, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_NOON = 12


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return ZoneInfo("Asia/Ho_Chi_Minh")


def read_time(text: str | None, time_zone: str) -> datetime | None:
    """The instant `text` names, aware, UTC; None when it names none between 1995 and 2100.

    A time without a zone is in `time_zone`. `a/b/yyyy` is day/month, except beside AM or PM, which only an English
    computer prints: there the month stands first.
    """
    text = _OFFSET.sub(_plain_offset, (text or "")[:_MAX_CHARS].strip())
    if not text:
        return None
    for read in (_read_iso, _read_rfc822, _read_numeric):
        try:
            found = read(text)
            if found is not None:
                aware = found if found.tzinfo else found.replace(tzinfo=_zone(time_zone))
                instant = aware.astimezone(UTC)
                return instant if _FIRST <= instant < _LAST else None
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return None


def _plain_offset(found: re.Match[str]) -> str:
    return f"{found[1]}{int(found[2]):02}{found[3] or '00'}"


def _read_iso(text: str) -> datetime | None:
    found = _ISO.match(text)
    return datetime.fromisoformat(found[0].replace(" ", "T", 1).replace(" ", "").upper()) if found else None


def _read_rfc822(text: str) -> datetime | None:
    return parsedate_to_datetime(text) if re.search(r"[A-Za-z]{3}\s+(?:19|20)?\d\d\b", text) else None


def _read_numeric(text: str) -> datetime | None:
    date = _NUMERIC.search(text)
    if date is None:
        return None
    clock = _CLOCK.search(text[: date.start()] + " " + text[date.end() :])
    half = (clock[4] or "").upper() if clock else ""
    first, second, year = int(date[1]), int(date[2]), int(date[3])
    is_month_first = second > _NOON or (half in ("AM", "PM") and first <= _NOON)
    month, day = (first, second) if is_month_first else (second, first)
    moment = datetime(year if year > 99 else 2000 + year, month, day)  # noqa: DTZ001, PLR2004 - the zone comes later
    if clock:
        moment += timedelta(hours=_hour(int(clock[1]), half), minutes=int(clock[2]), seconds=int(clock[3] or 0))
    zone = _ZONE.search(text)
    return moment if zone is None else datetime.fromisoformat(f"{moment.isoformat()}{zone[1]}{zone[2]}:{zone[3]}")


def _hour(hour: int, half: str) -> int:
    if half in ("PM", "CH") and hour < _NOON:
        return hour + _NOON
    return 0 if half in ("AM", "SA") and hour == _NOON else hour
