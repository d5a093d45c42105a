"""What can be wrong with one answer: `send_<fault>` gives it to whoever asked."""

import gzip
import socket
import struct
import time
import zlib
from typing import NamedTuple

import brotli

from tests.newspaper.prose import answer, article, moved, sentences

HANG = 30.0
BASE_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n"


class Ask(NamedTuple):
    """A request for a faulty page."""

    client: socket.socket
    name: str
    n: int
    is_first: bool
    query: str = ""

    def say(self, *parts):
        for part in parts:
            self.client.sendall(part)

    @property
    def page(self):
        return article(self.name).encode()


def reset(client):
    """Close with RST."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


BOMB = gzip.compress(bytes(60_000_000))


class Faults:
    """Every fault by name; `n` is the page's number."""

    is_open = True

    def send_whole(self, ask):
        ask.say(answer(ask.page))

    def send_dated(self, ask):
        """An ordinary article, published when `editions` says."""
        head = f'<meta property="article:published_time" content="{self.editions[ask.n - 1][1]}">'
        ask.say(answer(article(ask.name, head=head)))

    def send_relaid(self, ask):
        """The same after a redesign."""
        ask.say(answer(ask.page.replace(b"class=noi-dung", b"class=bai-viet-moi").replace(b"h1>", b"h2>")))

    def send_copy(self, ask):
        """What another address says as well."""
        ask.say(answer(article("dated-1")))

    def send_thin(self, ask):
        ask.say(answer(article(ask.name, sentences(ask.name)[:1])))

    def send_missing(self, ask):
        """Sorry, under status 200."""
        ask.say(answer(article(ask.name, ["Trang bạn tìm không tồn tại."])))

    def send_login(self, ask):
        ask.say(answer(article(ask.name, ["Vui lòng đăng nhập để đọc bài viết này."])))

    def send_forbidden(self, ask):
        ask.say(answer("<html><body>Access denied</body></html>", "403 Forbidden"))

    def send_down(self, ask):
        ask.say(answer("<html><body>backend gone</body></html>", "502 Bad Gateway"))

    def send_elsewhere(self, ask):
        """The paper has moved."""
        ask.say(moved("http://bao-moi.example/", "301 Moved Permanently"))

    def send_reset(self, ask):
        ask.say(answer(ask.page)[:90])  # within the head: further on it may pass for a cut body
        reset(ask.client)

    def send_reset_in_body(self, ask):
        ask.say(answer(ask.page)[:1200])
        time.sleep(0.1)
        reset(ask.client)

    def send_cut(self, ask):
        ask.say(answer(ask.page)[:900])

    def send_silent(self, _):
        """Closes without a word."""

    def send_short(self, ask):
        """Says that there is more, after the page has ended."""
        ask.say(answer(ask.page).replace(b"Content-Length: ", b"Content-Length: 9"))

    def send_chunked(self, ask):
        ask.say(
            BASE_HEAD, b"Transfer-Encoding: chunked\r\n\r\n", chunk(ask.page[:700]), chunk(ask.page[700:]), chunk(b"")
        )

    def send_chunk_cut(self, ask):
        ask.say(BASE_HEAD, b"Transfer-Encoding: chunked\r\n\r\n", chunk(ask.page[:700]), b"5dc\r\n", ask.page[700:900])

    def send_chunk_endless(self, ask):
        """All of the page, but never the last chunk."""
        ask.say(BASE_HEAD, b"Transfer-Encoding: chunked\r\n\r\n", chunk(ask.page))

    def send_chunk_nonsense(self, ask):
        ask.say(BASE_HEAD, b"Transfer-Encoding: chunked\r\n\r\n", chunk(ask.page[:700]), b"xyz\r\n", ask.page[700:])

    def send_chunk_huge(self, ask):
        ask.say(BASE_HEAD, b"Transfer-Encoding: chunked\r\n\r\n", b"7fffffffffffffff\r\n", ask.page[:900])

    def send_bad_gzip(self, ask):
        packed = bytearray(gzip.compress(ask.page))
        packed[60:90] = bytes(30)
        ask.say(answer(bytes(packed), "200 OK", "Content-Encoding: gzip"))

    def send_gzip_cut(self, ask):
        ask.say(answer(gzip.compress(ask.page)[:-300], "200 OK", "Content-Encoding: gzip"))

    def send_gzip_lie(self, ask):
        ask.say(answer(ask.page, "200 OK", "Content-Encoding: gzip"))

    def send_gzip_secret(self, ask):
        ask.say(answer(gzip.compress(ask.page)))

    def send_deflate_raw(self, ask):
        packer = zlib.compressobj(wbits=-15)
        ask.say(answer(packer.compress(ask.page) + packer.flush(), "200 OK", "Content-Encoding: deflate"))

    def send_brotli_cut(self, ask):
        ask.say(answer(brotli.compress(ask.page)[:-300], "200 OK", "Content-Encoding: br"))

    def send_hostile_title(self, ask):
        ask.say(answer(article(ask.name).replace("<h1>", "<h1>\x1b]0;pwned\x07\x9b31m&#27;[2J\u202e../../bin/sh\n")))

    def send_coding_unknown(self, ask):
        ask.say(answer(ask.page, "200 OK", "Content-Encoding: sdch"))

    def send_bomb(self, ask):
        ask.say(answer(BOMB, "200 OK", "Content-Encoding: gzip"))

    def send_stall(self, ask):
        ask.say(answer(ask.page)[:500])
        self.wait()

    def send_drip(self, ask):
        for at in range(400):
            ask.say(answer(ask.page)[at : at + 1])
            time.sleep(0.1)

    def send_hang(self, _):
        self.wait()

    def wait(self):
        deadline = time.monotonic() + HANG
        while self.is_open and time.monotonic() < deadline:
            time.sleep(0.05)

    def send_endless(self, ask):
        ask.say(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><body>")
        while self.is_open:
            ask.say(b"<p>and so on</p>" * 500)

    def send_huge_header(self, ask):
        ask.say(answer(ask.page, "200 OK", "X-Filler: " + "x" * 300_000))

    def send_many_headers(self, ask):
        ask.say(answer(ask.page, "200 OK", *(f"X-Filler-{n}: {'y' * 200}" for n in range(2_000))))

    def send_no_http(self, ask):
        ask.say(b"SSH-2.0-dropbear\r\n" + ask.page)

    def send_status_odd(self, ask):
        ask.say(answer(ask.page, "299 Fine"))

    def send_empty(self, ask):
        ask.say(answer(b""))

    def send_no_content(self, ask):
        ask.say(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

    def send_flaky(self, ask):
        ask.say(answer("overloaded", "503 Service Unavailable") if ask.is_first else answer(ask.page))

    def send_busy(self, ask):
        ask.say(answer("slowly", "429 Too Many Requests", "Retry-After: 2") if ask.is_first else answer(ask.page))

    def send_closed_for_today(self, ask):
        ask.say(answer("come again", "503 Service Unavailable", "Retry-After: 7200"))

    def send_gone(self, ask):
        ask.say(answer("<html><body>no more</body></html>", "410 Gone"))

    def send_unmodified(self, ask):
        """304 to somebody who has no copy."""
        ask.say(b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n")

    def send_loop(self, ask):
        ask.say(moved(f"/bai/loop-{3 - ask.n if ask.n < 3 else ask.n}.html"))

    def send_self(self, ask):
        ask.say(moved(f"/bai/self-{ask.n}.html"))

    def send_chain(self, ask):
        """Redirects without end, to a new address each time."""
        ask.say(moved(f"/bai/chain-{ask.n + 1}.html"))

    def send_respelled(self, ask):
        """Wants to be asked in three other spellings of the same address, one after the other."""
        way = ["", "?utm_source=a", "?utm_source=b&fbclid=%c3%a1", "?utm_source=c"]
        at = way.index(ask.query) + 1
        ask.say(answer(ask.page) if at == len(way) else moved(f"/bai/{ask.name}.html{way[at]}"))

    def send_respelled_for_ever(self, ask):
        """Always in a spelling that was not asked for yet."""
        ask.say(moved(f"/bai/{ask.name}.html?utm_source={int(ask.query[12:] or 0) + 1}"))

    def send_cookie_wall(self, ask):
        """Away, and back to where it was."""
        ask.say(moved(f"/bai/{ask.name}.html{'' if ask.query else '?utm_source=cookie'}"))

    def send_bad_location(self, ask):
        ask.say(moved("http://[::1/bai/whole-1.html"))

    def send_no_location(self, ask):
        ask.say(answer("", "302 Found"))

    def send_inside(self, ask):
        ask.say(moved("http://169.254.169.254/latest/meta-data/"))

    def send_private(self, ask):
        ask.say(moved(f"http://127.0.0.1:1/bai/whole-{ask.n}.html", "301 Moved Permanently"))

    def send_poison(self, ask):
        """Lists in lists without end: time that grows with the square of their depth, for any extractor."""
        ask.say(answer(article(ask.name, ["<dl><dd>chữ này dài " * 6_000])))

    def send_header_noai(self, ask):
        ask.say(answer(ask.page, "200 OK", "X-Robots-Tag: noai, noimageai"))

    def send_header_tdm(self, ask):
        ask.say(answer(ask.page, "200 OK", "TDM-Reservation: 1"))

    def send_meta_tdm(self, ask):
        ask.say(answer(article(ask.name, head='<meta name="tdm-reservation" content="1">')))

    def send_meta_noai(self, ask):
        ask.say(answer(article(ask.name, head='<meta name="robots" content="noai, max-snippet:-1">')))
