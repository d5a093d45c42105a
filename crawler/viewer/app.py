"""The web application: which address leads where."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from importlib import resources
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from crawler.errors import CollectorError, CorpusError
from crawler.viewer.acting import Acting
from crawler.viewer.forms import action, read_form
from crawler.viewer.guard import COOKIE, Guard, is_same
from crawler.viewer.reading import Reading
from crawler.viewer.rendering import LANGUAGE_COOKIE, Renderer, local_path
from crawler.viewer.watching import Watching
from crawler.viewer.words import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from crawler.viewer.desk import Desk

ASSETS = {"style.css": "text/css", "archived.css": "text/css", "app.js": "text/javascript", "icon.svg": "image/svg+xml"}
WRONG_TOKEN_SECONDS = 1.0
_YEAR = 365 * 86_400


def make_app(desk: Desk, *, host: str, token: str | None = None, settings: tuple[str, ...] = ()) -> ASGIApp:
    """The application, guarded. `settings`: NAME=VALUE for crawls that are started from its pages."""
    renderer = Renderer(desk)
    reading, watching = Reading(desk, renderer), Watching(desk, renderer)
    acting = Acting(desk, renderer, reading, settings)
    routes = [
        Route("/", reading.overview),
        Route("/search", reading.search),
        Route("/articles/{id}", reading.article),
        Route("/articles/{id}/page", reading.archived),
        Route("/articles/{id}/judgement", action(desk, acting.judgement), methods=["POST"]),
        Route("/articles/{id}/fix", acting.fix),
        Route("/articles/{id}/fix", action(desk, acting.make_seed), methods=["POST"]),
        Route("/clusters", reading.clusters),
        Route("/clusters/{id}", reading.cluster),
        Route("/rejects", watching.rejects),
        Route("/why", watching.why),
        Route("/why/page", watching.why_page),
        Route("/live", watching.live),
        Route("/live/state", watching.live_state),
        Route("/schedule", watching.schedule),
        Route("/schedule/{site}/{verb}", action(desk, acting.schedule), methods=["POST"]),
        Route("/sites", watching.sites),
        Route("/sites/{site}", watching.site),
        Route("/language", _switch),
        Route("/enter", _Door(renderer, token).ask),
        Route("/enter", _Door(renderer, token).enter, methods=["POST"]),
        Route("/assets/{name}", _asset),
    ]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await run_in_threadpool(desk.prepare)
        yield
        await run_in_threadpool(desk.close)

    def problem(request: Request, error: Exception) -> Response:
        if isinstance(error, CorpusError) and not desk.is_begun:
            return renderer.page(request, "empty.html")
        status = error.status_code if isinstance(error, HTTPException) else 422
        return renderer.page(request, "problem.html", status, message=getattr(error, "detail", str(error)))

    app = Starlette(
        routes=routes, lifespan=lifespan, exception_handlers={HTTPException: problem, CollectorError: problem}
    )
    return Guard(app, host=host, token=token)


def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in ASSETS:
        raise HTTPException(404)
    body = resources.files("crawler.viewer").joinpath("assets", name).read_bytes()
    return Response(body, media_type=ASSETS[name], headers={"cache-control": "no-cache"})


def _switch(request: Request) -> Response:
    """Pages in another language from now on."""
    answer = RedirectResponse(local_path(request.query_params.get("back", "/")), 303)
    language = request.query_params.get("to", "")
    if language in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, language, max_age=_YEAR, httponly=True, samesite="strict")
    return answer


class _Door:
    """Where the token is asked for, and exchanged for a cookie."""

    def __init__(self, renderer: Renderer, token: str | None) -> None:
        self._renderer = renderer
        self._token = token

    def ask(self, request: Request) -> Response:
        return self._renderer.page(request, "enter.html", is_wrong=False)

    async def enter(self, request: Request) -> Response:
        form = await read_form(request)
        if self._token is not None and not is_same(form.get("token", "").strip(), self._token):
            await run_in_threadpool(time.sleep, WRONG_TOKEN_SECONDS)
            return self._renderer.page(request, "enter.html", 403, is_wrong=True)
        answer = RedirectResponse("/", 303)
        if self._token is not None:
            answer.set_cookie(COOKIE, self._token, httponly=True, samesite="strict", max_age=_YEAR)
        return answer
