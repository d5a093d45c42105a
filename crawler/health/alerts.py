"""Tells people when the verdict on a site changes: mail, chat or webhook, through apprise (extra `alerts`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from crawler import disk
from crawler.errors import CorpusError, OptionError
from crawler.health.causes import Level

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crawler.health.verdicts import Verdict

TOLD_FILE = "alerts.json"


class Told(msgspec.Struct, frozen=True):
    """What people know of a site."""

    level: Level
    causes: tuple[str, ...]


def read_told(output: Path) -> dict[str, Told]:
    """What was delivered last, by site; nothing when the file is missing or cannot be read."""
    try:
        return msgspec.json.decode((output / TOLD_FILE).read_bytes(), type=dict[str, Told])
    except (OSError, msgspec.DecodeError):
        return {}


def tell_changes(output: Path, addresses: Sequence[str], now: Verdict) -> None:
    """Send an alert if `now` is news, and remember it, so that what was not delivered is told after the next run.

    Raises OptionError as `send`; CorpusError when `output`/alerts.json cannot be written.
    """
    told = read_told(output)
    if not is_news(now, told.get(now.site)):
        return
    send(addresses, now)
    told[now.site] = Told(now.level, now.causes)
    try:
        disk.replace(output / TOLD_FILE, msgspec.json.encode(told))
    except OSError as error:
        raise CorpusError(disk.describe(error)) from error


def is_news(now: Verdict, told: Told | None) -> bool:
    """Whether a verdict says something else than what was told last; a first verdict only when it is not well."""
    if told is None:
        return now.level is not Level.OK
    return now.level is not told.level or set(now.causes) != set(told.causes)


def message(now: Verdict) -> tuple[str, str]:
    """Title and text of an alert."""
    lines = [line for found in now.findings for line in (found.evidence, f"  next: {found.cause.advice(now.site)}")]
    what = ", ".join(now.causes) or "well again"
    return f"{now.site}: {now.level.value} ({what})", "\n".join(lines) or f"run {now.run_id}: {now.kept} new articles"


def send(addresses: Sequence[str], now: Verdict) -> None:
    """Send an alert to all `addresses` (apprise's form: `mailto://…`, `json://host/path`, `slack://…`).

    Raises OptionError when apprise is missing, an address cannot be used, or nobody could be told.
    """
    try:
        import apprise
    except ImportError:
        raise OptionError("ALERT_URLS needs the extra: pip install '.[alerts]'") from None
    teller = apprise.Apprise()
    for address in addresses:
        if not teller.add(address):
            raise OptionError(f"ALERT_URLS: {address.partition('://')[0]}://… is no address that apprise knows")
    title, body = message(now)
    kind = apprise.NotifyType.SUCCESS if now.level is Level.OK else apprise.NotifyType.WARNING
    if not teller.notify(body=body, title=title, notify_type=kind):
        raise OptionError(f"{now.site}: an alert could not be delivered to every one of ALERT_URLS")
