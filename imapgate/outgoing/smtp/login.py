"""How an SMTP connection is logged in (RFC 4954): the best mechanism that both sides know."""

from __future__ import annotations

from collections.abc import Callable

from imapgate.outgoing.mailer import MECHANISMS, Relay
from imapgate.outgoing.smtp.dialogue import Reply, SmtpDialogue
from imapgate.servers import login_faults, sasl
from imapgate.servers.sasl import Mechanism, SaslError
from imapgate.servers.server import ServerError

CHALLENGES = 20


def by_password(dialogue: SmtpDialogue, relay: Relay, password: str) -> str:
    """Gives the mechanism's name. A password that could be listened to isn't said. Raises
    ServerError."""
    stream = dialogue.stream
    stream.begin("login")
    offered, wanted = dialogue.mechanisms, relay.login.mechanism
    is_open = stream.tls is None and not stream.is_local
    kept_back = False
    for name in MECHANISMS if wanted is None else (wanted,):
        if name not in offered:
            continue
        if is_open and name in sasl.CLEAR:
            kept_back = True
            continue
        mechanism = sasl.by_password(name, relay.login.user, password)
        if mechanism is not None:
            _authenticate(dialogue, mechanism)
            return name
    if kept_back:
        raise stream.failed(
            "The password would go over the network in clear text, so it wasn't said.",
            "",
            "Use a port with TLS, or STARTTLS.",
            permanent=True,
        )
    raise login_faults.not_offered(stream, wanted, offered)


def by_token(dialogue: SmtpDialogue, relay: Relay, token: Callable[[], str]) -> str:
    """The same with an OAuth 2.0 access token, under TLS or to this machine alone."""
    stream = dialogue.stream
    stream.begin("login")
    if stream.tls is None and not stream.is_local:
        raise login_faults.needs_tls(stream)
    given = token()
    stream.hide(given.encode())
    mechanism = sasl.by_token(dialogue.mechanisms, relay, given)
    if mechanism is None:
        raise login_faults.not_offered(stream, relay.login.mechanism, dialogue.mechanisms)
    _authenticate(dialogue, mechanism)
    return mechanism.name


def _authenticate(dialogue: SmtpDialogue, mechanism: Mechanism) -> None:
    stream = dialogue.stream
    trouble = ""
    reply = dialogue.command("login", b"AUTH " + mechanism.name.encode("ascii"), onward=334)
    for _ in range(CHALLENGES):
        if reply.number != 334:
            break
        try:
            # The challenge stands alone in its line (RFC 4954 4).
            given = sasl.encode(mechanism.answer(sasl.decode(reply.lines[-1])))
            stream.hide(given)
        except SaslError as error:
            trouble, given = trouble or str(error), b"*"
        reply = dialogue.command("login", given, b"***", onward=334)
    if not reply.is_good:
        raise _refused(dialogue, reply, mechanism, trouble)
    try:
        mechanism.end()
    except SaslError as error:
        raise login_faults.distrusted(stream, mechanism.name, str(error)) from error


def _refused(
    dialogue: SmtpDialogue, reply: Reply, mechanism: Mechanism, trouble: str
) -> ServerError:
    """trouble: why the mechanism was given up."""
    stream = dialogue.stream
    if reply.number == 334:
        return stream.failed("The server asks without end.")
    if trouble:
        return login_faults.distrusted(stream, mechanism.name, trouble)
    return login_faults.refused(
        stream, reply.said, mechanism.trouble, mechanism.name, reply.is_for_now
    )
