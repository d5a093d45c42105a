"""What visitors change: judgements, seeds, the schedule. Only by forms of our own pages."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, cast

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from crawler.errors import LearningError
from crawler.scheduling.timetable import Timetable
from crawler.state.store import Store
from crawler.viewer.judgements import Judgement, judge
from crawler.viewer.rendering import local_path
from crawler.viewer.seeding import make_seed, proposed

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from crawler.items import Article
    from crawler.viewer.desk import Desk
    from crawler.viewer.reading import Reading
    from crawler.viewer.rendering import Renderer

VERDICTS = ("good", "bad", "")
_Verdict = Literal["good", "bad", "seed", ""]


class Acting:
    """Endpoints that change something, and the pages with their forms."""

    def __init__(self, desk: Desk, renderer: Renderer, reading: Reading, settings: tuple[str, ...]) -> None:
        """`settings`: NAME=VALUE for crawls that are started from here."""
        self._desk = desk
        self._page = renderer.page
        self._found = reading.found
        self._settings = settings

    def judgement(self, request: Request, form: dict[str, str]) -> Response:
        """Good, bad, or neither; then on to where the visitor wants to go."""
        article, verdict = self._found(request), form.get("verdict", "")
        if verdict not in VERDICTS:
            raise HTTPException(400, "good, bad or nothing")
        self._judge(article, cast("_Verdict", verdict))
        return RedirectResponse(local_path(form.get("then", "/")), 303)

    def _judge(self, article: Article, verdict: _Verdict) -> None:
        at = datetime.now(UTC)
        line = Judgement(id=article.id, site=article.site, url=article.canonical_url, verdict=verdict, judged_at=at)
        judge(self._desk.output, line)

    def fix(self, request: Request) -> Response:
        """The form in which an article is corrected and becomes a seed."""
        article = self._found(request)
        return self._page(request, "fix.html", article=article, form=proposed(article, self._desk.zone), problem="")

    def make_seed(self, request: Request, form: dict[str, str]) -> Response:
        """Write the seed; `scrapy learn SITE --relearn` learns from it."""
        article = self._found(request)
        self._desk.profile(article.site)
        try:
            seed = make_seed(self._desk.output, self._desk.seeds_dir, article, form)
        except LearningError as error:
            shown = proposed(article, self._desk.zone) | form
            return self._page(request, "fix.html", 400, article=article, form=shown, problem=str(error))
        self._judge(article, "seed")
        return RedirectResponse(f"/sites/{article.site}#seed-{seed.number}", 303)

    def schedule(self, request: Request, form: dict[str, str]) -> Response:  # noqa: ARG002 - all actions are called so
        """Pause, resume, or crawl now: what `scrapy schedule` does."""
        site, verb = request.path_params["site"], request.path_params["verb"]
        self._desk.profile(site)
        if verb == "once":
            self._crawl_now(site)
            return RedirectResponse("/live", 303)
        if verb not in {"pause", "resume"}:
            raise HTTPException(404, "no such verb")
        now = datetime.now(UTC)
        with Store(self._desk.output) as store:
            timetable = Timetable(store, self._desk.planner(self._desk.profiles()[0]))
            timetable.sync(now)
            if not timetable.pause(site, now, is_paused=verb == "pause"):
                raise HTTPException(409, f"{site} has no schedule")
        return RedirectResponse("/schedule", 303)

    def _crawl_now(self, site: str) -> None:
        command = [sys.executable, "-m", "scrapy", "schedule", "once", site]
        for setting in self._settings:
            command += ["-s", setting]
        nothing = subprocess.DEVNULL
        # a session of its own: the crawl goes on when the server ends
        crawl = subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)  # noqa: S603 - our own command
        threading.Thread(target=crawl.wait, name=f"crawl of {site}", daemon=True).start()  # leaves no zombie behind
