"""A labelled set of articles: clusters whose relations are known because they were made so.

Every story is new prose put together from the slots below; every variant says what it is to its story.
"""

from __future__ import annotations

import random
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from crawler.items import Article

SLOTS: dict[str, list[str]] = defaultdict(list)
for _line in (Path(__file__).parent / "slots.tsv").read_text(encoding="utf-8").splitlines():
    _name, _value = _line.split("\t")
    SLOTS[_name].append(_value)
PLACES = SLOTS["places"]
BODIES = SLOTS["bodies"]
DEEDS = SLOTS["deeds"]
EFFECTS = SLOTS["effects"]
MEANS = SLOTS["means"]
PEOPLE = SLOTS["people"]
WORRIES = SLOTS["worries"]
FRAMES = (
    "{body} {place} vừa {deed}, {effect}.",
    "Ngày {day}, {body} phối hợp cùng {body2} {deed} {means}.",
    "Theo {person}, việc {deed} ở {place} {effect}, song {worry}.",
    "Có {n} hộ tại {place} tham gia, trong đó {m} hộ làm đơn {means}.",
    "Trước đây {worry}, nay {body} đã {deed} nên mọi sự đổi khác.",
    "{Person} kể rằng {n} năm trước nơi này chỉ có lau sậy, còn bây giờ {body2} {deed} và {effect}.",
    "Tổng kinh phí {n} triệu đồng được huy động {means}, phần còn lại do {body} bảo đảm.",
    "Dẫu {worry}, {person} vẫn tin cách làm {means} sẽ {effect}.",
    "Cùng thời gian, tại {place}, {body2} cũng {deed} cho {n} người.",
    "{Person} đề nghị {body} sớm {deed}, bởi {worry} và mùa vụ đã cận kề.",
    "Điều đáng mừng ở {place} là {deed} {means} lại {effect}.",
    "Đến cuối tháng {month}, đã có {n} lượt người đăng ký, vượt {m} phần trăm chỉ tiêu của {body2}.",
)
CREDITS = ("(TTXVN)", "Theo TTXVN", "(Nguồn: Bản tin tổng hợp)", "Tin và ảnh: Bút Lá Sen")
QUOTES = SLOTS["quotes"]
SITES = tuple(f"bao{number}" for number in range(1, 9))
_START = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Labelled:
    """An article, the cluster it belongs to and what it is to that cluster's first article."""

    article: Article
    cluster: int
    label: str


class Writer:
    """Writes stories, always the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - the same stories every time
        self.numbers = count()

    def sentence(self) -> str:
        pick = self.random.choice
        text = pick(FRAMES).format(
            body=pick(BODIES), body2=pick(BODIES), place=pick(PLACES), deed=pick(DEEDS), effect=pick(EFFECTS),
            means=pick(MEANS), person=pick(PEOPLE), Person=pick(PEOPLE).capitalize(), worry=pick(WORRIES),
            n=self.random.randint(12, 980), m=self.random.randint(11, 99),
            day=f"{self.random.randint(1, 28)}/{self.random.randint(1, 12)}",
            month=self.random.randint(1, 12),
        )  # fmt: skip
        return text[0].upper() + text[1:]

    def title(self) -> str:
        return f"{self.random.choice(PLACES)}: {self.random.choice(DEEDS)} {self.random.choice(MEANS)}".capitalize()

    def paragraphs(self, n: int) -> list[str]:
        return [" ".join(self.sentence() for _ in range(self.random.randint(2, 3))) for _ in range(n)]

    def article(self, paragraphs: list[str], site: str = "", title: str = "") -> Article:
        number = next(self.numbers)
        return Article(
            id=f"{number:032x}",
            url=f"https://bao.example/{number}",
            canonical_url=f"https://bao.example/{number}",
            site=site or self.random.choice(SITES),
            title=title or self.title(),
            text="\n\n".join(paragraphs),
            fetched_at=_START + timedelta(minutes=number),
            run_id="run",
            archive_file="archive/x.warc.gz",
            archive_offset=number,
            archive_length=1,
        )

    def elsewhere(self, article: Article) -> str:
        return self.random.choice([site for site in SITES if site != article.site])


def spell_old_tones(text: str) -> str:
    """The other placement of the tone mark: hòa for hoà and back."""
    swaps = {"òa": "oà", "óa": "oá", "ọa": "oạ", "ủy": "uỷ", "úy": "uý", "ụy": "uỵ"}
    for new, old in swaps.items():
        text = text.replace(new, old)
    return text


SPELLINGS = {
    "nfd": lambda text: unicodedata.normalize("NFD", text),
    "tones": spell_old_tones,
    "d_stroke": lambda text: text.replace("Đ", "Ð"),
    "spaces": lambda text: text.replace(" ", "\u00a0 "),
    "capitals": str.upper,
    "quotes": lambda text: text.replace(",", " –").replace(".", " …"),
}


def misread(writer: Writer, paragraphs: list[str], share: float) -> list[str]:
    """OCR-like noise: a letter of every so many syllables is another one."""

    def word(text: str) -> str:
        if writer.random.random() >= share or not text[0].isalpha():
            return text
        place = writer.random.randrange(len(text))
        return text[:place] + writer.random.choice("bcdghklmnprstvx") + text[place + 1 :]

    return [" ".join(map(word, paragraph.split(" "))) for paragraph in paragraphs]


def cut(paragraphs: list[str], share: float) -> list[str]:
    """Without the last `share` of the sentences, with a credit instead."""
    sentences = [sentence for paragraph in paragraphs for sentence in paragraph.split(". ")]
    kept = sentences[: round(len(sentences) * (1 - share))]
    return [". ".join(kept[start : start + 3]) for start in range(0, len(kept), 3)]


def reprints(writer: Writer, story: list[str], article: Article) -> list[tuple[str, Article]]:
    """Everything that may happen to a story on its way to other papers, with the relation it should get."""
    pick = writer.random
    shuffled = pick.sample(story, len(story))
    other = writer.elsewhere(article)
    noisy = misread(writer, story, pick.uniform(0.01, 0.06))
    one_number = [paragraph.replace("triệu đồng", "tỷ đồng") for paragraph in story]
    return [
        ("exact_copy", writer.article([pick.choice(list(SPELLINGS.values()))("\n\n".join(story))], other)),
        ("exact_copy", writer.article(story, other)),
        ("second_url", writer.article(story, article.site, article.title)),
        ("second_url", writer.article([*story, writer.sentence()], article.site)),
        ("near_duplicate", writer.article([*cut(story, pick.uniform(0.05, 0.33)), pick.choice(CREDITS)], other)),
        ("excerpt", writer.article([*cut(story, pick.uniform(0.46, 0.5)), pick.choice(CREDITS)], other)),
        ("near_duplicate", writer.article([writer.sentence(), *story], other)),
        ("near_duplicate", writer.article([*story[:-1], writer.sentence()], other)),
        ("near_duplicate", writer.article(shuffled, other)),
        ("near_duplicate", writer.article(noisy, other)),
        ("near_duplicate", writer.article([*one_number, pick.choice(CREDITS)], other)),
        ("extension", writer.article([*story, *writer.paragraphs(len(story) * 2)], other)),
        ("revision", replace(writer.article([*story, writer.sentence()], article.site), id=article.id)),
    ]


def story_clusters(writer: Writer, first: int, n: int) -> list[Labelled]:
    """Stories of 5 to 12 paragraphs, each with two to five of its reprints."""
    rows = []
    for cluster in range(first, first + n):
        story = writer.paragraphs(writer.random.randint(5, 12))
        original = writer.article(story)
        rows.append(Labelled(original, cluster, "different"))
        variants = reprints(writer, story, original)
        chosen = writer.random.sample(variants, writer.random.randint(2, 3))
        rows += [Labelled(article, cluster, label) for label, article in chosen]
    return rows


(WEATHER,) = SLOTS["weather"]
(PRICES,) = SLOTS["prices"]
(OBITUARY,) = SLOTS["obituary"]
PEN_NAMES = ("Mây Trắng", "Lá Sen", "Sương Sớm", "Tre Già", "Gió Bấc", "Cỏ May", "Trăng Non", "Suối Xa", "Đồi Chè")


def notices(writer: Writer, first: int, n: int) -> list[Labelled]:
    """One form filled again and again: each is a cluster of its own."""
    rows = []
    for cluster in range(first, first + n):
        form = (WEATHER, PRICES, OBITUARY)[cluster % 3]
        numbers = {letter: writer.random.randint(11, 98) for letter in "abcdefgh"}
        places = writer.random.sample(PLACES, 2)
        text = form.format(
            p=places[0], q=places[1], m=writer.random.randint(1, 12), n=writer.random.choice(PEN_NAMES), **numbers
        )
        rows.append(Labelled(writer.article([text], SITES[cluster % 3], "Tin cần biết"), cluster, "notice"))
    return rows


def series(writer: Writer, first: int, n: int) -> list[Labelled]:
    """Series of three parts that repeat a long introduction."""
    rows: list[Labelled] = []
    while len(rows) < 3 * n:
        title, intro = writer.title(), writer.paragraphs(6)
        for part in ("Bài 1", "Bài 2", "Bài cuối"):
            article = writer.article([*intro, *writer.paragraphs(2)], SITES[0], f"{title} – {part}")
            rows.append(Labelled(article, first + len(rows), "series"))
    return rows


ROUND_UP = (
    "Tại {place}, {body} đã {deed} cho {n} hộ, đạt {m} phần trăm kế hoạch năm; riêng tháng {month} có thêm {k} hộ."
)


def round_up(writer: Writer, n: int) -> list[str]:
    """Paragraphs that say the same of one place after the other."""
    pick = writer.random
    return [
        ROUND_UP.format(
            place=pick.choice(PLACES), body=pick.choice(BODIES), deed=pick.choice(DEEDS), n=pick.randint(12, 980),
            m=pick.randint(11, 99), month=pick.randint(1, 12), k=pick.randint(11, 99),
        )
        for _ in range(n)
    ]  # fmt: skip


def different_cuts(writer: Writer, first: int, n: int) -> list[Labelled]:
    """Stories of 360 to 1,000 words of which each paper cut another paragraph, or two; the third cut both."""
    rows = []
    for cluster in range(first, first + n):
        story = writer.paragraphs(writer.random.randint(6, 14))
        story[2:2] = round_up(writer, writer.random.choice([0, 0, 4]))
        papers = writer.random.sample(SITES, 3)
        one, other = writer.random.sample(range(1, len(story)), 2)
        cuts = ({one}, {other}, {one, other})
        for paper, gone, label in zip(papers, cuts, ("different", *["near_duplicate"] * 2), strict=True):
            kept = [paragraph for index, paragraph in enumerate(story) if index not in gone]
            rows.append(Labelled(writer.article([*kept, writer.random.choice(CREDITS)], paper), cluster, label))
    return rows


def quoting(writer: Writer, first: int, n: int) -> list[Labelled]:
    """Different articles that quote the same sentences."""
    rows = []
    for cluster in range(first, first + n):
        story = writer.paragraphs(6)
        story[2:2] = [f"“{quote}”, ông nói." for quote in QUOTES]
        rows.append(Labelled(writer.article(story), cluster, "different"))
    return rows


def labelled_set(seed: int, n_stories: int = 150) -> list[Labelled]:
    """About 300 clusters in order of arrival: every original before its reprints."""
    writer = Writer(seed)
    rows = story_clusters(writer, 0, n_stories)
    for make in (notices, quoting, different_cuts):
        rows += make(writer, len({row.cluster for row in rows}), n_stories // 4)
    return rows + series(writer, len({row.cluster for row in rows}), n_stories // 9)
