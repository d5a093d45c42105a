"""Moments as SQLite keeps them: whole microseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970 of an aware `moment`."""
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The aware UTC moment that `to_micros` gave `micros` for."""
    return _EPOCH + micros * _MICROSECOND


def opt_micros(moment: datetime | None) -> int | None:
    """`to_micros`, or None for None."""
    return None if moment is None else to_micros(moment)


def opt_moment(micros: int | None) -> datetime | None:
    """`from_micros`, or None for None."""
    return None if micros is None else from_micros(micros)


def now() -> datetime:
    """The present moment, aware, UTC."""
    return datetime.now(UTC)
