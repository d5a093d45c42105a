"""Is it a person's name? Vietnamese bylines: names, pen names, initials; not places, ranks, organisations."""

from __future__ import annotations

import re
import unicodedata

from crawler.folding import fold

MAX_WORDS = 5
"""Syllables of a name; pen names with a middle name have four, a few five."""

_WORD = re.compile(r"^[^\W\d_](?:[^\W\d_]|['’.-])*\.?$")
_INITIALS = re.compile(r"^(?:[^\W\d_]{1,2}\.){1,4}[^\W\d_]{0,2}\.?$|^[^\W\d_]\.$")
_SYLLABLE = re.compile(r"(?:ngh?|gh|gi|kh|nh|ph|qu|th|tr|ch|[bcdghklmnpqrstvx])?[aeiouy]{1,3}(?:ng|nh|ch|[cmnpt])?$")
_RANK = re.compile(
    r"^(?:đại tá|thượng tá|trung tá|thiếu tá|đại úy|đại uý|thượng úy|thượng uý|trung úy|trung uý|thiếu úy|thiếu uý"
    r"|đại tướng|thượng tướng|trung tướng|thiếu tướng|thạc sĩ|tiến sĩ|giáo sư|phó giáo sư|bác sĩ|luật sư|nhà báo"
    r"|nhà văn"
    r"|nhà thơ|nghệ sĩ|kỹ sư|đồng chí|đ/c|ông|bà|cử nhân|dược sĩ|lương y|ths|ts|gs|pgs|bs|cn|ksnd|ls|nsưt|nsnd"
    r"|bscki{1,2}"
    r"|phóng viên|pv|cộng tác viên|ctv|biên tập viên|btv|bài và ảnh|bài|by|von|par|por|di|door)\b[.:,]*\s*(?:[-–]\s*)?",
    re.IGNORECASE,
)
_MEDIA = re.compile(
    r"(?:^(?:báo|đài|tạp chí|thông tấn xã|cổng thông tin|trang tin|bản tin|kênh)\s\S)"
    r"|\b(?:ttxvn|vov\d?|vtv\d?|vtc|vna|vnanet|bnews|afp|reuters|tass|xinhua|tân hoa xã|kyodo|yonhap|bloomberg|bbc"
    r"|cnn|sputnik"
    r"|vietnam\+|vnexpress|vietnamnet|vietnamplus|zing|znews|tuổi trẻ|sài gòn giải phóng|thanh niên online|dân trí"
    r"|tiền phong"
    r"|người lao động"
    r"|vccorp|channelvn|qđnd|cand|sggp|hànộimới|plo|nlđo|nld|cafef|kenh14|chinhphu|báo|online|magazine|newspaper"
    r"|news agency)"
    r"(?![^\W_])"
)
_OFFICE = re.compile(
    r"^(?:ban|sở|bộ|cục|vụ|tổng cục|ubnd|hđnd|ubmttq|công an|trung tâm|văn phòng|hội|phòng|ủy ban|uỷ ban|tỉnh ủy"
    r"|tỉnh uỷ"
    r"|huyện ủy|huyện uỷ|thành ủy|thành uỷ|đảng ủy|đảng uỷ|chi bộ|đảng bộ|mặt trận|liên đoàn|công đoàn|viện|trường"
    r"|học viện"
    r"|công ty|tập đoàn|ngân hàng|tòa soạn|toà soạn|đoàn (?:thanh niên|tncs|khối|đại biểu|trường)|quân khu|bộ đội)\s\S"
    r"|\b(?:news|media|times|press|agency|radio|newsroom|editorial|redaction|redaktion|redazione|online|sarl|gmbh"
    r"|inc)\b"
)
_HOST = re.compile(r"[a-z0-9]\.(?:vn|com|net|org|info|gov|edu|example)\b")
MAX_PLACE_WORDS = 8
"""Words of a place with its kind before it, `thành phố Phan Rang - Tháp Chàm`; more are a sentence about it."""
_PLACE = re.compile(
    r"an giang|ba ria vung tau|bac giang|bac kan|bac lieu|bac ninh|ben tre|binh dinh|binh duong|binh phuoc|"
    r"binh thuan|ca mau|can tho|cao bang|da nang|dak lak|dak nong|dien bien|dong nai|dong thap|gia lai|ha giang|"
    r"ha nam|ha noi|ha tinh|hai duong|hai phong|hau giang|hoa binh|hue|hung yen|khanh hoa|kien giang|kon tum|"
    r"lai chau|lam dong|lang son|lao cai|long an|nam dinh|nghe an|ninh binh|ninh thuan|phu tho|phu yen|quang binh|"
    r"quang nam|quang ngai|quang ninh|quang tri|soc trang|son la|tay ninh|thai binh|thai nguyen|thanh hoa|"
    r"thua thien hue|tien giang|tp hcm|tp ho chi minh|ho chi minh|thanh pho ho chi minh|tra vinh|tuyen quang|"
    r"vinh long|vinh phuc|yen bai|sai gon|viet nam|song cong|buon ma thuot|da lat|vung tau|nha trang|vinh|ha long|"
    r"cairo|paris|london|moskva|bac kinh|tokyo|washington|new york|bangkok"
)
"""Folded: provinces before and after the mergers of 2025, large towns, cities with correspondents."""
_NO_NAME = re.compile(
    r"het|tin lien quan|xem them|doc them|video|anh|bai|tin|nguon|theo|copy link|in trang|chia se|binh luan|"
    r"ket luan|tags|tu khoa|chuyen muc|trang chu|photo|clip|infographic|admin|administrator|tac gia|but danh|gui|"
    r"quay lai|dong|thich|tin moi|tin khac|tin nong|bai viet|bai lien quan|y kien|facebook|zalo|twitter|email|"
    r"google|youtube|tiktok|loading|viet bình luan|viet binh luan|tim kiem|dang nhap|dang ky|xem tiep|doc tiep|"
    r"con nua|\(con nua\)|an pham|anh minh hoa|minh hoa|phong su anh|ban in|in bai viet"
)
_TEAMS = frozenset({"pv", "nhom pv", "nhom phong vien", "phong vien", "p v", "ctv", "nhom pv ttxvn", "pv btv"})
_TEAM = re.compile(r"^nhóm (?:pv|phóng viên)(?: [^\W\d_]+){1,4}$", re.IGNORECASE)
"""A team and its desk: `Nhóm PV Kinh tế`."""
_ADMINISTRATIVE = re.compile(
    r"^(?:xã|phường|thị trấn|thị xã|huyện|quận|tỉnh|thành phố|tp|thôn|xóm|ấp|khu phố|đặc khu)\b\.?\s*\w", re.IGNORECASE
)


def strip_rank(text: str) -> str:
    """`text` without ranks, degrees and professions before the name."""
    stripped = _RANK.sub("", text, count=1).strip()
    while stripped != text and stripped:
        text, stripped = stripped, _RANK.sub("", stripped, count=1).strip()
    return stripped


def is_team(text: str) -> bool:
    """True for "PV", "Nhóm PV" and the like: the paper's own reporters, unnamed."""
    has_desk = _TEAM.match(text) is not None and any(word[0].islower() for word in text.split()[2:])
    return has_desk or fold(text) in _TEAMS


def is_place(text: str) -> bool:
    """True for a province, a large town, a country's capital, or a commune by its kind (`Xã …`)."""
    is_named = _ADMINISTRATIVE.match(text) and len(text.split()) <= MAX_PLACE_WORDS
    return bool(is_named or _PLACE.fullmatch(fold(text)))


def is_media(text: str) -> bool:
    """True for a newspaper, an agency, a broadcaster or a web site."""
    lower = unicodedata.normalize("NFC", text).lower().strip()
    return bool(_HOST.search(lower) or _MEDIA.search(lower))


def is_organisation(text: str) -> bool:
    """True when `text` names media or an office rather than a person."""
    return is_media(text) or bool(_OFFICE.search(unicodedata.normalize("NFC", text).lower().strip()))


def is_vietnamese(text: str) -> bool:
    """True when at least half of the words are Vietnamese syllables or initials."""
    pieces = fold(text).split()
    n_syllables = sum(len(piece) == 1 or bool(_SYLLABLE.match(piece)) for piece in pieces)
    return 2 * n_syllables >= len(pieces) > 0


def is_name(text: str) -> bool:
    """True for what a Vietnamese byline can be: capitalised words or initials, no place, office or page furniture."""
    words = text.split()
    if not 0 < len(words) <= MAX_WORDS or len(text) < 2 or len(text) > 40:  # noqa: PLR2004 - characters of a name
        return False
    if _NO_NAME.fullmatch(fold(text)) or is_place(text) or is_organisation(text):
        return False
    return all(_WORD.match(word) and (word[0].isupper() or _INITIALS.match(word)) for word in words)


def name_case(text: str) -> str:
    """`text` with words in capitals turned to Name Case; initials and mixed words stay as they are."""
    return " ".join(_word_case(word, text) for word in text.split())


def _word_case(word: str, text: str) -> str:
    if not word.isupper() or _INITIALS.match(word) or len(word) == 1 or is_team(text):
        return word
    if len(text.split()) == 1 and not _has_vowel(word):
        return word
    pieces = re.split(r"([.'’-])", word)
    return "".join(piece.capitalize() if len(piece) > 1 else piece for piece in pieces)


def _has_vowel(word: str) -> bool:
    return any(char in "aeiouy" for char in fold(word))
