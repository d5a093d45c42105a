"""Ways to answer for robots.txt, each with what must become of an article that the rules forbid, if they count."""

import gzip
import time

from tests.newspaper.faults import reset
from tests.newspaper.prose import answer, article, moved

RULES = b"# for all\nUser-agent: *\nDisallow: /bai/\n"
READ, FREE, SHUT = "robots_disallowed", None, "robots_unreachable"
"""The rules were read and forbid; there are none; nothing may be fetched."""
CAP = 512_000


def text(body, status="200 OK", *headers, kind="text/plain"):
    return answer(body, status, *headers, kind=kind)


def filled(n_bytes, after=b""):
    """A comment line of so many bytes, end included."""
    return b"#" * (n_bytes - 1) + b"\n" + after


STATUSES = {
    "200 OK": READ, "201 Created": READ, "203 Elsewhere": READ, "206 Partial Content": READ, "299 Odd": READ,
    "300 Choices": FREE, "301 Moved": FREE, "304 Not Modified": FREE, "400 Bad": FREE, "401 Who": FREE,
    "402 Pay": FREE, "403 Forbidden": FREE, "404 Not Found": FREE, "405 No": FREE, "406 Not so": FREE, "410 Gone": FREE,
    "418 Teapot": FREE, "429 Slowly": SHUT, "451 Law": FREE, "500 Oops": SHUT, "501 What": SHUT, "502 Bad": SHUT,
    "503 Busy": SHUT, "504 Late": SHUT, "511 Login": SHUT, "520 Odd": SHUT, "599 Odd": SHUT, "600 Odd": SHUT,
    "999 No": SHUT,
}  # fmt: skip
SAID = {
    # name: what is sent, outcome
    "empty": (text(b""), FREE),
    "no content": (b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", FREE),
    "html instead": (answer(article("trang chủ")), FREE),
    "rules as html": (text(RULES, kind="text/html"), READ),
    "rules without a type": (text(RULES).replace(b"Content-Type: text/plain\r\n", b""), READ),
    "rules as octets": (text(RULES, kind="application/octet-stream"), READ),
    "byte order mark": (text(b"\xef\xbb\xbf" + RULES.partition(b"\n")[2]), READ),
    "utf-16": (text(("\ufeff" + RULES.decode()).encode("utf-16-le")), READ),
    "latin-1 comment": (text(b"# kh\xf4ng ph\xe9p \xff\xfe\n" + RULES), READ),
    "carriage returns": (text(RULES.replace(b"\n", b"\r")), READ),
    "both line ends": (text(RULES.replace(b"\n", b"\r\n")), READ),
    "no last line end": (text(RULES.rstrip()), READ),
    "gzip": (text(gzip.compress(RULES), "200 OK", "Content-Encoding: gzip"), READ),
    "gzip unsaid": (text(gzip.compress(RULES)), READ),
    "gzip said only": (text(RULES, "200 OK", "Content-Encoding: gzip"), READ),
    "gzip cut": (text(gzip.compress(RULES * 9)[:-20], "200 OK", "Content-Encoding: gzip"), SHUT),
    "gzip bomb": (text(gzip.compress(RULES + bytes(60_000_000)), "200 OK", "Content-Encoding: gzip"), SHUT),
    "just at the cap": (text(filled(CAP - len(RULES)) + RULES), READ),
    "past the cap": (text(filled(CAP) + RULES), FREE),
    "600 KB": (text(RULES + filled(600_000)), READ),
    "3 MB": (text(RULES + filled(3_000_000)), READ),
    "20 MB": (text(RULES + filled(20_000_000)), SHUT),
    "20,000 rules": (text(b"User-agent: *\n" + b"".join(b"Disallow: /x%d/\n" % n for n in range(20_000))), READ),
    "for another": (text(RULES.replace(b"*", b"otherbot")), FREE),
    "for us": (text(RULES.replace(b"*", b"News-Corpus-Collector")), READ),
    "us let in": (text(RULES + b"User-agent: news-corpus-collector\nDisallow:\n"), FREE),
    "misspelt": (text(b"useragent: *\ndissalow: /bai/\n"), READ),
    "capitals": (text(RULES.upper().replace(b"/BAI/", b"/bai/")), READ),
    "length too large": (text(RULES).replace(b"Content-Length: ", b"Content-Length: 9"), SHUT),
    "to rules": (moved("/bai-noi-quy.txt"), READ),
    "to rules 307": (moved("/bai-noi-quy.txt", "307 Go"), READ),
    "to rules 308": (moved("/bai-noi-quy.txt", "308 Go"), READ),
    "five steps": (moved("/buoc-4"), READ),
    "six steps": (moved("/buoc-5"), SHUT),
    "to itself": (moved("/robots.txt"), SHUT),
    "to nothing": (moved("/khong-co"), FREE),
    "to a fault": (moved("/hong"), SHUT),
    "to the home page": (moved("/"), FREE),
    "to a file": (moved("file:///etc/hosts"), SHUT),
    "to another scheme": (moved("ftp://127.0.0.1/robots.txt"), SHUT),
    "to no address": (moved("http://[::1/robots.txt"), SHUT),
    "nothing": (b"", SHUT),
    "no http": (b"SSH-2.0-dropbear\r\n" + RULES, SHUT),
    "half a head": (b"HTTP/1.1 200 OK\r\nContent-", SHUT),
}
SAID |= {f"status {status}": (text(RULES, status), outcome) for status, outcome in STATUSES.items()}
ELSEWHERE = {
    "/bai-noi-quy.txt": text(RULES),
    "/khong-co": answer("no", "404 Not Found"),
    "/hong": answer("no", "503 Busy"),
    "/buoc-0": text(RULES),
    **{f"/buoc-{n}": moved(f"/buoc-{n - 1}") for n in range(1, 6)},
}
"""Where redirects of robots.txt lead."""


def hang(paper, _):
    paper.wait()


def stall(paper, client):
    client.sendall(text(RULES).replace(b"Content-Length: ", b"Content-Length: 9"))
    paper.wait()


def drip(paper, client):
    for at in range(400):
        if paper.is_open:
            client.sendall(text(RULES)[at : at + 1])
            time.sleep(0.1)


def endless(paper, client):
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + RULES)
    while paper.is_open:
        client.sendall(filled(8_000))


def cut_off(_, client):
    client.sendall(text(RULES)[:40])
    reset(client)


DONE = {"hangs": (hang, SHUT), "stalls": (stall, SHUT), "drips": (drip, SHUT), "endless": (endless, SHUT)}
DONE |= {"reset": (cut_off, SHUT)}
OUTCOMES = {name: outcome for name, (_, outcome) in (SAID | DONE).items()}
"""Name of each way to its outcome."""


def send_robots(paper, client):
    if paper.robots in DONE:
        DONE[paper.robots][0](paper, client)
    elif paper.robots in SAID:
        client.sendall(SAID[paper.robots][0])
    elif paper.robots.startswith("User-agent"):
        client.sendall(text(paper.robots.encode()))
    else:
        client.sendall(answer("no rules", paper.robots))
