"""How an IMAP connection is logged in: the best mechanism that both sides know."""

from __future__ import annotations

from collections.abc import Callable

from imapgate.incoming.account import IMAP_MECHANISMS, Place
from imapgate.incoming.mailboxes.imap_dialogue import ImapDialogue, Literal, Refused, quoted
from imapgate.servers import login_faults, sasl
from imapgate.servers.sasl import Mechanism, SaslError
from imapgate.servers.server import ServerError

COMMAND = "LOGIN"
"""The command LOGIN, where AUTH=LOGIN isn't offered."""
_FOR_NOW = (b"UNAVAILABLE", b"INUSE", b"LIMIT", b"SERVERBUG", b"CONTACTADMIN", b"OVERQUOTA")


def by_password(dialogue: ImapDialogue, place: Place, password: str) -> str:
    """Gives the mechanism's name. Raises ServerError."""
    stream = dialogue.stream
    stream.begin("login")
    offered = {
        one.removeprefix("AUTH=") for one in dialogue.capabilities if one.startswith("AUTH=")
    }
    wanted = place.login.mechanism
    for name in IMAP_MECHANISMS if wanted is None else (wanted,):
        if name not in offered:
            continue
        mechanism = sasl.by_password(name, place.login.user, password)
        if mechanism is not None:
            _authenticate(dialogue, mechanism)
            return name
    may_command = "LOGINDISABLED" not in dialogue.capabilities
    if wanted in (None, COMMAND) and may_command:
        _command(dialogue, place.login.user, password)
        return COMMAND
    raise login_faults.not_offered(stream, wanted, {*offered, *_disabled(dialogue)})


def by_token(dialogue: ImapDialogue, place: Place, token: Callable[[], str]) -> str:
    """The same with an OAuth 2.0 access token, under TLS alone."""
    stream = dialogue.stream
    stream.begin("login")
    if stream.tls is None:
        raise login_faults.needs_tls(stream)
    offered = [
        one.removeprefix("AUTH=") for one in dialogue.capabilities if one.startswith("AUTH=")
    ]
    given = token()
    stream.hide(given.encode())
    mechanism = sasl.by_token(offered, place, given)
    if mechanism is None:
        raise login_faults.not_offered(stream, place.login.mechanism, offered)
    _authenticate(dialogue, mechanism)
    return mechanism.name


def _disabled(dialogue: ImapDialogue) -> frozenset[str]:
    return dialogue.capabilities & {"LOGINDISABLED"}


def _authenticate(dialogue: ImapDialogue, mechanism: Mechanism) -> None:
    trouble = ""

    def answer(challenge: bytes) -> bytes | None:
        nonlocal trouble
        try:
            return sasl.encode(mechanism.answer(sasl.decode(challenge)))
        except SaslError as error:
            trouble = trouble or str(error)
            return None

    try:
        dialogue.authenticate(mechanism.name.encode("ascii"), answer)
        mechanism.end()
    except Refused as refused:
        if trouble:
            raise login_faults.distrusted(dialogue.stream, mechanism.name, trouble) from refused
        raise _refused(dialogue, refused, mechanism.trouble, mechanism.name) from refused
    except SaslError as error:
        raise login_faults.distrusted(dialogue.stream, mechanism.name, str(error)) from error


def _command(dialogue: ImapDialogue, user: str, password: str) -> None:
    secret = quoted(password.encode())
    dialogue.stream.hide(secret.octets if isinstance(secret, Literal) else secret)
    try:
        dialogue.command("login", b"LOGIN", quoted(user.encode()), secret, shown=b"LOGIN *** ***")
    except Refused as refused:
        raise _refused(dialogue, refused, "", COMMAND) from refused


def _refused(dialogue: ImapDialogue, refused: Refused, trouble: str, name: str) -> ServerError:
    for_now = refused.code in _FOR_NOW
    return login_faults.refused(dialogue.stream, refused.technical, trouble, name, for_now)
