"""Times as machines write them, in meta elements, `datetime` attributes and JSON-LD, and as other languages do."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from crawler.extraction.dates import MAX_CHARS, Clock, Moment, read_moment

_COMPACT = re.compile(r"^\s*((?:19|20)\d\d)(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?)?\s*(Z|[+-]\d\d:?\d\d)?\s*$")
_ISO = re.compile(
    r"((?:19|20)\d\d-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)?(?:\.\d{1,9})?(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?", re.ASCII
)
_EPOCH = re.compile(r"^\s*(1\d{9})(?:\d{3})?\s*$")


def read_value(raw: str, clock: Clock, language: str = "vi") -> Moment | None:
    """The time in a value that machines write: meta element, `datetime` attribute, JSON-LD.

    Beside all datelines: seconds since 1970, `20251022T192552+0700`, names in `language`.
    """
    moment = _machine(raw, clock) or read_moment(raw, clock) or _foreign(raw, clock, language)
    return moment if moment is not None and clock.is_possible(moment.at) else None


def _machine(raw: str, clock: Clock) -> Moment | None:
    """ISO 8601 (most declarations: no need to read them as words), seconds since 1970, figures without separators."""
    if (match := _ISO.fullmatch(raw)) is not None:
        day, minutes, seconds, zone = match.groups("")
        return _moment(f"{day}T{minutes}{seconds}{zone}", clock, has_time=True, has_zone=bool(zone))
    if (match := _EPOCH.match(raw)) is not None:
        return Moment(datetime.fromtimestamp(int(match[1]), UTC), has_zone=True)
    if (match := _COMPACT.match(raw)) is None:
        return None
    year, month, day, hour, minute, second, zone = match.groups()
    text = f"{year}-{month}-{day}" + (f"T{hour}:{minute}:{second or '00'}{zone or ''}" if hour else "")
    return _moment(text, clock, has_time=bool(hour), has_zone=bool(zone))


def _moment(text: str, clock: Clock, *, has_time: bool, has_zone: bool) -> Moment | None:
    try:
        at = datetime.fromisoformat(text)
        return Moment((at if at.tzinfo else at.replace(tzinfo=clock.tz)).astimezone(UTC), has_time, has_zone)
    except (ValueError, OverflowError):
        return None


def _foreign(raw: str, clock: Clock, language: str) -> Moment | None:
    """What dateparser reads in `language`, if all of day, month and year are written."""
    if len(raw) > MAX_CHARS or not any(char.isdigit() for char in raw) or language == "vi":
        return None
    import dateparser  # slow to import, and needed by few pages

    settings = {
        "RELATIVE_BASE": clock.fetched_at.astimezone(clock.tz).replace(tzinfo=None),
        "REQUIRE_PARTS": ["day", "month", "year"],
        "RETURN_TIME_AS_PERIOD": True,
    }
    try:
        parsed = dateparser.DateDataParser(languages=[language], settings=settings).get_date_data(raw)
    except (ValueError, OverflowError, RecursionError):
        return None
    if parsed.date_obj is None:
        return None
    at = parsed.date_obj if parsed.date_obj.tzinfo else parsed.date_obj.replace(tzinfo=clock.tz)
    return Moment(at.astimezone(UTC), parsed.period == "time", parsed.date_obj.tzinfo is not None)
