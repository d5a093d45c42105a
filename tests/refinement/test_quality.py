# ruff: noqa: E501 - a line of the tables is a case

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import ProfileError
from crawler.folding import fold
from crawler.items import Article, Reason, Reject
from crawler.refinement.quality import judge, verdicts
from crawler.refinement.thresholds import DEFAULTS, Thresholds
from crawler.sites.profile import SiteProfile

PROFILE = SiteProfile(hosts=("bao.example",))

REPORT = """
Sáng 12/5, Ủy ban nhân dân xã Phúc Lương khánh thành cầu dân sinh bắc qua suối Nặm Cắt, nối hai bản vùng cao với trung tâm xã.

Cây cầu dài ba mươi mét, rộng ba mét rưỡi, do Nhân dân góp công và doanh nghiệp tài trợ vật liệu. Trước đây, mỗi mùa lũ học sinh hai bản phải nghỉ học cả tuần vì nước suối dâng cao.

“Từ nay đi chợ, đi học không còn lo nữa”, một người dân ở bản Nà Lùng nói khi cùng hàng xóm dắt xe qua cầu mới.

Theo lãnh đạo xã, địa phương tiếp tục vận động bà con hiến đất để mở rộng đường dẫn lên cầu trong quý III năm nay.
"""
INTERVIEW = """
Phóng viên: Vụ chè năm nay ở xã có gì mới?

Sản lượng tăng khoảng mười phần trăm nhờ thời tiết thuận, nhưng giá bán mới là điều bà con phấn khởi nhất.

Phóng viên: Hợp tác xã đã làm gì để giữ giá?

Chúng tôi ký hợp đồng bao tiêu chè búp tươi ngay từ đầu vụ, trả tiền trong ngày và thưởng cho hộ bón phân hữu cơ.

Phóng viên: Còn khó khăn nào không?

Nước tưới. Mùa khô năm nào cũng thiếu, cần thêm hai hồ chứa trên đồi thì nương chè mới xanh quanh năm.
"""
DECREE = "\n\n".join(
    [
        "Hội đồng nhân dân xã ban hành quy định về quản lý, sử dụng nhà văn hóa thôn trên địa bàn xã.",
        "Chương I. Quy định chung",
        "Điều 1. Phạm vi điều chỉnh",
        "Quy định này quy định việc quản lý, sử dụng, sửa chữa nhà văn hóa thôn và trách nhiệm của các bên liên quan;",
        "Điều 2. Đối tượng áp dụng",
        *(f"{letter}) Ban quản lý nhà văn hóa thôn số {number} trên địa bàn xã;" for number, letter in enumerate("abcdeghik", 1)),
        "Điều 3. Kinh phí",
        "- Kinh phí sửa chữa nhà văn hóa thôn do ngân sách xã bảo đảm theo kế hoạch hằng năm",
        "- Kinh phí hoạt động thường xuyên do Nhân dân trong thôn đóng góp tự nguyện",
        "Điều 4. Hiệu lực thi hành",
        "Quy định này có hiệu lực từ ngày 01 tháng 7 năm 2026.",
    ]
)  # fmt: skip
NAMES = (
    "Danh sách các tập thể được khen thưởng trong phong trào thi đua yêu nước của huyện năm qua gồm:\n\n"
    + "\n\n".join(
        f"{number}. Tập thể cán bộ và Nhân dân thôn Đồng {place}, xã Phúc Lương"
        for number, place in enumerate(
            ["Cả", "Bưởi", "Chanh", "Dâu", "Gạo", "Hồng", "Lúa", "Mận", "Ngô", "Ổi", "Quýt", "Sim"], 1
        )
    )
)
POEM = """
Chiều buông xuống bến sông quê
Con đò neo lại chờ về người xưa
Khói lam quyện với gió đưa
Nghe câu hát cũ như vừa hôm qua

Mẹ ngồi vá áo hiên nhà
Ngọn đèn hiu hắt bóng già nghiêng nghiêng
Con đi khắp mọi nẻo miền
Lòng còn gửi lại một miền sông sâu
"""
TABLE = """
Kết quả các trận đấu ở vòng bảng giải bóng đá thanh niên huyện được ban tổ chức công bố chiều 12/5 như sau.

| Bảng | Đội thứ nhất | Tỷ số | Đội thứ hai |

| A | Phúc Lương | 2 - 1 | Minh Tiến |

| A | Đức Lương | 0 - 0 | Phú Cường |

| B | Na Mao | 3 - 2 | Phú Thịnh |

| B | Phú Lạc | 1 - 4 | Tân Linh |

Các đội nhất bảng gặp nhau ở trận chung kết, diễn ra lúc 16 giờ ngày 19/5 trên sân vận động huyện.
"""
SERIES = (
    "Bài 1: Những người giữ rừng trên đỉnh núi\n\n" + REPORT.strip() + "\n\nBài 2: Cây cầu và con đường mới của bản"
)
HEADINGS = """
Nước về bản nhờ mương tự chảy

Bà con bản Nà Lùng tự đào mương, dẫn nước từ suối Nặm Cắt về ruộng bậc thang dài gần hai cây số.

Ruộng bậc thang xanh trở lại

Có nước từ suối Nặm Cắt, ruộng bậc thang của bản Nà Lùng cấy được hai vụ, không còn bỏ hoang như trước.

Mương chung của cả bản

Mỗi hộ trong bản Nà Lùng góp năm ngày công một năm để nạo vét mương, giữ nước từ suối về ruộng bậc thang.

Thêm vụ ngô sau vụ lúa

Gặt xong lúa trên ruộng bậc thang, bà con bản Nà Lùng trồng thêm ngô, lấy nước mương tưới đầu vụ.
"""

KEPT = {
    "report": REPORT, "interview": INTERVIEW, "decree": DECREE, "list of names": NAMES, "poem": POEM, "table": TABLE,
    "series": SERIES, "headings over every paragraph": HEADINGS,
}  # fmt: skip

TEASERS = [
    ("Giá vàng sáng nay quay đầu giảm mạnh", "Các cửa hàng niêm yết giá vàng miếng thấp hơn hôm qua nửa triệu đồng mỗi lượng."),
    ("Bão số ba đổi hướng vào vịnh Bắc Bộ", "Cơ quan khí tượng dự báo gió mạnh cấp mười, tàu thuyền cần sớm về nơi neo đậu."),
    ("Đội tuyển nữ thắng trận mở màn", "Bàn thắng ở phút bù giờ giúp các cô gái giành trọn ba điểm trước đối thủ khó chịu."),
    ("Học sinh lớp chín ôn thi nước rút", "Nhiều trường mở lớp phụ đạo buổi tối, giáo viên dạy miễn phí cho em có hoàn cảnh khó."),
    ("Bệnh viện mổ thành công ca ghép thận", "Người cho là mẹ ruột, sức khỏe hai mẹ con sau phẫu thuật đều đã ổn định."),
    ("Phim về làng nghề gốm ra rạp", "Đạo diễn trẻ mất bốn năm ghi hình các nghệ nhân bên lò nung và bàn xoay cổ."),
    ("Xe khách lật trên đèo, chín người bị thương", "Nguyên nhân ban đầu do đường trơn, tài xế mất lái khi vào khúc cua gấp."),
    ("Ra mắt điện thoại gập giá rẻ", "Máy dùng màn hình bảy inch, pin lớn và bán ra từ cuối tháng tại chuỗi siêu thị."),
    ("Nông dân trúng mùa vải thiều sớm", "Thương lái đặt mua tận vườn, nhiều nhà thu hàng trăm triệu đồng chỉ sau hai tuần."),
    ("Thành phố mở thêm tuyến buýt điện", "Hành khách được đi thử không mất tiền trong tháng đầu, xe chạy từ năm giờ sáng."),
]  # fmt: skip
SECTION = "\n\n".join(f"{headline}\n\n{sapo}" for headline, sapo in TEASERS)
SAPOS = "\n\n".join(sapo for _, sapo in TEASERS)
MENU = "Trang chủ\n\nThời sự\n\nChính trị\n\nXã hội\n\nKinh tế\n\nVăn hóa\n\nThể thao\n\nGiáo dục\n\nPháp luật\n\nDu lịch\n\nLiên hệ"
ENGLISH = (
    "The village opened a new footbridge on Monday, linking two hamlets with the market for the first time. Farmers gave "
    "labour and a company gave steel. Children will no longer miss school when the river rises, the mayor said."
)

DROPPED = [
    ("section", SECTION, {}, Reason.LIST_PAGE),
    ("summaries of unrelated articles", SAPOS, {}, Reason.LIST_PAGE),
    ("summaries with an agency's tag", "\n\n".join(f"(Dân Tin) - {sapo}" for _, sapo in TEASERS[:5]), {}, Reason.LIST_PAGE),
    ("times between headlines", "\n\n".join(f"{h}\n\n12/05/2026 0{n}:30" for n, (h, _) in enumerate(TEASERS)), {}, Reason.LIST_PAGE),
    ("ages between headlines", "\n\n".join(f"{h}\n\n{n + 1} giờ trước" for n, (h, _) in enumerate(TEASERS)), {}, Reason.LIST_PAGE),
    ("read more", "\n\n".join(f"{sapo}\n\nXem tiếp" for _, sapo in TEASERS), {}, Reason.LIST_PAGE),
    ("related links", "\n\n".join(f"{s}\n\n>> {h}\n\n>> {h} (ảnh)" for h, s in TEASERS), {}, Reason.LIST_PAGE),
    ("links", REPORT, {"link_share": 0.8}, Reason.LINK_TEXT),
    ("menu", MENU + "\n\n" + TEASERS[0][1] * 2, {}, Reason.MENU),
    ("not found", "Rất tiếc! Trang bạn yêu cầu không tồn tại hoặc đã bị di chuyển. Mời bạn quay lại trang chủ.", {}, Reason.SOFT_404),
    ("not found, in the title", "Mời bạn quay lại trang chủ.", {"title": "404 - Không tìm thấy trang"}, Reason.SOFT_404),
    ("not found, in English", "Page not found. Please go back to the home page.", {}, Reason.SOFT_404),
    ("deleted", "Bài viết này đã bị xóa hoặc chưa được xuất bản.", {}, Reason.SOFT_404),
    ("log in", REPORT[:300] + "… Vui lòng đăng nhập để đọc toàn bộ bài viết này.", {}, Reason.LOGIN_WALL),
    ("subscribers", REPORT[:300] + "\n\nNội dung này chỉ dành cho thuê bao của báo.", {}, Reason.LOGIN_WALL),
    ("breaks off", "Sáng 12/5, xã Phúc Lương khánh thành cây cầu mới bắc qua suối, nối hai bản vùng cao với…", {}, Reason.TEASER),
    ("goes on elsewhere", "Sáng 12/5, xã Phúc Lương khánh thành cầu mới bắc qua suối. Xem tiếp trên bản in", {}, Reason.TEASER),
    ("short", "Sáng 12/5, xã Phúc Lương khánh thành cây cầu mới.", {}, Reason.TOO_SHORT),
    ("empty", "", {}, Reason.TOO_SHORT),
    ("english", ENGLISH, {}, Reason.WRONG_LANGUAGE),
    ("without marks", fold(REPORT), {}, Reason.FEW_DIACRITICS),
    ("repeated lines", REPORT + "\n\nChia sẻ bài viết này cùng bạn bè." * 4, {}, Reason.REPEATED_LINES),
    ("repeated phrases", "Cầu mới qua suối Nặm Cắt rất đẹp, " * 20, {}, Reason.REPEATED_NGRAMS),
    ("capitals", REPORT.upper(), {}, Reason.UPPERCASE),
    ("figures", "Giá cả nông sản tại chợ trung tâm huyện sáng nay theo thứ tự từng loại. " + " ".join(f"{n * n}.000 {n * 17},5" for n in range(40, 90)), {}, Reason.SYMBOLS),
    ("lost spaces", " ".join("".join(REPORT.split()[n : n + 3]) for n in range(0, 110, 3)), {}, Reason.SYMBOLS),
]  # fmt: skip


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_articles_are_kept_with_their_language(make_article, text):
    kept = judge(make_article(text.strip(), title="Cầu mới qua suối Nặm Cắt ở xã Phúc Lương"), PROFILE)
    assert isinstance(kept, Article), kept
    assert kept.language == "vi"
    assert kept.language_score > 0.9


@pytest.mark.parametrize(("text", "given", "reason"), [row[1:] for row in DROPPED], ids=[row[0] for row in DROPPED])
def test_what_is_no_article_is_dropped_with_its_reason(make_article, text, given, reason):
    dropped = judge(make_article(text.strip(), **given), PROFILE)
    assert isinstance(dropped, Reject)
    assert dropped.reason is reason, dropped


@pytest.mark.parametrize(
    "text",
    [
        "Hội Liên hiệp Phụ nữ cho hội viên vay vốn. Chương trình dành cho hội viên khó khăn, thành viên tổ tiết kiệm. ",
        "Người dân có thể đăng ký gói cước mới tại bưu điện xã; cán bộ mất điện thoại không tìm thấy trang thiết bị cũ. ",
        "Công an xử phạt chủ tài khoản đăng bài viết sai sự thật; người này khai bài viết đã bị gỡ ngay trong ngày. ",
    ],
)
def test_phrases_of_error_pages_and_walls_in_news_are_news(make_article, text):
    more = "Lãnh đạo xã cho biết sẽ tiếp tục tuyên truyền để mọi người dân nắm rõ quy định và thực hiện nghiêm túc."
    assert isinstance(judge(make_article(text + more), PROFILE), Article)


def test_languages_of_the_profile_decide(make_article):
    profile = SiteProfile(hosts=("bao.example",), languages=("vi", "en"))
    kept = judge(make_article(ENGLISH), profile)
    assert isinstance(kept, Article)
    assert kept.language == "en"
    anything = SiteProfile(hosts=("bao.example",), languages=())
    assert isinstance(judge(make_article(ENGLISH), anything), Article)


def test_a_script_without_spaces_is_not_short(make_article):
    text = (
        "由于连日暴雨，山区的学校停课两天，多条公路中断。" * 3
        + "当地政府组织民兵帮助群众转移粮食和家具，老人和孩子被安置在村文化室。"
    )
    text += "预计明天天气好转，电力和通信将在傍晚前恢复，学生星期一可以返校上课，农民开始补种被淹的稻田。" * 2
    profile = SiteProfile(hosts=("bao.example",), languages=("zh",))
    measured = {verdict.rule: verdict for verdict in verdicts(make_article(text), profile)}
    assert measured["min_words"].is_passed
    assert measured["min_diacritics"].is_passed
    assert measured["max_word_length"].is_passed


def test_every_rule_shows_its_figure(make_article):
    said = verdicts(make_article(REPORT.strip()), PROFILE)
    rules = [verdict.rule for verdict in said]
    assert set(rules) == {*Thresholds.__dataclass_fields__}
    assert len(rules) == len(set(rules))
    assert all(verdict.is_passed for verdict in said)
    assert {v.rule: v.threshold for v in said}["min_words"] == DEFAULTS.min_words


def test_the_detail_names_rule_and_figures(make_article):
    assert judge(make_article("Sáng nay trời mưa to ở huyện vùng cao."), PROFILE) == Reject(
        Reason.TOO_SHORT, "min_words: 9, threshold 30"
    )


def test_thresholds_change_the_verdict(make_article):
    article = make_article(REPORT.strip())
    assert judge(article, PROFILE, Thresholds(min_words=500)).reason is Reason.TOO_SHORT
    assert Thresholds.from_settings({"QUALITY_MIN_WORDS": "7", "OTHER": 1}) == Thresholds(min_words=7)
    with pytest.raises(ProfileError, match="QUALITY_MAX_CAPITALS"):
        Thresholds.from_settings({"QUALITY_MAX_CAPITALS": "many"})


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300), st.text(max_size=40))
def test_never_raises(text, title):
    article = Article(
        id="", url="", canonical_url="", site="", title=title, text=text, fetched_at=None, run_id="",
        archive_file="", archive_offset=0, archive_length=0,
    )  # fmt: skip
    assert isinstance(judge(article, PROFILE), Article | Reject)


@pytest.mark.parametrize(
    "unit", ["a ", "\n\nTin mới nhất hôm nay", "Trang web ", "x", "12:30 ", ">", "Đ - ", "(A) - ", ".\n", "Một hai. "]
)
def test_long_hostile_text_takes_linear_time(make_article, unit):
    article = make_article(unit * (300_000 // len(unit)))
    started = time.perf_counter()
    judge(article, PROFILE)
    assert time.perf_counter() - started < 5
