"""A newspaper on loopback that misbehaves on demand: raw sockets, so that it can lie about everything."""

import gzip
import itertools
import random
import socket
import struct
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

WHO = ("bà con xóm núi", "ban quản lý hồ", "thầy cô giáo", "đội thanh niên", "hợp tác xã", "chị em phụ nữ", "kỹ sư trẻ")
DOES = ("dọn dẹp", "sửa chữa", "trồng lại", "ghi chép", "bàn bạc về", "chăm sóc", "đo đạc", "gia cố", "vận chuyển")
WHAT = ("con đường ven sông", "vườn ươm cây giống", "mái trường tiểu học", "bờ kè phía đông", "giếng nước chung")
WHEN = ("từ sáng sớm", "suốt hai tuần", "trước mùa mưa", "sau buổi họp", "vào phiên chợ", "khi nước rút")
LAST = "Đến chiều muộn, việc nặng nhất đã xong, ai nấy ngồi lại bên ấm trà và bàn chuyện ngày mai."


def sentences(name, n=14):
    """Vietnamese prose that differs from name to name as articles do."""
    dice = random.Random(name)  # noqa: S311 - prose, no secrets
    parts = [" ".join(map(dice.choice, (WHO, DOES, WHAT, WHEN))) for _ in range(2 * n)]
    return [f"{one.capitalize()}, còn {two}." for one, two in zip(parts[::2], parts[1::2], strict=True)] + [LAST]


def article(name, lines=None):
    paragraphs = "".join(f"<p>{line}</p>" for line in lines or sentences(name))
    title = f"{sentences(name)[0].partition(',')[0]} ở xã số {len(name)}"
    body = f"<h1>{title}</h1><div class=noi-dung>{paragraphs}</div>"
    return f"<html><head><title>{title}</title></head><body>{body}</body></html>"


def answer(body, status="200 OK", *headers):
    body = body if isinstance(body, bytes) else body.encode()
    lines = [f"HTTP/1.1 {status}", "Content-Type: text/html; charset=utf-8", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


class Ask(NamedTuple):
    """A request for a faulty page."""

    client: socket.socket
    name: str
    n: int
    is_first: bool


class Newspaper:
    """Answers `/` with links to `faults`, `/bai/<fault>-<n>.html` with that fault; counts what it was asked."""

    def __init__(self, faults=(), robots="404 Not Found", n_pages=1):
        self.faults = faults
        self.robots = robots
        self.n_pages = n_pages
        self.asked = Counter()
        self.times = []
        self.is_open = True
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.socket.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"

    def close(self):
        """Refuse connections from now on: closing alone would leave the waiting `accept` in place."""
        self.is_open = False
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def serve(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.handle, args=(client,), daemon=True).start()

    def handle(self, client):
        try:
            with client:
                head = client.recv(65536).decode("latin-1")
                path = head.split(" ")[1] if head.count(" ") > 1 else "/"
                self.asked[path] += 1
                self.times.append((time.monotonic(), path))
                self.reply(client, path)
        except OSError:
            pass

    def reply(self, client, path):
        if path == "/robots.txt":
            client.sendall(answer("no rules", self.robots))
        elif path == "/":
            links = (
                f"<p><a href='/bai/{name}-{n}.html'>Bài viết số {n} về chuyện {name}</a></p>"
                for name, n in itertools.product(self.faults, range(1, self.n_pages + 1))
            )
            client.sendall(answer(f"<html><title>Trang chủ</title><body>{''.join(links)}</body></html>"))
        elif path.startswith("/bai/"):
            name, n = path.removeprefix("/bai/").removesuffix(".html").rsplit("-", 1)
            ask = Ask(client, f"{name}-{n}", int(n), is_first=self.asked[path] == 1)
            getattr(self, f"send_{name.replace('-', '_')}")(ask)
        else:
            client.sendall(answer("nothing here", "404 Not Found"))

    def send_whole(self, ask):
        ask.client.sendall(answer(article(ask.name)))

    def send_reset(self, ask):
        ask.client.sendall(answer(article(ask.name))[:90])  # within the head: further on it may pass for a cut body
        ask.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def send_cut(self, ask):
        ask.client.sendall(answer(article(ask.name))[:900])

    def send_silent(self, _):
        """Closes without a word."""

    def send_short(self, ask):
        ask.client.sendall(answer(article(ask.name)).replace(b"Content-Length: ", b"Content-Length: 9"))

    def send_bad_gzip(self, ask):
        packed = bytearray(gzip.compress(article(ask.name).encode()))
        packed[60:90] = bytes(30)
        ask.client.sendall(answer(bytes(packed), "200 OK", "Content-Encoding: gzip"))

    def send_bomb(self, ask):
        ask.client.sendall(answer(gzip.compress(bytes(60_000_000)), "200 OK", "Content-Encoding: gzip"))

    def send_stall(self, ask):
        ask.client.sendall(answer(article(ask.name))[:500])
        time.sleep(30)

    def send_endless(self, ask):
        ask.client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><body>")
        while self.is_open:
            ask.client.sendall(b"<p>and so on</p>" * 500)

    def send_flaky(self, ask):
        ask.client.sendall(
            answer("overloaded", "503 Service Unavailable") if ask.is_first else answer(article(ask.name))
        )

    def send_busy(self, ask):
        ask.client.sendall(
            answer("slowly", "429 Too Many Requests", "Retry-After: 2") if ask.is_first else answer(article(ask.name))
        )

    def send_closed_for_today(self, ask):
        ask.client.sendall(answer("come again", "503 Service Unavailable", "Retry-After: 7200"))

    def send_loop(self, ask):
        ask.client.sendall(answer("", "302 Found", f"Location: /bai/loop-{3 - ask.n if ask.n < 3 else ask.n}.html"))

    def send_inside(self, ask):
        ask.client.sendall(answer("", "302 Found", "Location: http://169.254.169.254/latest/meta-data/"))

    def send_huge_header(self, ask):
        ask.client.sendall(answer(article(ask.name), "200 OK", "X-Filler: " + "x" * 300_000))

    def send_hang(self, _):
        time.sleep(30)

    def send_poison(self, ask):
        """Six megabytes of line breaks: many seconds of work for any extractor."""
        ask.client.sendall(answer(article(ask.name, ["chữ <br>" * 600_000])))

    def send_private(self, ask):
        ask.client.sendall(answer("", "301 Moved Permanently", f"Location: http://127.0.0.1:1/bai/whole-{ask.n}.html"))


@contextmanager
def newspaper(*faults, **options):
    paper = Newspaper(faults, **options)
    threading.Thread(target=paper.serve, daemon=True).start()
    try:
        yield paper
    finally:
        paper.close()


def write_profile(seeds: Path, port: int, site="loopback", extra=""):
    folder = seeds / site
    folder.mkdir(parents=True, exist_ok=True)
    text = f"""
name = "A newspaper that misbehaves"
hosts = ["127.0.0.1:{port}"]
home = "http://127.0.0.1:{port}/"
{extra}
[sources]
sitemaps = ["http://127.0.0.1:{port}/sitemap.xml"]
article_url = ["/bai/{{slug}}-{{id}}.html"]

[[templates]]
body = [".noi-dung"]
title = ["h1"]
"""
    (folder / "profile.toml").write_text(text, encoding="utf-8")
