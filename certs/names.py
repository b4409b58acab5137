"""The names and addresses that a certificate made here is for."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Sequence

from cryptography import x509

from certs.files import CertificateError

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
Name = x509.DNSName | x509.IPAddress


def parse(name: str) -> Name:
    """A host name (made ASCII by IDNA) or an IP address. Raises CertificateError."""
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        pass
    try:
        plain = name.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise CertificateError(f'"{name}" is no host name') from error
    if len(plain) > 253 or not all(_LABEL.fullmatch(label) for label in plain.split(".")):
        raise CertificateError(f'"{name}" is no host name')
    return x509.DNSName(plain)


def required(extra: Sequence[str]) -> tuple[Name, ...]:
    """localhost, the loopback addresses and `extra`; each once."""
    always = [parse(one) for one in ("localhost", "127.0.0.1", "::1")]
    return tuple(dict.fromkeys([*always, *map(parse, extra)]))


def served(extra: Sequence[str]) -> tuple[Name, ...]:
    """What is required, and this machine's name."""
    return tuple(dict.fromkeys([*required(extra), *_this_machine()]))


def constraints(names: Sequence[Name]) -> x509.NameConstraints:
    """These names and nothing else (RFC 5280 4.2.1.10): an address becomes a network of one.

    A kind of name that no subtree mentions would be unconstrained, so those of mail addresses and
    URIs are bound to a domain that nobody can have (RFC 2606 2).
    """
    nobody = [x509.RFC822Name("invalid"), x509.UniformResourceIdentifier("invalid")]
    return x509.NameConstraints([*(_subtree(one) for one in names), *nobody], None)


def allows(constraints: x509.NameConstraints, names: Sequence[Name]) -> bool:
    """Whether each of these names stands among what is permitted."""
    return {_subtree(one) for one in names} <= set(constraints.permitted_subtrees or ())


def _subtree(name: Name) -> Name:
    if isinstance(name, x509.IPAddress):
        return x509.IPAddress(ipaddress.ip_network(str(name.value)))
    return name


def _this_machine() -> list[Name]:
    try:
        return [parse(socket.gethostname())]
    except CertificateError:
        # Some machines have names that no certificate can hold (`my_box`); nobody connects by them.
        return []
