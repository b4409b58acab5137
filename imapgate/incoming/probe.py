"""A probe: a message is sent to an account's address, waited for in its mailbox, and taken away."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from imapgate.activities.names import Mistake
from imapgate.incoming.source import Position, Source, TooLarge, Unreadable
from imapgate.mime import writing
from imapgate.mime.index import Content
from imapgate.mime.mail import Mailbox
from imapgate.mime.reading import read
from imapgate.outgoing.delivery import SENT, Deliver, Envelope, Result
from imapgate.outgoing.mailer import Mailer, Relay
from imapgate.outgoing.smtp.connecting import NO_STARTTLS
from imapgate.outgoing.smtp.delivering import deliverer
from imapgate.servers.server import Login, Secrets, ServerError, Tls

PORTS = {"smtp": 25, "smtps": 465}
PATIENCE = 60.0
"""Seconds until the probe has to have come."""
PAUSE = 2.0
LARGEST = 256 * 1024
"""Octets of a message that may be the probe, with all that servers on the way add."""


@dataclass(frozen=True, slots=True)
class Before:
    """What stood in a mailbox before the probe was sent."""

    position: Position
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Probe:
    """message_id: by which it is known, without angle brackets."""

    message_id: str
    content: bytes


def server_of(url: str) -> tuple[str, str, int]:
    """Protocol, host and port of `smtp://HOST:PORT` or `smtps://HOST`. Raises Mistake."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in PORTS or not host or parts.username is not None or parts.path.strip("/"):
        raise Mistake(
            "Say where the probe is sent as smtp://HOST:PORT or smtps://HOST:PORT, without a user."
        )
    return parts.scheme, host, port or PORTS[parts.scheme]


def message(address: str) -> Probe:
    """A new probe, from and to that address. Raises Mistake for one that none can be written to."""
    try:
        kept = writing.ascii_address(address)
    except writing.Unwritable as unwritable:
        raise Mistake(str(unwritable)) from None
    headers = writing.Headers(
        sender=Mailbox("", kept),
        to=(Mailbox("", kept),),
        subject="Probe of imapgate",
        at=int(time.time()),
        message_id=writing.new_id(kept.rpartition("@")[2]),
        auto_submitted="auto-generated",
    )
    text = (
        "imapgate sends this message to see whether mail arrives in this mailbox.\n"
        "It is taken away as soon as it has come.\n"
    )
    return Probe(headers.message_id, writing.message(headers, text))


def before(source: Source) -> Before:
    """Of a mailbox that was just opened. Raises ServerError."""
    position = source.position()
    return Before(position, frozenset(one.key for one in source.waiting(position)))


def server_at(
    url: str, user: str | None, password: str | None, tls: Tls, timeout: float
) -> Deliver:
    """Of a URL as `server_of` takes it; smtp takes STARTTLS where it is offered. user: None: no
    log-in. tls: what is trusted. timeout: seconds for each step."""
    protocol, host, port = server_of(url)
    login = Login("none") if user is None else Login("password", user)
    security = "tls" if protocol == "smtps" else "starttls"
    checked = replace(tls, starttls=security == "starttls")
    secured = _mailer(Relay(host, port, security, checked, login, timeout, timeout))
    secrets = Secrets(password)

    def deliver(
        envelope: Envelope, content: Content, before_end: Callable[[], None]
    ) -> tuple[Result, ...]:
        try:
            return deliverer(secured, secrets)(envelope, content, before_end)
        except ServerError as error:
            if error.text != NO_STARTTLS or protocol == "smtps":
                raise
        # No password goes over the network in clear text.
        plain = _mailer(Relay(host, port, "none", Tls(), login, timeout, timeout))
        return deliverer(plain, secrets)(envelope, content, before_end)

    return deliver


def _mailer(relay: Relay) -> Mailer:
    return Mailer(0, None, "probe", False, relay, "")


def send(deliver: Deliver, address: str, probe: Probe) -> str:
    """What the server said to it. Raises ServerError (step send)."""
    envelope = Envelope(address, (address,))
    try:
        (result,) = deliver(envelope, probe.content, lambda: None)
    except ServerError as error:
        raise ServerError("send", error.text, error.technical, error.hint) from error
    said = f"{result.code or ''} {result.text}".strip()
    if result.outcome != SENT:
        raise ServerError("send", "The probe was not taken.", said)
    return f"it was taken: {said}"


def wait_for(
    probe: Probe,
    stood: Before,
    reopen: Callable[[], Source],
    elsewhere: Callable[[str], str | None],
    patience: float = PATIENCE,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> str:
    """Looks into the mailbox every few seconds, until the probe is there; deletes it then. reopen:
    opens the mailbox anew, since POP3 tells of new mail only then. elsewhere: what became of that
    Message-ID if somebody else took it out of the mailbox, None: nothing yet. What happened, for
    people. Raises ServerError (step arrive, or what opening and reading raise)."""
    wanted = probe.message_id
    looked = set(stood.keys)
    began = clock()
    while True:
        source = reopen()
        try:
            if _taken_away(source, stood.position, wanted, looked):
                return f"it came within {clock() - began:.0f} seconds and was taken away again"
        finally:
            source.close()
        told = elsewhere(wanted)
        if told is not None:
            return told
        if clock() - began + PAUSE > patience:
            raise ServerError(
                "arrive",
                f"The probe did not come within {patience:g} seconds.",
                f"Message-ID {wanted}",
                "Look whether the address leads to this mailbox and folder, and into the junk "
                "folder; if it comes later, it is read like any mail.",
            )
        sleep(PAUSE)


def _taken_away(source: Source, position: Position, wanted: str, looked: set[str]) -> bool:
    for one in source.waiting(position):
        if one.key in looked:
            continue
        looked.add(one.key)
        try:
            content = source.read(one.key, LARGEST)
        except (KeyError, TooLarge, Unreadable):
            continue
        if read(content).mail.message_id == wanted:
            source.settle([one.key], "delete", None)
            return True
    return False
