"""A probe: a message is sent to an account's address, waited for in its mailbox, and taken away."""

from __future__ import annotations

import base64
import smtplib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from urllib.parse import urlsplit

from imapgate.activities.names import Mistake
from imapgate.incoming.source import Position, Source, TooLarge, Unreadable
from imapgate.mime.reading import read
from imapgate.servers.server import ServerError, Tls
from imapgate.servers.settings.values import is_loopback
from imapgate.servers.trust import trusting

PORTS = {"smtp": 25, "smtps": 465}
PATIENCE = 60.0
"""Seconds until the probe has to have come."""
PAUSE = 2.0
LARGEST = 256 * 1024
"""Octets of a message that may be the probe, with all that servers on the way add."""


@dataclass(frozen=True, slots=True)
class Smtp:
    """Where it is sent. protocol: of PORTS; smtp takes STARTTLS where it is offered. user: None: no
    log-in. timeout: seconds for each step."""

    protocol: str
    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: Tls = field(default_factory=Tls)
    timeout: float = 30.0


@dataclass(frozen=True, slots=True)
class Before:
    """What stood in a mailbox before the probe was sent."""

    position: Position
    keys: frozenset[str]


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


def message(address: str) -> EmailMessage:
    """A new probe, known by its Message-ID."""
    probe = EmailMessage()
    domain = address.rpartition("@")[2]
    probe["From"] = probe["To"] = address
    probe["Subject"] = "Probe of imapgate"
    probe["Date"] = format_datetime(datetime.now(UTC))
    probe["Message-ID"] = make_msgid("imapgate-probe", domain)
    probe["Auto-Submitted"] = "auto-generated"
    probe.set_content(
        "imapgate sends this message to see whether mail arrives in this mailbox.\n"
        "It is taken away as soon as it has come.\n"
    )
    return probe


def before(source: Source) -> Before:
    """Of a mailbox that was just opened. Raises ServerError."""
    position = source.position()
    return Before(position, frozenset(one.key for one in source.waiting(position)))


def send(smtp: Smtp, probe: EmailMessage) -> str:
    """What the server said to it. Raises ServerError (step send)."""
    try:
        with _connected(smtp) as connection:
            refused = connection.send_message(probe)
            assert not refused  # of one recipient that is SMTPRecipientsRefused
            said = f"{smtp.host}:{smtp.port} took it"
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        raise _failed(smtp, "does not take a mail to that address", code, text) from error
    except smtplib.SMTPAuthenticationError as error:
        told = (error.smtp_code, error.smtp_error)
        raise _failed(smtp, "does not take the user or the password", *told) from error
    except smtplib.SMTPResponseException as error:
        raise _failed(smtp, "refuses the mail", error.smtp_code, error.smtp_error) from error
    except ssl.SSLCertVerificationError as error:
        raise _failed(smtp, "has no trusted certificate", None, error.verify_message) from error
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        # smtplib takes a time-out inside the dialogue for a lost connection.
        if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
            what = f"did not answer within {smtp.timeout:g} seconds"
            raise _failed(smtp, what, None, "") from error
        raise _failed(smtp, "can't be asked", None, str(error)) from error
    return said


def _connected(smtp: Smtp) -> smtplib.SMTP:
    context = trusting(smtp.tls)
    if smtp.protocol == "smtps":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            smtp.host, smtp.port, timeout=smtp.timeout, context=context
        )
    else:
        connection = smtplib.SMTP(smtp.host, smtp.port, timeout=smtp.timeout)
    try:
        connection.ehlo()
        if smtp.protocol == "smtp" and connection.has_extn("starttls"):
            connection.starttls(context=context)
            connection.ehlo()
        if smtp.user is not None:
            if not isinstance(connection.sock, ssl.SSLSocket) and not is_loopback(smtp.host):
                raise _failed(smtp, "offers no encryption, so no password is sent", None, "")
            _log_in(connection, smtp.user, smtp.password or "")
    except BaseException:
        connection.close()
        raise
    return connection


def _log_in(connection: smtplib.SMTP, user: str, password: str) -> None:
    """As smtplib's own, which takes ASCII alone."""
    offered = connection.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in offered:
        answer = connection.docmd("AUTH", f"PLAIN {_base64(f'{chr(0)}{user}{chr(0)}{password}')}")
    elif "LOGIN" in offered:
        answer = connection.docmd("AUTH", f"LOGIN {_base64(user)}")
        if answer[0] == 334:
            answer = connection.docmd(_base64(password))
    else:
        connection.login(user, password)
        return
    if answer[0] not in (235, 503):
        raise smtplib.SMTPAuthenticationError(*answer)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def _failed(smtp: Smtp, what: str, code: int | None, said: bytes | str) -> ServerError:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    technical = " ".join(f"{'' if code is None else code} {text}".split())[:300]
    if smtp.password:
        technical = technical.replace(smtp.password, "***")
    where = f"{smtp.host}:{smtp.port}"
    return ServerError("send", f"The SMTP server {where} {what}.", technical)


def wait_for(
    probe: EmailMessage,
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
    wanted = str(probe["Message-ID"]).strip("<>")
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
