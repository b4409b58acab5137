"""A mailer's server is reached: the name is looked up, the connection made, TLS, log-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

from imapgate.outgoing.mailer import Relay
from imapgate.outgoing.smtp import login
from imapgate.outgoing.smtp.dialogue import SmtpDialogue
from imapgate.servers import certificates
from imapgate.servers.certificates import Presented
from imapgate.servers.server import Secrets, Step, Tls
from imapgate.servers.stream import Stream

NO_STARTTLS = "The server doesn't offer STARTTLS."
HINT = "Use the port that has TLS from the start (465), or have the server set up for STARTTLS."

Token = Callable[[], str]
Dialogue = Callable[[str], None]


def stream_to(relay: Relay, dialogue: Dialogue | None = None) -> Stream:
    """Not connected yet."""
    return Stream(relay, dialogue, "mailer")


def connected(
    stream: Stream, relay: Relay, secrets: Secrets, token: Token | None
) -> Iterator[Step | SmtpDialogue]:
    """Each step as soon as it went well, and last the dialogue, in which MAIL comes next. Raises
    ServerError; the caller closes the stream."""
    if secrets.password:
        stream.hide(secrets.password.encode())
    yield from _reached(stream, relay)
    if relay.security == "tls":
        yield _encrypted(stream, relay.tls, relay.host)
    dialogue = SmtpDialogue(stream)
    yield Step("greeting", dialogue.greeting().text)
    dialogue.hello()
    if relay.security == "starttls":
        yield _starttls(dialogue, relay.tls, relay.host)
    if relay.login.authentication == "none":
        yield Step("login", "none, as set up")
    else:
        if relay.login.authentication == "oauth":
            assert token is not None
            name = login.by_token(dialogue, relay, token)
        else:
            name = login.by_password(dialogue, relay, secrets.password or "")
        yield Step("login", f"logged in as {relay.login.user} by {name}")
    yield dialogue


def presented(relay: Relay) -> Presented:
    """The certificate that the server shows, verified by nobody, for a person to look at. Nobody
    is logged in. Raises ServerError, also where the relay has no TLS."""
    trusting = Tls(relay.tls.starttls, relay.tls.lowest, verify=False)
    with closing(stream_to(relay)) as stream:
        stream.begin("tls")
        if relay.security == "none":
            raise stream.failed("Without TLS the server shows no certificate.", permanent=True)
        for _ in _reached(stream, relay):
            pass
        if relay.security == "tls":
            _encrypted(stream, trusting, relay.host)
        else:
            dialogue = SmtpDialogue(stream)
            dialogue.greeting()
            dialogue.hello()
            _starttls(dialogue, trusting, relay.host)
        der = None if stream.tls is None else stream.tls.getpeercert(binary_form=True)
        # Without one the handshake has failed.
        assert der is not None
        return certificates.presented(stream, der)


def _reached(stream: Stream, relay: Relay) -> Iterator[Step]:
    stream.timeout = relay.connecting
    addresses = stream.look_up()
    listed = ", ".join(dict.fromkeys(address[0] for _, address in addresses))
    yield Step("name", f"{relay.host} is {listed}")
    stream.connect(addresses)
    stream.timeout = relay.timeout
    yield Step("connect", f"connected to {stream.peer}, port {relay.port}")


def _encrypted(stream: Stream, tls: Tls, host: str) -> Step:
    stream.begin("tls")
    text = certificates.encrypt(stream, tls, host)
    is_sure = tls.verify or tls.pinned is not None
    return Step("tls", text, "" if is_sure else certificates.UNVERIFIED)


def _starttls(dialogue: SmtpDialogue, tls: Tls, host: str) -> Step:
    """RFC 3207; there is no way on without it."""
    stream = dialogue.stream
    stream.begin("tls")
    if "STARTTLS" not in dialogue.features:
        raise stream.failed(NO_STARTTLS, hint=HINT, permanent=True)
    reply = dialogue.command("tls", b"STARTTLS")
    if reply.number != 220:
        raise stream.failed("The server refuses STARTTLS.", reply.said, HINT)
    step = _encrypted(stream, tls, host)
    dialogue.hello("tls")
    return step
