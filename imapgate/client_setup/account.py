"""What a mail client has to be told so that somebody can use this server."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace

from certs.described import describe
from certs.files import read_certificates
from imapgate.settings import Settings, is_loopback
from imapgate.tls import listens_everywhere

ADDRESS = "%EMAILADDRESS%"
"""Stands for an e-mail address that only the client knows: Mozilla's autoconfiguration puts it in
there."""
LOCAL_PART = "%EMAILLOCALPART%"
"""And for what stands before its @."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """security: one of settings.SECURITIES. login: what one signs in with; None: no sign-in."""

    host: str
    port: int
    security: str
    login: str | None


@dataclass(frozen=True, slots=True)
class Account:
    """name: the person's. address: theirs for mail, or ADDRESS. outgoing: None where the settings
    name none and imapgate takes none, so that mail is sent as it is without it."""

    name: str
    address: str
    incoming: MailServer
    outgoing: MailServer | None


def account(settings: Settings, name: str, address: str, login: str) -> Account:
    """login: `name@Segment`, the e-mail address, or ADDRESS. The IMAP server is where `serve`
    listens: on this machine without encryption, else by TLS; and so is the SMTP server, where mail
    is submitted to imapgate and the settings name no other. Raises certs.CertificateError and
    OSError if a certificate of one's own can't be read."""
    if is_loopback(settings.host):
        incoming = MailServer(settings.host, settings.port, "none", login)
    else:
        incoming = MailServer(next(_hosts(settings)), settings.tls_port, "tls", login)
    outgoing = _outgoing(settings, address) or _submission(settings, incoming)
    return Account(name, address, incoming, outgoing)


def _outgoing(settings: Settings, address: str) -> MailServer | None:
    chosen = settings.outgoing
    if not chosen.host:
        return None
    before = LOCAL_PART if address == ADDRESS else address.rpartition("@")[0]
    login = {"address": address, "name": before, "none": None}[chosen.login]
    return MailServer(chosen.host, chosen.port, chosen.security, login)


def _submission(settings: Settings, incoming: MailServer) -> MailServer | None:
    """Where imapgate takes mail, signed in to as for reading it."""
    plain, tls = settings.submission_port, settings.submission_tls_port
    if plain is not None and is_loopback(settings.host):
        return replace(incoming, port=plain, security="none")
    if tls is not None:
        return replace(incoming, port=tls, security="tls")
    return None if plain is None else replace(incoming, port=plain, security="starttls")


def _hosts(settings: Settings) -> Iterator[str]:
    """Names of this machine, those first that clients can check against the certificate."""
    yield from settings.names
    if settings.certificate is not None:
        names = describe(read_certificates(settings.certificate)[0]).names
        yield from (one for one in names if not one.startswith("*"))
    if not listens_everywhere(settings):
        yield settings.host
    yield socket.gethostname()
