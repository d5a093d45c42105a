"""Pages that lead on for ever, and the real archive beside them: what a path answers, the same each time."""

import hashlib
import re

from tests.newspaper.prose import answer, article, listing, moved

N_SECTIONS, PAGE_SIZE = 4, 10
REAL = [f"/bai/that-{n}.html" for n in range(N_SECTIONS * PAGE_SIZE)]
"""The real articles: ten a page, on four pages of one section."""
WORDS = ("lorem", "ipsum", "dolor", "sit", "amet", "erat", "nulla", "vitae", "quis", "massa", "sed", "arcu", "orci")
HOME = [
    "/thoi-su", "/su-kien/2020/01", "/vo-tan?page=1", "/phien/a1b2c3d4e5f60718/muc", "/van-ban?loai=1&nam=2",
    "/van-ban?sort=1", "/vong/tin", "/xem?cochu=12", "/tim-kiem?q=1", "/y-kien?replytocom=1", "/me-cung/a1",
    "/mat?page=1", "/khoa?page=1", "/luan-quan/1",
]  # fmt: skip


def digest(text, n=8):
    return hashlib.blake2b(text.encode(), digest_size=n).hexdigest()


def number(path):
    return int(re.findall(r"\d+", path)[-1])


def links(*urls):
    return listing("Chuyên mục", [(url, f"Xem {url}") for url in urls])


def section(path):
    page = number(path) if "page" in path else 1
    urls = [(url, f"Bài viết về chuyện có thật số {url}") for url in REAL[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]]
    return listing("Thời sự", [*urls, *([(f"/thoi-su?page={page + 1}", "Trang sau")] if page < N_SECTIONS else [])])


def nonsense(path):
    """Pages of words, different each time, in no language."""
    order = digest(path, 64)
    words = [WORDS[int(order[at], 16) % len(WORDS)] for at in range(len(order))]
    lines = [" ".join(words[at:] + words[:at]).capitalize() + "." for at in range(6)]
    return article(path, lines)


def maze(path):
    stories = [f"/bai/me-cung-{int(digest(f'{path}{n}', 5), 16)}.html" for n in range(5)]
    return links(*stories, *(f"/me-cung/{digest(f'{path}/{n}', 5)}" for n in range(3)))


def months(path):
    year = number(path.rpartition("/")[0])
    return links(*(f"/su-kien/{year + 1}/{month:02}" for month in range(1, 5)))


def dead_ends(name):
    """A list that goes on for ever, whose articles are none."""

    def page(path):
        n = number(path)
        return links(*(f"/bai/{name}-{n * 10 + at}.html" for at in range(10)), f"/{name}?page={n + 1}")

    return page


WALL = listing("Đăng nhập", []).replace(
    "<body>", "<body><h1>Đăng nhập để đọc tiếp</h1><form><input name=user><input type=password></form>"
)
SITEMAP = "<sitemapindex>{}</sitemapindex>"
PAGES = [
    (r"/thoi-su(\?page=\d+)?", section),
    (r"/bai/that-\d+\.html", article),
    (r"/su-kien/.*", months),
    (r"/vo-tan\?page=\d+", lambda path: links(*REAL[:5], f"/vo-tan?page={number(path) + 1}")),
    (r"/phien/.*", lambda path: links(*(f"/phien/{digest(path + n)}/muc" for n in "abc"))),
    (
        r"/van-ban\?.*",
        lambda path: links(
            *(f"/van-ban?loai={number(path) * 3 + n}&nam={number(path) * 5 + n}" for n in range(3)),
            *(f"/van-ban?{name}={number(path) + 1}" for name in ("sort", "order", "sapxep")),
        ),
    ),
    (r"/vong/.*", lambda path: links(f"{path}/tin", f"{path}/anh", f"{path}/../vong{path}")),
    (r"/xem\?.*", lambda path: links(f"/xem?cochu={number(path) + 1}", f"/xem/print?id={number(path) + 1}")),
    (r"/tim-kiem\?.*", lambda path: links(*(f"/tim-kiem?q={number(path) * 2 + n}" for n in range(2)))),
    (r"/y-kien\?.*", lambda path: links(*(f"/y-kien?replytocom={number(path) * 2 + n}" for n in range(2)))),
    (r"/me-cung/\w+", maze),
    (r"/bai/me-cung-\d+\.html", nonsense),
    (r"/mat\?page=\d+", dead_ends("mat")),
    (r"/bai/mat-\d+\.html", lambda _: links(*HOME)),
    (r"/khoa\?page=\d+", dead_ends("khoa")),
    (r"/bai/khoa-\d+\.html", lambda _: WALL),
    (r"/sitemap.*\.xml", lambda path: SITEMAP.format("".join(
        f"<sitemap><loc>HERE/sitemap-{digest(f'{path}{n}')}.xml</loc></sitemap>" for n in range(6)))),
]  # fmt: skip


COSTLY = ("/me-cung/a1", "/mat?page=1", "/khoa?page=1")
"""Traps of pages that look like articles: hundreds of requests each until they are left."""


def trap_answer(path, port, traps):
    """What `path` answers, or None; `traps`: `all`, or `lists` for those without articles."""
    if path == "/":
        return answer(links(*(url for url in HOME if traps == "all" or url not in COSTLY)))
    if path.startswith("/luan-quan/"):
        return moved(f"/luan-quan/{number(path) + 1}")
    page = next((make for form, make in PAGES if re.fullmatch(form, path)), None)
    return answer(page(path).replace("HERE", f"http://127.0.0.1:{port}")) if page else None
