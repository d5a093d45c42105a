"""A made-up newspaper for measuring; loopback.py serves it.

Every page is made from the articles' numbers alone, so two runs serve the same bytes. The prose is a chain of words
over the seeds' own sentences: real Vietnamese words in new orders, so that no two articles repeat each other, but for
every fortieth, which is an earlier one printed again. Markup of 30 to 90 KB: inline style and script, a menu, teasers
beside the text, Word's attributes inside it, comments below.
"""

from __future__ import annotations

import html
import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from prose import Prose

from crawler.folding import fold

SECTIONS = {
    "thoi-su": "Thời sự",
    "xay-dung-dang": "Xây dựng Đảng",
    "kinh-te": "Kinh tế",
    "van-hoa": "Văn hóa",
    "giao-duc": "Giáo dục",
    "nong-thon": "Nông thôn",
}
PER_LISTING = 20
EVERY_REPRINT = 40
CARDS = (2, 22)
"""Least and most other articles in each of the three boxes beside an article, as many on one page."""
FIRST_DAY = datetime(2025, 1, 2, 1, 0, tzinfo=UTC)
PEN_NAMES = ("Sông Xanh", "Gió Núi", "Bến Cũ", "Mây Chiều", "Đồng Lúa", "Hoa Ban")
PROFILE = """\
name = "Báo Đo Lường"
hosts = ["{host}"]
home = "http://{host}/"
verified = true

[sources]
sitemaps = ["http://{host}/sitemap.xml"]
sections = [{sections}]
article_url = ["/{{section}}/{{slug}}-{{id}}.html"]

[[templates]]
fit = ["h1.tieu-de", "div.than-bai"]
title = ["h1.tieu-de"]
lede = ["p.sapo"]
body = ["div.than-bai"]
captions = ["figure.anh figcaption"]
authors = ["p.but-danh"]
section = ["ul.duong-dan li:last-child a"]
published = ["span.gio-dang"]
drop = ["figure.anh", "div.tin-chen"]
drop_lines = ["Tin liên quan", "Ý kiến bạn đọc"]
"""


@dataclass(frozen=True, slots=True)
class Story:
    """What an article says."""

    number: int
    section: str
    title: str
    lede: str
    paragraphs: tuple[str, ...]
    author: str
    published_at: datetime

    @property
    def path(self) -> str:
        """Its address."""
        slug = "-".join(word for word in fold(self.title).split() if word.isalnum())[:70].strip("-")
        return f"/{self.section}/{slug}-{100_000 + self.number}.html"


class NewsSite:
    """All pages of the newspaper."""

    def __init__(self, n_articles: int, host: str) -> None:
        self.host = host
        self.prose = Prose()
        self.stories: list[Story] = []
        for number in range(n_articles):
            self.stories.append(self._story(number))

    def _story(self, number: int) -> Story:
        draw = random.Random(number)  # noqa: S311 - a made-up page
        published_at = FIRST_DAY + timedelta(minutes=97 * number)
        section = list(SECTIONS)[number % len(SECTIONS)]
        title = self.prose.words_of(draw, draw.randint(8, 14))
        if number % EVERY_REPRINT == EVERY_REPRINT - 1:
            old = self.stories[number // 2]
            return Story(number, section, old.title, old.lede, old.paragraphs, old.author, published_at)
        return Story(
            number,
            section,
            title[0].upper() + title[1:],
            self.prose.paragraph(draw, 1),
            tuple(self.prose.paragraph(draw, draw.randint(2, 5)) for _ in range(draw.randint(5, 22))),
            draw.choice(PEN_NAMES),
            published_at,
        )

    @cached_property
    def pages(self) -> dict[str, tuple[str, bytes]]:
        """Content type and body by path."""
        xml = "application/xml"
        pages = {
            "/robots.txt": ("text/plain", "User-agent: *\nDisallow: /tim-kiem\n"),
            "/sitemap.xml": (xml, self._sitemap()),
            "/": ("text/html; charset=utf-8", self._listing("Trang nhất", self.stories[-PER_LISTING:])),
        }
        for key, name in SECTIONS.items():
            newest = [story for story in self.stories if story.section == key][-PER_LISTING:]
            pages[f"/{key}/"] = ("text/html; charset=utf-8", self._listing(name, newest))
        for story in self.stories:
            pages[story.path] = ("text/html; charset=utf-8", self._article(story))
        return {path: (kind, text.encode()) for path, (kind, text) in pages.items()}

    def profile(self) -> str:
        """The site's profile.toml."""
        return PROFILE.format(host=self.host, sections=", ".join(f'"http://{self.host}/{key}/"' for key in SECTIONS))

    def _sitemap(self) -> str:
        rows = (
            f"<url><loc>http://{self.host}{story.path}</loc><lastmod>{story.published_at:%Y-%m-%dT%H:%M:%SZ}</lastmod></url>"
            for story in self.stories
        )
        urls = "\n".join(rows)
        return f'<?xml version="1.0"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}\n</urlset>'

    def _listing(self, name: str, stories: list[Story]) -> str:
        return self._page(name, f"<main><h2>{name}</h2>{''.join(map(_card, stories))}</main>", stories[0].number)

    def _article(self, story: Story) -> str:
        draw = random.Random(-story.number - 1)  # noqa: S311 - a made-up page
        local = story.published_at + timedelta(hours=7)
        blocks = "".join(self._block(draw, paragraph) for paragraph in story.paragraphs)
        related = "".join(map(_card, draw.sample(self.stories, min(10, len(self.stories)))))
        main = f"""<main class="chi-tiet"><ul class="duong-dan"><li><a href="/">Trang nhất</a></li><li>
<a href="/{story.section}/">{SECTIONS[story.section]}</a></li></ul><article>
<h1 class="tieu-de">{html.escape(story.title)}</h1>
<div class="thong-tin"><span class="gio-dang">{local:%d/%m/%Y %H:%M}</span>
<a href="#" class="chia-se">Chia sẻ</a></div>
<p class="sapo"><strong>{html.escape(story.lede)}</strong></p><div class="than-bai">{blocks}</div>
<p class="but-danh">{story.author}</p></article><section class="lien-quan"><h3>Tin liên quan</h3>{related}</section>
<section class="y-kien"><h3>Ý kiến bạn đọc</h3><form action="#"><textarea></textarea>
<button>Gửi</button></form></section></main>"""
        return self._page(story.title, main, story.number, story)

    def _block(self, draw: random.Random, paragraph: str) -> str:
        text = html.escape(paragraph)
        style = "font-size: 14pt; font-family: &quot;Times New Roman&quot;, serif;"
        block = f'<p class="MsoNormal" style="text-align: justify;"><span style="{style}">{text}</span></p>\n'
        if draw.random() < 0.12:
            caption = html.escape(self.prose.sentence(draw))
            block += (
                f'<figure class="anh"><img src="/anh/{draw.randrange(10**9)}.jpg" width="660" alt="">'
                f"<figcaption>{caption}</figcaption></figure>\n"
            )
        return block

    def _page(self, title: str, main: str, number: int, story: Story | None = None) -> str:
        draw = random.Random(f"{number} {title}")  # noqa: S311 - a made-up page
        n_cards = min(draw.randint(*CARDS), len(self.stories))
        side = "".join(
            f'<aside class="khoi khoi-{n}"><h4>{name}</h4>'
            f"{''.join(map(_card, draw.sample(self.stories, n_cards)))}</aside>"
            for n, name in enumerate(("Đọc nhiều", "Mới nhất", "Chuyên đề"))
        )
        described = _described(story) if story else ""
        return (
            f'<!DOCTYPE html>\n<html lang="vi"><head><meta charset="utf-8">'
            f"<title>{html.escape(title)} | Báo Đo Lường</title>"
            f"{described}<style>{_STYLE}</style><script>{_SCRIPT}</script></head>\n<body>{_MENU}"
            f'<div class="khung">{main}<div class="cot-phai">{side}</div></div>{_FOOTER}</body></html>\n'
        )


def _described(story: Story) -> str:
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "datePublished": f"{story.published_at:%Y-%m-%dT%H:%M:%SZ}",
        "articleSection": SECTIONS[story.section],
    }
    title, lede = html.escape(story.title), html.escape(story.lede)
    return (
        f'<meta property="og:title" content="{title}"><meta property="og:type" content="article">'
        f'<meta name="description" content="{lede}"><meta property="og:description" content="{lede}">'
        f'<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script>'
    )


def _card(story: Story) -> str:
    title, lede = html.escape(story.title), html.escape(story.lede[:150])
    return (
        f'<div class="tin tin-nho"><a class="anh-nho" href="{story.path}">'
        f'<img src="/anh/nho/{story.number}.jpg" alt="{title}"></a>'
        f'<h3><a href="{story.path}" title="{title}">{title}</a></h3><p class="mo-ta">{lede}…</p>'
        f'<span class="gio">{story.published_at:%d/%m/%Y}</span></div>\n'
    )


_STYLE = "\n".join(f".khoi-{n} .tin h3 a{{color:#{n:06x};padding:{n % 9}px {n % 7}px}}" for n in range(90))
_SCRIPT = "\n".join(
    f"var o{n}=document.getElementById('qc-{n}');if(o{n}){{o{n}.dataset.v='{n * 7}';}}" for n in range(60)
)
_SUBMENUS = {name: "".join(f"<li><a href=#>{name} {n}</a></li>" for n in range(1, 7)) for name in SECTIONS.values()}
_MENU = "<header><nav><ul>{}</ul></nav></header>".format(
    "".join(f'<li><a href="/{key}/">{name}</a><ul>{_SUBMENUS[name]}</ul></li>' for key, name in SECTIONS.items())
)
_FOOTER = "<footer>{}</footer>".format(
    "".join(f"<p>Tòa soạn {n}: Số {n} Đường Ví Dụ. Điện thoại: 000.{n:04}. Giấy phép số {n}.</p>" for n in range(1, 6))
)
