import pytest

from crawler.items import SeedSimilarity
from crawler.refinement.topic import SeedTopics

PARTY = (
    "Đảng bộ huyện kết nạp đảng viên mới. Chi bộ thôn sinh hoạt chuyên đề, cấp ủy nâng chất lượng sinh hoạt chi bộ, "
    "phân công đảng viên phụ trách hộ gia đình. Đại hội Đảng bộ xã bầu Ban Chấp hành, bí thư chi bộ gương mẫu."
)
FARMING = (
    "Bà con thu hoạch chè vụ xuân. Giá chè búp tươi tăng, hợp tác xã bao tiêu chè sạch. Vườn chè hữu cơ rộng ra. "
    "Nông dân bón phân hữu cơ, tưới nước tiết kiệm cho nương chè trên đồi."
)
SEEDS = {"bao/01": PARTY, "bao/02": FARMING}
ABOUT_PARTY = "Chi bộ bản Nà Lùng có mười hai đảng viên. Cấp ủy chọn việc khó để đảng viên làm, sinh hoạt chi bộ đều."
ABOUT_TEA = "Hợp tác xã chè Đồi Xanh ký hợp đồng bao tiêu chè búp tươi; nương chè hữu cơ rộng thêm ba héc-ta."
ABOUT_FOOTBALL = "Đội tuyển ghi hai bàn thắng trong hiệp hai. Thủ môn cản phá quả phạt đền, huấn luyện viên hài lòng."


@pytest.fixture(scope="module")
def topics():
    return SeedTopics(SEEDS)


@pytest.mark.parametrize(("text", "seed"), [(ABOUT_PARTY, "bao/01"), (ABOUT_TEA, "bao/02")])
def test_the_nearest_seed_is_the_one_on_the_subject(make_article, topics, text, seed):
    article = topics.rank(make_article(text))
    assert article.nearest_seed == seed
    near, far = article.seed_similarities
    assert isinstance(near, SeedSimilarity)
    assert (near.seed, near.similarity) == (seed, article.nearest_seed_similarity)
    assert near.similarity > 4 * far.similarity


def test_another_subject_is_far_from_all(make_article, topics):
    related = topics.rank(make_article(ABOUT_PARTY)).nearest_seed_similarity
    assert topics.rank(make_article(ABOUT_FOOTBALL)).nearest_seed_similarity < related / 4


def test_a_seed_is_one_with_itself(make_article, topics):
    assert topics.rank(make_article(PARTY, title="")).nearest_seed_similarity == pytest.approx(1, abs=1e-3)


def test_spelling_of_tones_and_composition_do_not_matter(make_article):
    topics = SeedTopics({"a/1": "Thủy lợi và hòa giải ở Đồng Hỷ"})
    assert topics.rank(make_article("THUỶ LỢI VÀ HOÀ GIẢI Ở ÐỒNG HỶ", title="")).nearest_seed_similarity == 1


def test_same_in_same_out(make_article, topics):
    assert topics.rank(make_article(ABOUT_TEA)) == SeedTopics(SEEDS).rank(make_article(ABOUT_TEA))


def test_links_about_the_seeds_rank_first(topics):
    links = [
        "Đảng bộ xã Phúc Lương nâng chất lượng sinh hoạt chi bộ",
        "Kết nạp đảng viên mới trong vùng đồng bào",
        "Giá vàng hôm nay giảm mạnh",
        "Kết quả xổ số ngày 12/5",
        "Liên hệ quảng cáo",
    ]
    ranks = list(map(topics.rank_link, links))
    assert min(ranks[:2]) > 2 * max(ranks[2:])
    assert all(0 <= rank <= 1 for rank in ranks)


@pytest.mark.parametrize("text", ["", "123 456", "và là của", "\u0301", "日本"])
def test_texts_without_a_feature(make_article, topics, text):
    assert topics.rank(make_article(text, title="")).nearest_seed_similarity == 0
    assert topics.rank_link(text) == 0


def test_without_seeds_nothing_is_said(make_article):
    article = make_article(ABOUT_TEA)
    assert SeedTopics({}).rank(article) is article
    assert SeedTopics({}).rank_link("chè") == 0
    assert SeedTopics({"a/1": ""}).rank(article).nearest_seed_similarity == 0
