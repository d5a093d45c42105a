"""A part of a newspaper that its readers' browsers build: an empty shell, a script, and the page itself as data.

The script also tries what a hostile one would: to reach another address in every way that a browser knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from newsroom import Response

if TYPE_CHECKING:
    from collections.abc import Callable

SHELL = """<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>Báo</title>
<link rel="stylesheet" href="/scripted/style.css"><script src="/scripted/app.js" defer></script></head>
<body><div id="app"><img src="/scripted/spinner.png" alt="">Đang tải…</div></body></html>"""

SCRIPT = """
"use strict";
const beyond = "%(beyond)s";
const attempts = [
  () => fetch(`http://${beyond}/fetch`),
  () => fetch("/scripted/count", {method: "POST", body: "1"}),
  () => new WebSocket(`ws://${beyond}/socket`),
  () => new EventSource(`http://${beyond}/events`),
  () => navigator.sendBeacon(`http://${beyond}/beacon`, "x"),
  () => window.open(`http://${beyond}/window`),
  () => { new Image().src = `http://${beyond}/image`; },
  () => add("iframe", {src: `http://${beyond}/frame`}),
  () => add("script", {src: `http://${beyond}/script`}),
  () => add("link", {rel: "preconnect", href: `http://${beyond}`}),
  () => add("link", {rel: "prefetch", href: `http://${beyond}/prefetch`}),
  () => new RTCPeerConnection({iceServers: [{urls: `turn:${beyond}?transport=tcp`, username: "a", credential: "b"}]})
    .createOffer({offerToReceiveAudio: true}),
];
function add(name, attributes) {
  document.head.append(Object.assign(document.createElement(name), attributes));
}
async function build() {
  const answer = await fetch("/scripted/data?page=" + encodeURIComponent(location.pathname + location.search));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.title = page.title;
  document.body.replaceChildren(...page.body.childNodes);
  if (beyond) {
    for (const attempt of attempts) { try { attempt(); } catch { /* the next one */ } }
    setTimeout(() => { location = `http://${beyond}/navigation`; }, 50);
  }
}
build();
"""


class Scripted:
    """Pages below `prefix` as shells; `beyond`: host and port that the script tries to reach."""

    def __init__(self, prefix: str, beyond: str = "") -> None:
        self.prefix = prefix
        self.beyond = beyond

    def answer(self, path: str, whole: Callable[[str], Response]) -> Response | None:
        """What this part answers to `path`, None for the rest of the newspaper."""
        parts = urlsplit(path)
        if parts.path == "/scripted/app.js":
            return Response(path, (SCRIPT % {"beyond": self.beyond}).encode(), content_type="text/javascript")
        if parts.path == "/scripted/data":
            return whole(parse_qs(parts.query)["page"][0])
        if path.startswith(self.prefix):
            return Response(path, SHELL.encode(), content_type="text/html; charset=utf-8")
        return None
