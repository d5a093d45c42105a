"""Host names to addresses, and no address inside: the one door every connection of a crawl goes through.

The address that is checked is the address that is connected to, so a name that answers differently the second time
(DNS rebinding) gains nothing; IP literals pass here as well.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any, Self

from scrapy.resolver import CachingThreadedResolver
from twisted.internet.error import DNSLookupError

from crawler.downloader import PRIVATE_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.crawler import Crawler
    from twisted.internet.base import ReactorBase
    from twisted.internet.defer import Deferred

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_RELAY_ANYCAST = ipaddress.ip_network("192.88.99.0/24")


def is_public(address: str) -> bool:
    """Whether `address` (IPv4 or IPv6, textual) is a host on the public internet.

    `is_global` of the standard library calls multicast, NAT64, 6to4 and IPv4-compatible forms global; they are
    looked into here, because they lead to the address they embed.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        embedded = _embedded_ipv4(ip)
        if embedded is not None:
            ip = embedded
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not _is_relay(ip)


def _is_relay(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return isinstance(ip, ipaddress.IPv4Address) and ip in _RELAY_ANYCAST


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
        """Resolve `name`; fails with DNSLookupError when the answer is no public address."""
        answer: Deferred[Any] = super().getHostByName(name, timeout)
        return answer.addCallback(self._checked, name)

    def _checked(self, address: str, name: str) -> str:
        if self.allow_private or is_public(address):
            return address
        PRIVATE_NAMES.add(name)
        raise DNSLookupError(f"{name} leads to {address}, which is no public address")
