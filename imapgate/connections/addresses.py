"""What clients' addresses say about who is behind them."""

from __future__ import annotations

import ipaddress


def is_loopback(address: str) -> bool:
    """This machine, through its loopback: 127.0.0.0/8, ::1, and both as IPv4-mapped IPv6. One of
    the machine's other addresses doesn't count, and what is no address doesn't either."""
    found = _read(address)
    return found is not None and found.is_loopback


def network(address: str) -> str:
    """Whose address it is: an IPv4 address is its own, of IPv6 one customer has at least a /64."""
    found = _read(address)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, 64), strict=False))
    return address if found is None else str(found)


def _read(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
