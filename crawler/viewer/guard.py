"""Who may ask: known hosts, the own origin, whoever has the token; and what a browser may do with the answers.

A page of the web can send requests to 127.0.0.1, by a name of its own that leads there (DNS rebinding) or across
origins. The first is refused by the Host header; the second cannot read answers and cannot change anything: that
takes a POST with the origin of these pages and a word that only they know.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "corpus_token"
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ARCHIVED_POLICY = (
    "sandbox; default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
"""For archived pages: a stylesheet of ours, and nothing else from anywhere."""
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
_OPEN = ("/assets/", "/enter")
"""Paths that need no token."""
_SAFE = {"GET", "HEAD"}


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, *, host: str, token: str | None) -> None:
        """`host`: where the server listens; `token`: what visitors must know, None on loopback alone."""
        self.app = app
        self.host = host.lower()
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on and add the headers."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        answer = self._refusal(scope, headers) or self._way_in(scope, headers)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    given.setdefault(name, value)
            await send(message)

        await (answer or self.app)(scope, receive, with_headers)

    def _refusal(self, scope: Scope, headers: Headers) -> PlainTextResponse | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._is_known(hosts[0]):
            return PlainTextResponse("This server is not known by that name.", 400)
        site = headers.get("sec-fetch-site", "none")
        if scope["method"] in _SAFE:
            is_foreign = site in {"cross-site", "same-site"} and headers.get("sec-fetch-mode") != "navigate"
            is_refused = is_foreign and not scope["path"].startswith("/assets/")
        elif (origin := headers.get("origin")) is not None:
            is_refused = urlsplit(origin).netloc.lower() != hosts[0].lower()
        else:
            is_refused = site not in {"none", "same-origin"}
        return PlainTextResponse("Asked from another place than these pages.", 403) if is_refused else None

    def _is_known(self, host: str) -> bool:
        """A name of a page of the web is none of these; ports differ behind a tunnel."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
            if name in {"localhost", self.host}:
                return True
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or self.token is not None

    def _way_in(self, scope: Scope, headers: Headers) -> RedirectResponse | PlainTextResponse | None:
        if self.token is None or scope["path"].startswith(_OPEN) or self._has_token(headers):
            return None
        if scope["method"] in _SAFE:
            return RedirectResponse("/enter", 303)
        return PlainTextResponse("The token is missing.", 403)

    def _has_token(self, headers: Headers) -> bool:
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            return False
        return cookie is not None and is_same(cookie.value, self.token or "")


def is_same(given: str, wanted: str) -> bool:
    """Whether two secrets are equal, in a time that tells nothing."""
    return hmac.compare_digest(given.encode(), wanted.encode())


def new_secret() -> str:
    """43 characters that nobody guesses."""
    return secrets.token_urlsafe(32)
