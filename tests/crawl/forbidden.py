"""Spellings of addresses that no crawl may connect to, and schemes that it may not speak."""

from pathlib import Path

HERE = Path(__file__).parent
LITERALS = (HERE / "forbidden_addresses.txt").read_text(encoding="utf-8").split()
NAMES = {
    "localhost": "127.0.0.1",
    "LOCALHOST": "127.0.0.1",
    "loopback.paper.example": "127.0.0.1",
    "metadata.google.internal": "169.254.169.254",
    "intranet.paper.example": "192.168.1.10",
    "nothing.paper.example": "0.0.0.0",  # noqa: S104 - an address to refuse
}
FLIPPING = ("flip.paper.example", "flop.paper.example")
"""Names that answer with the newspaper's own address the first time, and with 127.0.0.1 from then on."""
WITH_CREDENTIALS = ("paper.example@127.0.0.1", "paper.example:80@169.254.169.254", "paper.example%40@10.0.0.1")
SCHEMES = (HERE / "forbidden_schemes.txt").read_text(encoding="utf-8").split()


def address(scheme):
    """What a page would write to make use of `scheme`."""
    rest = {"data": "text/html,<a href=/bai/x-1.html>x</a>", "javascript": "fetch('/')", "mailto": "a@paper.example"}
    return f"{scheme}:{rest.get(scheme, '///etc/passwd' if scheme == 'file' else '//127.0.0.1/bai/x-1.html')}"
