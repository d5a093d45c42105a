"""What nobody else may do, and what no text can do."""

import html
import json
import socket

import pytest
from reading_room import HOSTILE, HOSTILE_PAGE
from served import Server

from crawler.items import Page, Pointer
from crawler.viewer.archived import inert
from crawler.viewer.guard import Guard
from crawler.viewer.judgements import judgements
from crawler.viewer.rendering import local_path, web_address

TOKEN = "t" * 20


@pytest.mark.parametrize(
    ("host", "has_token", "is_known"),
    [
        ("127.0.0.1:8765", False, True), ("localhost:9000", False, True), ("[::1]:8765", False, True),
        ("evil.example", False, False), ("127.0.0.1.evil.example:8765", False, False), ("192.0.2.7:8765", False, False),
        ("", False, False), ("[::1", False, False), ("192.0.2.7:8765", True, True), ("evil.example", True, False),
    ],
)  # fmt: skip
def test_hosts(host, has_token, is_known):
    assert Guard(None, host="127.0.0.1", token=TOKEN if has_token else None)._is_known(host) is is_known


def test_a_foreign_host_header_sees_nothing(server):
    status, _, text = server.ask("/search", Host="evil.example:80")
    assert status == 400
    assert "Tin" not in text


@pytest.mark.parametrize(
    "request_head",
    [
        "GET /search HTTP/1.1\r\nHost: evil.example\r\n",
        "GET /search HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n",
        "GET http://evil.example/search HTTP/1.1\r\nHost: evil.example\r\n",
        "GET /search HTTP/1.1\r\n",
        "GET /search HTTP/1.0\r\n",
        "GET /search HTTP/1.1\r\nHost: 127.0.0.1@evil.example\r\n",
        "POST /schedule/baobaclieu/once HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n",
    ],
)
def test_whoever_calls_the_server_otherwise_sees_nothing(server, request_head):
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as line:
        line.sendall(f"{request_head}Connection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: line.recv(65_536), b""))
    assert answer.split()[1] == b"400"
    assert b"Tin" not in answer


@pytest.mark.parametrize(
    ("headers", "has_csrf", "status"),
    [
        ({"Origin": "http://evil.example"}, True, 403),
        ({"Origin": "null"}, True, 403),
        ({"Sec_Fetch_Site": "cross-site"}, True, 403),
        ({"Sec_Fetch_Site": "same-site"}, True, 403),
        ({}, False, 403),
        ({"Sec_Fetch_Site": "same-origin"}, False, 403),
        ({}, True, 303),
    ],
)
def test_posts_from_elsewhere_change_nothing(server, headers, has_csrf, status):
    form = {"verdict": "bad", "csrf": server.desk.csrf if has_csrf else "x"}
    before = judgements(server.desk.output)
    assert server.ask(f"/articles/{'f' * 32}/judgement", "POST", form, **headers)[0] == status
    after = judgements(server.desk.output)
    assert (after == before) is (status == 403)


def test_what_changes_something_is_no_get(server):
    for path in (f"/articles/{'f' * 32}/judgement", "/schedule/baobaclieu/once", "/schedule/baobaclieu/pause"):
        assert server.ask(path)[0] == 405


def test_a_form_is_bounded(server):
    assert server.post(f"/articles/{'f' * 32}/fix", body="x" * (5 << 20))[0] == 413
    assert server.ask("/schedule/baobaclieu/once", "POST", Content_Type="application/json")[0] == 415


def test_others_cannot_read_across_origins(server):
    assert server.ask("/live/state", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors")[0] == 403
    headers = server.ask("/")[1]
    assert "unsafe" not in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in headers


def test_no_page_has_script_or_style_of_its_own(server):
    for path in ("/", "/search", f"/articles/{'f' * 32}", "/rejects", "/live", "/schedule", "/sites", "/why", "/x"):
        text = server.ask(path)[2]
        assert "<style" not in text
        assert " style=" not in text
        assert text.count("<script") == text.count('<script src="/assets/app.js" defer>') == 1
        assert not [attribute for attribute in ("onclick", "onload", 'onerror="', "javascript:") if attribute in text]


def test_text_of_articles_is_only_text(server):
    for path in (f"/articles/{'f' * 32}", f"/articles/{'f' * 32}/fix", "/search?q=document", "/clusters", "/",
                 "/search?source=%3Cscript%3E&q=%3Cscript%3E"):  # fmt: skip
        text = server.ask(path)[2]
        assert "<script>document" not in text
        assert "<img" not in text
    assert "\x1b" not in server.ask(f"/articles/{'f' * 32}")[2]
    shown = html.unescape(server.ask(f"/articles/{'f' * 32}")[2])
    assert HOSTILE.replace("\x1b", "\N{REPLACEMENT CHARACTER}") in shown


def test_an_archived_page_keeps_no_attribute_and_no_address():
    page = Page(
        "https://a.example/", "https://a.example/", 200, (), HOSTILE_PAGE.encode(), None, "a", "x", Pointer("", 0, 0)
    )
    text = inert(page, None, {})
    body = text.partition("</head>")[2].lower()
    assert "ra khỏi khung" in body
    words = ("script", "style", "href", "src=", "on", "action", "svg", "<iframe", "<form", "<img", "<plaintext", "<a")
    tags = [piece.partition(">")[0] for piece in body.split("<")[1:]]
    assert not [tag for tag in tags for word in words[:7] if f" {word}" in tag or tag.startswith(word)]
    assert not [word for word in words[7:] if f"{word} " in body or f"{word}>" in body]


def test_a_frame_has_a_policy_of_its_own(server):
    status, headers, _ = server.ask(f"/articles/{'f' * 32}/page")
    assert status == 422  # its archive is not there: said, not raised
    assert "default-src 'none'" in headers["content-security-policy"]


def test_links_lead_only_where_they_may():
    foreign = ("javascript:alert(1)", "data:text/html,x", "//x", "http://[")
    assert {web_address(url) for url in foreign} == {""}
    assert web_address("https://a.example/") == "https://a.example/"
    foreign = ("//evil.example", "/\\evil.example", "https://evil.example", "", "/a\nb")
    assert {local_path(path) for path in foreign} == {"/"}
    assert local_path("/a?b=c") == "/a?b=c"


def test_a_token_opens_the_door(server):
    guarded = Server(server.desk.output, server.desk.seeds_dir, token=TOKEN)
    try:
        assert guarded.ask("/search")[:2][0] == 303
        assert guarded.ask("/search")[1]["location"] == "/enter"
        assert guarded.ask("/live/state")[0] == 303
        assert guarded.post("/schedule/baobaclieu/once")[0] == 403
        assert guarded.post("/enter", token=TOKEN[1:])[0] == 403
        status, headers, _ = guarded.post("/enter", token=TOKEN)
        assert status == 303
        assert "HttpOnly" in headers["set-cookie"]
        assert "SameSite=strict" in headers["set-cookie"]
        cookie = headers["set-cookie"].partition(";")[0]
        assert guarded.ask("/search", Cookie=cookie)[0] == 200
        assert guarded.ask("/search", Cookie="corpus_token=" + "x" * 20)[0] == 303
    finally:
        guarded.close()


def test_unknown_things_are_said(server):
    for path in ("/articles/none", "/clusters/none", "/sites/none", "/nowhere", "/assets/..%2fapp.py"):
        status, _, text = server.ask(path)
        assert status in {404, 422}
        assert "<h1>" in text
    assert server.ask("/search?since=yesterday")[0] == 422
    assert json.loads(server.ask("/live/state")[2])["running"] == 0
