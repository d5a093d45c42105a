"""Pages to watch: crawls under way, the schedule, the sites with their seeds, what was rejected and why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, JSONResponse

from crawler.corpus.manifest import all_manifests
from crawler.errors import CollectorError
from crawler.health.history import latest_verdicts
from crawler.inspection.explanation import explain, site_of
from crawler.items import Reject
from crawler.scheduling.timetable import Timetable
from crawler.sites.saving import profile_toml
from crawler.state.store import Store
from crawler.viewer.archived import archived_page
from crawler.viewer.crawls import look
from crawler.viewer.guard import ARCHIVED_POLICY
from crawler.viewer.seeding import checked_seeds

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request
    from starlette.responses import Response

    from crawler.inspection.explanation import Explanation
    from crawler.refinement.thresholds import Thresholds
    from crawler.sites.profile import SiteProfile
    from crawler.viewer.desk import Desk
    from crawler.viewer.rendering import Renderer

N_ROWS = 50
N_RUNS = 40
_REJECTED = """
SELECT url, site, reason, detail, fetched_at, status, title FROM rejected
WHERE ($site = '' OR site = $site) AND ($reason = '' OR reason = $reason)
ORDER BY fetched_at DESC, url LIMIT $limit OFFSET $offset"""
_REASONS = "SELECT reason, count(*) AS n FROM rejected WHERE $site = '' OR site = $site GROUP BY reason ORDER BY n DESC"
_SITES = "SELECT site, count(*) AS n FROM rejected GROUP BY site ORDER BY site"


class Watching:
    """Endpoints; each runs in a thread of its own."""

    def __init__(self, desk: Desk, renderer: Renderer) -> None:
        self._desk = desk
        self._page = renderer.page
        self._text = renderer.text

    def live(self, request: Request) -> Response:
        """What crawls do now."""
        if not self._desk.is_begun:
            return self._page(request, "empty.html")
        with self._desk.store() as store:
            return self._page(request, "live.html", live=look(store))

    def live_state(self, request: Request) -> Response:
        """The part of the page that changes."""
        if not self._desk.is_begun:
            return HTMLResponse("")
        with self._desk.store() as store:
            live = look(store)
        return JSONResponse({"html": self._text(request, "live_state.html", live=live), "running": live.n_running})

    def schedule(self, request: Request) -> Response:
        """When each site is crawled, and what ran."""
        profiles, _ = self._desk.profiles()
        with Store(self._desk.output) as store:
            timetable = Timetable(store, self._desk.planner(profiles))
            timetable.sync(datetime.now(UTC))
            entries, history = timetable.entries(), timetable.history(limit=N_RUNS)
        manifests = all_manifests(self._desk.output)[::-1][:N_RUNS]
        verdicts = {verdict.run_id: verdict for verdict in latest_verdicts(self._desk.output)}
        unscheduled = sorted(profiles.keys() - {entry.site for entry in entries})
        return self._page(
            request, "schedule.html", entries=entries, history=history, manifests=manifests, verdicts=verdicts,
            unscheduled=unscheduled,
        )  # fmt: skip

    def sites(self, request: Request) -> Response:
        """All sites."""
        profiles, broken = self._desk.profiles()
        counts: dict[str, int] = {}
        if self._desk.is_begun:
            with self._desk.reader() as reader:
                counts = {key.site: n for key, n in reader.counts().items() if key.dataset == "articles"}
        seeds = {key: len(list((self._desk.seeds_dir / key).glob("[0-9]*.json"))) for key in profiles}
        verdicts = {verdict.site: verdict for verdict in latest_verdicts(self._desk.output)}
        return self._page(
            request, "sites.html", profiles=profiles, broken=broken, counts=counts, seeds=seeds, verdicts=verdicts
        )

    def site(self, request: Request) -> Response:
        """The profile of a site, and its seeds: what their pages yield now."""
        profile = self._desk.profile(request.path_params["site"])
        folder, problem = self._desk.seeds_dir / profile.key, ""
        try:
            seeds = self._desk.aside.call(checked_seeds, folder, profile)
        except CollectorError as error:
            seeds, problem = [], str(error)
        verdict = next(iter(latest_verdicts(self._desk.output, [profile.key])), None)
        return self._page(
            request, "site.html", profile=profile, seeds=seeds, problem=problem, toml=profile_toml(profile),
            verdict=verdict,
        )  # fmt: skip

    def rejects(self, request: Request) -> Response:
        """Pages that did not become articles, with the reason."""
        values = {name: request.query_params.get(name, "")[:100] for name in ("site", "reason")}
        text = request.query_params.get("page", "0")
        number = int(text) if text.isdecimal() and len(text) < 7 else 0  # noqa: PLR2004 - digits
        with self._desk.warehouse() as warehouse:
            rows = warehouse.rows(_REJECTED, values | {"limit": N_ROWS + 1, "offset": number * N_ROWS})
            reasons = warehouse.rows(_REASONS, {"site": values["site"]})
            sites = warehouse.rows(_SITES)
        return self._page(
            request, "rejects.html", rows=rows[:N_ROWS], has_more=len(rows) > N_ROWS, place=number, asked=values,
            reasons=reasons, sites=sites,
        )  # fmt: skip

    def why(self, request: Request) -> Response:
        """What every stage says of a page."""
        url = request.query_params.get("url", "").strip()[:4_000]
        explanation, problem = None, ""
        if url:
            try:
                profile = site_of(url, self._desk.profiles()[0])
                explanation = self._desk.aside.call(
                    _explained, url, profile, self._desk.output, self._desk.seeds_dir, self._desk.quality
                )
            except CollectorError as error:
                problem = str(error)
        extracted = explanation.extracted if explanation else None
        return self._page(
            request, "why.html", url=url, explanation=explanation, problem=problem,
            is_rejected=isinstance(extracted, Reject),
            is_judged_out=explanation is not None and isinstance(explanation.judged, Reject),
        )  # fmt: skip

    def why_page(self, request: Request) -> Response:
        """The archived page of an address that may be no article, for the frame."""
        url = request.query_params.get("url", "")[:4_000]
        profile = site_of(url, self._desk.profiles()[0])
        explanation = self._desk.aside.call(
            _explained, url, profile, self._desk.output, self._desk.seeds_dir, self._desk.quality
        )
        assert explanation.page is not None  # noqa: S101 - explain raises when there is none
        article = explanation.normalised
        text = self._desk.aside.call(
            archived_page, self._desk.output, explanation.page.pointer, profile.key, article, {}
        )
        return HTMLResponse(text, headers={"content-security-policy": ARCHIVED_POLICY})


def _explained(url: str, profile: SiteProfile, output: Path, seeds_dir: Path, quality: Thresholds) -> Explanation:
    return explain(url, profile, output=output, seeds_dir=seeds_dir, quality=quality)
