"""Run the real command in a network of its own, in which every address is this machine, and count who is connected to.

    unshare -rnm python walled.py FOLDER N_FORMS

In it the newspaper answers at a public address, a name server flips, and whatever else is asked for would be answered
just as well: what the packet counter does not see was not tried. Prints one JSON line.
"""

import contextlib
import json
import socket
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

from forbidden import FLIPPING, LITERALS, NAMES, SCHEMES, WITH_CREDENTIALS, address
from scripted import Scripted

from tests.newspaper.prose import answer, article

HOME = "9.9.9.1"
ROOT = Path(__file__).parents[2]
CANNOT = "no network of its own: "
SETTINGS = {
    "DOWNLOAD_DELAY": "0",
    "EXTRACTION_WORKERS": "1",
    "DNSCACHE_ENABLED": "0",
    "FETCH_ATTEMPTS": "2",
    "FETCH_BACKOFF": "0",
    "HOST_FAILURES_MAX": "100000",
}
SYN, ACK = 0x02, 0x10


class Counted:
    """The addresses that anybody in this network tries to reach by TCP, seen on the wire."""

    def __init__(self):
        self.tried = Counter()
        self.wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003))
        self.wire.bind(("lo", 0))
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            frame, (_, _, direction, *_) = self.wire.recvfrom(65536)
            if direction != socket.PACKET_OUTGOING:
                continue
            version, packet = frame[14] >> 4, frame[14:]
            start, protocol = ((packet[0] & 15) * 4, packet[9]) if version == 4 else (40, packet[6])
            place = socket.inet_ntop(socket.AF_INET, packet[16:20]) if version == 4 else str(packet[24:40].hex(":", 2))
            if protocol == socket.IPPROTO_TCP and packet[start + 13] & (SYN | ACK) == SYN:
                self.tried[place] += 1


class NameServer:
    """Answers as a network's name server would that somebody else controls."""

    def __init__(self):
        self.asked = Counter()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            query, who = self.socket.recvfrom(4096)
            labels, at = [], 12
            while query[at]:
                labels.append(query[at + 1 : at + 1 + query[at]].decode())
                at += 1 + query[at]
            name = ".".join(labels).lower()
            self.asked[name] += query[at + 1 : at + 3] == b"\0\1"
            place = self.lookup(name)
            end = at + 5
            head = query[:2] + (b"\x81\x80" if place else b"\x81\x83")
            is_a = query[at + 1 : at + 3] == b"\0\1"
            record = b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4" + socket.inet_aton(place) if place and is_a else b""
            counts = struct.pack(">HHHH", 1, 1 if record else 0, 0, 0)
            self.socket.sendto(head + counts + query[12:end] + record, who)

    def lookup(self, name):
        if name in FLIPPING:
            return HOME if self.asked[name] <= 1 else "127.0.0.1"
        if name in NAMES:
            return NAMES[name]
        return HOME if name.endswith("paper.example") else None


class Tempting:
    """A newspaper every page of which names addresses inside, in each of the ways there are."""

    def __init__(self, urls):
        self.urls = urls

    def page(self, host, path):
        if path == "/robots.txt":
            return self.robots(host)
        if path.startswith("/bai/"):
            return self.story(path)
        bodies = {"/": self.links, "/rss": self.items, "/sitemap.xml": self.places}
        return answer("".join(bodies[path]())) if path in bodies else answer("nothing here", "404 Not Found")

    def robots(self, host):
        if host.startswith("r"):
            number = int(host[1:].partition(".")[0])
            return answer("", "302 Found", f"Location: {self.urls[number]}robots.txt")
        return answer("User-agent: *\nAllow: /\n" + "".join(f"Sitemap: {one}sitemap.xml\n" for one in self.urls))

    def story(self, path):
        url = self.urls[int(path.removesuffix(".html").rpartition("-")[2]) % len(self.urls)]
        if path.startswith("/bai/chuyen"):
            return answer("", "302 Found", f"Location: {url}bai/den-1.html")
        refresh = f"<meta http-equiv=refresh content='0;url={url}'><link rel=canonical href='{url}'>"
        return answer(article(path).replace("<head>", f"<head>{refresh}"))

    def items(self):
        yield "<rss><channel>"
        for url in self.urls:
            yield f"<item><title>a</title><link><![CDATA[{url}bai/trong-1.html]]></link></item>"
        yield "</channel></rss>"

    def places(self):
        yield "<urlset>"
        for n, url in enumerate(self.urls):
            yield f"<url><loc><![CDATA[{url}bai/so-{n}.html]]></loc></url>"
        yield "</urlset>"

    def links(self):
        for n, url in enumerate(self.urls):
            yield f"<meta http-equiv=refresh content='0;url={url}'><link rel=canonical href='{url}'>"
            yield f"<a href='{url}bai/lien-ket-{n}.html'>Một bài viết dài về chuyện làng số {n}</a>"
            yield f"<a href='/bai/chuyen-huong-{n}.html'>Một bài viết khác về chuyện làng số {n}</a>"
            yield f"<a href='/bai/lam-moi-{n}.html'>Một bài viết nữa về chuyện làng số {n}</a>"
            yield f"<a href='http://r{n}.paper.example/bai/robots-{n}.html'>Một bài viết về chuyện nước số {n}</a>"
        for scheme in SCHEMES:
            yield f"<a href='{address(scheme)}'>Một bài viết dài về chuyện làng {scheme}</a>"


def prepare(folder):
    """Every address leads here, and names are asked of us."""
    for words in ("link set lo up", "route add local 0.0.0.0/0 dev lo", "-6 route add local ::/0 dev lo"):
        subprocess.run(["ip", *words.split()], check="-6" not in words, capture_output=True)
    for name, text in (("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"), ("hosts", "")):
        (folder / name).write_text(text, encoding="ascii")
        subprocess.run(["mount", "--bind", folder / name, f"/etc/{name}"], check=True, capture_output=True)


def write_profile(folder, hosts, urls):
    (folder / "seeds" / "paper").mkdir(parents=True)
    (folder / "seeds" / "paper" / "profile.toml").write_text(
        f"""
hosts = {json.dumps(["paper.example", *hosts])}
home = "http://paper.example/"
[sources]
feeds = ["http://paper.example/rss"]
sitemaps = ["http://paper.example/sitemap.xml"]
sections = {json.dumps([f"{url}muc-{n}/" for n, url in enumerate(urls)])}
article_url = ["/bai/{{slug}}-{{id}}.html"]
""",
        encoding="utf-8",
    )


def main(folder, n_forms):
    forms = [*FLIPPING, *NAMES, *WITH_CREDENTIALS, *LITERALS]
    forms = forms[:: max(1, len(forms) // n_forms)]
    urls = [f"http://{form}/" for form in forms]
    try:
        prepare(folder)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"{CANNOT}{error}")
    counted, _ = Counted(), NameServer()
    with contextlib.suppress(OSError):
        socket.create_connection(("169.254.169.254", 1), timeout=5).close()
    paper = Scripted(Tempting(urls).page, ("", 80))
    deadline = time.monotonic() + 5
    while not counted.tried and time.monotonic() < deadline:
        time.sleep(0.01)
    is_counting = dict(counted.tried) == {"169.254.169.254": 1}
    counted.tried.clear()
    own = [form for form in forms if form.replace(".", "").isalnum()]
    write_profile(folder, [*own, *(f"r{n}.paper.example" for n in range(len(forms)))], urls)
    settings = {**SETTINGS, "OUTPUT_DIR": folder / "output", "SEEDS_DIR": folder / "seeds"}
    pairs = [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", "paper", *pairs],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    hosts = Counter()
    for (host, _), n in paper.asked.items():
        hosts[host] += n
    found = {
        "is_counting": is_counting, "tried": counted.tried, "hosts": hosts, "n_forms": len(forms),
        "code": done.returncode, "out": done.stdout, "err": done.stderr[-5000:],
    }  # fmt: skip
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
