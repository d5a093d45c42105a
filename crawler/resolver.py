"""Host names to addresses, and no address inside: the one door every connection of a crawl goes through.

The address that is checked is the address that is connected to, so a name that answers differently the second time
(DNS rebinding) gains nothing; IP literals pass here as well.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any, Self

from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import fail
from twisted.internet.error import DNSLookupError

from crawler.crawling.downloader import PRIVATE_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.crawler import Crawler
    from twisted.internet.base import ReactorBase
    from twisted.internet.defer import Deferred

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")
_SPECIAL = tuple(
    ipaddress.ip_network(text)
    for text in (
        "192.0.0.0/24",  # protocol assignments; Oracle's cloud answers with secrets at 192.0.0.192
        "192.88.99.0/24",  # relays of 6to4
        "168.63.129.16/32",  # Azure's host of a virtual machine
        "3fff::/20",  # documentation, RFC 9637
    )
)
"""What the standard library calls global and nobody publishes a newspaper on."""


def is_public(address: str) -> bool:
    """Whether `address` (IPv4 or IPv6, textual) is a host on the public internet.

    `is_global` of the standard library calls multicast, site-local, NAT64, 6to4 and IPv4-compatible forms global;
    the last three are looked into here, because they lead to the address they embed.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        ip = _embedded_ipv4(ip) or ip
    if isinstance(ip, ipaddress.IPv6Address) and ip not in _UNICAST:
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not any(ip in net for net in _SPECIAL)


def _embedded_ipv4(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if ip.ipv4_mapped or ip.sixtofour:
        return ip.ipv4_mapped or ip.sixtofour
    if ip.teredo:
        return ip.teredo[1]
    if ip in _NAT64 or int(ip) >> 32 == 0:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return None


class GuardResolver(CachingThreadedResolver):
    """Scrapy's resolver, refusing answers that lead into a private network. ALLOW_PRIVATE_HOSTS switches it off."""

    def __init__(self, reactor: ReactorBase, cache_size: int, timeout: float, *, allow_private: bool) -> None:
        super().__init__(reactor, cache_size, timeout)
        self.allow_private = allow_private

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """Build from DNSCACHE_SIZE, DNS_TIMEOUT and ALLOW_PRIVATE_HOSTS."""
        settings = crawler.settings
        size = settings.getint("DNSCACHE_SIZE") if settings.getbool("DNSCACHE_ENABLED") else 0
        allow_private = settings.getbool("ALLOW_PRIVATE_HOSTS")
        return cls(reactor, size, settings.getfloat("DNS_TIMEOUT"), allow_private=allow_private)

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802 - Twisted's name
        """Resolve `name`; fails with DNSLookupError when it is, or the answer is, no public address."""
        if _is_literal(name) and not self.allow_private and not is_public(name):
            return fail(self._refused(name, name))  # IPv6 is not looked up at all, but the reason is to be the true one
        answer: Deferred[Any] = super().getHostByName(name, timeout)
        return answer.addCallback(self._checked, name)

    def _checked(self, address: str, name: str) -> str:
        if self.allow_private or is_public(address):
            return address
        raise self._refused(name, address)

    def _refused(self, name: str, address: str) -> DNSLookupError:
        PRIVATE_NAMES.add(name.lower())
        return DNSLookupError(f"{name} leads to {address}, which is no public address")


def _is_literal(name: str) -> bool:
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True
