"""Is a site well? Each run is judged by its figures and by the runs before it, with a named cause and a next step."""

from __future__ import annotations

from crawler.health.causes import Cause, Level
from crawler.health.diagnosis import diagnose
from crawler.health.verdicts import Finding, Verdict

__all__ = ["Cause", "Finding", "Level", "Verdict", "diagnose"]
