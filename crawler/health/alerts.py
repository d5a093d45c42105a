"""Tells people when the verdict on a site changes: mail, chat or webhook, through apprise (extra `alerts`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.errors import OptionError
from crawler.health.causes import Level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.health.verdicts import Verdict


def is_news(now: Verdict, before: Verdict | None) -> bool:
    """Whether a verdict says something else than the one before it; a first verdict only when it is not well."""
    if before is None:
        return now.level is not Level.OK
    return now.level is not before.level or set(now.causes) != set(before.causes)


def message(now: Verdict) -> tuple[str, str]:
    """Title and text of an alert."""
    lines = [line for finding in now.findings for line in (finding.evidence, f"  next: {finding.cause.advice}")]
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
