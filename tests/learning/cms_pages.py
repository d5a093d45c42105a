"""Pages of made-up papers in the markup of several publishing systems."""
# ruff: noqa: E501 - sentences and pages read best whole

from dataclasses import dataclass, field

from crawler.extraction.document import parse
from crawler.learning.gold import GoldFields

SIDE = [
    "Xã vùng cao khánh thành cây cầu treo mới qua suối",
    "Giá cà phê trong tỉnh tăng trở lại sau hai tuần giảm",
    "Hơn hai nghìn học sinh dự hội khỏe cấp huyện năm nay",
]
TEASER = (
    "Sau nhiều năm chờ đợi, người dân trong xã đã có con đường bê tông rộng rãi nối từ trung tâm ra quốc lộ, "
    "việc đi lại và buôn bán nông sản vì thế cũng thuận lợi hơn trước rất nhiều."
)
TOPICS = [
    ("hợp tác xã trồng rau sạch", "rau", "xã Bình Yên"),
    ("tuyến đường liên thôn vừa hoàn thành", "đường", "thôn Suối Ngọc"),
    ("thư viện lưu động của đoàn thanh niên", "sách", "trường Đồi Thông"),
    ("đội bóng chuyền nữ của nông dân", "bóng", "xóm Cầu Đá"),
    ("mô hình nuôi ong lấy mật dưới tán rừng", "ong", "bản Nà Lúa"),
    ("lớp học đàn tính cho thiếu nhi", "đàn", "phường Bến Cũ"),
]


@dataclass
class Story:
    """One made-up article."""

    number: int = 0
    author: str = "Bút Tre Xanh"
    kicker: str = "Chuyện làng nghề"
    section: str = "Đời sống"
    lede: str = ""
    body: list[str] = field(default_factory=list)
    caption: str = ""

    def __post_init__(self):
        topic, thing, place = TOPICS[self.number % len(TOPICS)]
        n = self.number + 3
        self.title = f"{place[0].upper()}{place[1:]}: Chuyện về {topic} năm thứ {n}"
        self.lede = self.lede or (
            f"Bắt đầu từ {n} hộ dân, {topic} ở {place} nay đã có hơn {n * 12} người tham gia và được nhiều nơi tìm đến học."
        )
        self.caption = self.caption or f"Người dân {place} giới thiệu {thing} với khách tham quan"
        self.body = self.body or [
            f"Sáng sớm ở {place}, nhiều người đã có mặt từ trước giờ hẹn để chuẩn bị cho buổi làm việc thứ {n} trong tháng này.",
            f"Theo ban điều hành, {topic} bắt đầu từ ý tưởng rất nhỏ của ba gia đình, rồi lan dần ra cả vùng sau {n} năm bền bỉ.",
            f"Những khó khăn của {thing}",
            f"Khó khăn lớn nhất là thiếu vốn và thiếu kinh nghiệm, nhất là khi {thing} chưa được nhiều người biết đến ở địa phương.",
            f"Đến nay, {place} đã đón {n * 40} lượt khách, và ai cũng mong phong trào này sẽ còn đi xa hơn trong những năm tới.",
        ]

    @property
    def date(self):
        return f"{self.number + 1:02d}/11/2025"

    def gold(self, **fields):
        stated = {
            "title": self.title,
            "lede": self.lede,
            "body": tuple(self.body),
            "author": self.author,
            "section": self.section,
            "captions": (self.caption,),
            "published_at": f"2025-11-{self.number + 1:02d}T09:{self.number + 10}:00+07:00",
        }
        return GoldFields(**(stated | fields))


def side_list(story):
    titles = [SIDE[(story.number + shift) % len(SIDE)] for shift in range(3)]
    return "".join(
        f'<li class="item"><a href="/tin-{i}">{title}</a><p>{TEASER}</p></li>' for i, title in enumerate(titles)
    )


def paragraphs(lines, css=""):
    return "".join(f"<h3>{line}</h3>" if len(line.split()) < 8 else f"<p{css}>{line}</p>" for line in lines)


def modern(story):
    """Named blocks, the lede above the body, a related box and a picture inside it."""
    half = len(story.body) // 2
    return f"""<html><head><title>{story.title} - Báo Làng</title><meta property="og:title" content="{story.title}">
    <meta name="description" content="{story.lede}"></head>
    <body><nav class="menu"><a href="/">Trang chủ</a><a href="/doi-song">Đời sống</a></nav>
    <div class="page"><div class="crumb"><a href="/doi-song">{story.section}</a></div>
    <h1 class="story__title">{story.title}</h1>
    <div class="story__meta"><span class="story__author">{story.author}</span>
    <time class="story__time">09:{story.number + 10} {story.date}</time></div>
    <h2 class="story__sapo">{story.lede}</h2>
    <div class="story__body" id="story-{82000 + story.number}">{paragraphs(story.body[:half])}
    <figure><img src="a.jpg"><figcaption>{story.caption}</figcaption></figure>
    <div class="hop-tin"><h4>Bạn có thể quan tâm</h4><p>{TEASER}</p></div>
    {paragraphs(story.body[half:])}</div></div>
    <aside class="rail"><ul>{side_list(story)}</ul></aside><footer>Giấy phép số 12 cấp ngày 15/03/2016</footer></body></html>"""


def old(story):
    """Tables, no names but one, text broken by line breaks, the picture in a table of its own."""
    broken = "<br><br>".join(story.body)
    return f"""<html><head><title>{story.title}</title></head><body><table><tr><td class="trai"><ul>{side_list(story)}</ul></td>
    <td class="giua"><h1>{story.title}</h1><div class="ngay">Cập nhật: 09:{story.number + 10} ngày {story.date}</div>
    <div class="noidung"><b>{story.lede}</b><br><br>
    <table align="center"><tr><td><img src="b.jpg"></td></tr><tr><td><p>{story.caption}</p></td></tr></table>
    {broken}<br><br></div><div class="ky">{story.author}</div></td></tr></table></body></html>"""


def split(story):
    """The body lies in several containers of one class, with adverts between them."""
    parts = "".join(
        f'<div class="doan"><p>{line}</p></div><div class="qc">Mua ngay hôm nay</div>' for line in story.body
    )
    return f"""<html><head><title>{story.title}</title></head><body><div class="khung"><h1>{story.title}</h1>
    <p class="dan">{story.lede}</p>{parts}</div><div class="duoi"><ul>{side_list(story)}</ul></div></body></html>"""


def nested(story):
    """A second html and body inside the first, as one system of provincial papers writes it."""
    return f"""<html><head><title>{story.title}</title></head><body><main class="main"><html><head></head><body>
    <div class="tieu-de"><h1 class="title">{story.title}</h1></div>
    <div class="content-reply"><p class="reply">{story.lede}</p></div>
    <div id="content" class="content-detail"><div class="td-post-content"><p><strong>{story.lede}</strong></p>
    {paragraphs(story.body, ' class="MsoNormal"')}</div></div>
    <section class="section-related"><h1>Tin liên quan</h1><ul>{side_list(story)}</ul></section></body></html></main></body></html>"""


SYSTEMS = {"modern": modern, "old": old, "split": split, "nested": nested}


def page(system, number=0, **fields):
    """A story and its parsed page."""
    story = Story(number, **fields)
    return story, parse(SYSTEMS[system](story).encode(), f"https://baolang.example/doi-song/bai-{number}.html")
