"""Mailers of the tests' own, and what comes of a mail that is handed to one."""

from __future__ import annotations

from dataclasses import replace

from imapgate.mime.index import Content
from imapgate.outgoing.delivery import Envelope, Result
from imapgate.outgoing.mailer import Mailer, Relay
from imapgate.outgoing.smtp.delivering import deliverer, walk
from imapgate.servers.server import Login, Secrets, ServerError, Step, Tls

HOST = "127.0.0.1"
SENDER = "desk@example.org"
TO = "customer@example.net"
MAIL = b"From: desk@example.org\r\nTo: customer@example.net\r\nSubject: one\r\n\r\nHello\r\n"


def mailer(
    port: int,
    security: str = "none",
    *,
    ca: str | None = None,
    login: Login | None = None,
    timeout: float = 20.0,
    connecting: float = 20.0,
    host: str = HOST,
    **more: object,
) -> Mailer:
    """Of a server on loopback."""
    tls = more.pop("tls", None) or Tls(starttls=security == "starttls", ca=ca)
    assert isinstance(tls, Tls)
    login = login or Login("none")
    relay = Relay(host, port, security, tls, login, connecting, timeout)
    made = Mailer(1, None, "relay", True, relay, SENDER)
    return replace(made, **more)  # type: ignore[arg-type]


def handed(
    to: Mailer,
    *recipients: str,
    content: Content = MAIL,
    password: str | None = None,
    sender: str = SENDER,
    said: list[str] | None = None,
    ends: list[str] | None = None,
    whole: bool = False,
    **more: object,
) -> tuple[Result, ...]:
    """said: gets the dialogue; ends: a word once the mail is about to end."""
    deliver = deliverer(
        to,
        Secrets(password=password),
        dialogue=None if said is None else said.append,
        **more,  # type: ignore[arg-type]
    )
    marked = [] if ends is None else ends
    return deliver(
        Envelope(sender, recipients or (TO,), whole), content, lambda: marked.append("end")
    )


def failed(to: Mailer, *recipients: str, **more: object) -> ServerError:
    """The error that nothing was sent with: no recipient was told of, and no end came near."""
    ends: list[str] = []
    try:
        results = handed(to, *recipients, ends=ends, **more)  # type: ignore[arg-type]
    except ServerError as error:
        assert ends == []
        return error
    raise AssertionError(f"it was handed over: {results}")


def outcomes(results: tuple[Result, ...]) -> list[tuple[str, str, str | None]]:
    return [(one.address, one.outcome, one.code) for one in results]


def steps(to: Mailer, *recipients: str, **more: object) -> list[str]:
    """Names of the steps that went well."""
    envelope = Envelope(SENDER, recipients or (TO,))
    walked = walk(to, Secrets(), envelope, MAIL, **more)  # type: ignore[arg-type]
    return [one.name for one in walked if isinstance(one, Step)]
