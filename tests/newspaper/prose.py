"""Vietnamese prose that differs from name to name, pages around it, and what a server says."""

import random

WHO = ("bà con xóm núi", "ban quản lý hồ", "thầy cô giáo", "đội thanh niên", "hợp tác xã", "chị em phụ nữ", "kỹ sư trẻ")
DOES = ("dọn dẹp", "sửa chữa", "trồng lại", "ghi chép", "bàn bạc về", "chăm sóc", "đo đạc", "gia cố", "vận chuyển")
WHAT = ("con đường ven sông", "vườn ươm cây giống", "mái trường tiểu học", "bờ kè phía đông", "giếng nước chung")
WHEN = ("từ sáng sớm", "suốt hai tuần", "trước mùa mưa", "sau buổi họp", "vào phiên chợ", "khi nước rút")
LAST = "Đến chiều muộn, việc nặng nhất đã xong, ai nấy ngồi lại bên ấm trà và bàn chuyện ngày mai."


def sentences(name, n=14):
    """Prose that differs from name to name as articles do."""
    dice = random.Random(name)  # noqa: S311 - prose, no secrets
    parts = [" ".join(map(dice.choice, (WHO, DOES, WHAT, WHEN))) for _ in range(2 * n)]
    return [f"{one.capitalize()}, còn {two}." for one, two in zip(parts[::2], parts[1::2], strict=True)] + [LAST]


def article(name, lines=None, head=""):
    paragraphs = "".join(f"<p>{line}</p>" for line in lines or sentences(name))
    title = f"{sentences(name)[0].partition(',')[0]} ở xã số {len(name)}"
    body = f"<h1>{title}</h1><div class=noi-dung>{paragraphs}</div>"
    return f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"


def listing(title, links):
    """A page of links: (address, text) pairs."""
    lines = "".join(f"<p><a href='{url}'>{text}</a></p>" for url, text in links)
    return f"<html><head><title>{title}</title></head><body>{lines}</body></html>"


def sitemap(base, entries):
    """(path, time) pairs as a sitemap."""
    urls = "".join(f"<url><loc>{base}{path}</loc><lastmod>{time}</lastmod></url>" for path, time in entries)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'


def answer(body, status="200 OK", *headers, kind="text/html; charset=utf-8"):
    body = body if isinstance(body, bytes) else body.encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


def moved(location, status="302 Found"):
    return answer("", status, f"Location: {location}")
