"""AUTH PLAIN and LOGIN (RFC 4954, RFC 4616), by the same door as IMAP's."""

from __future__ import annotations

import base64
import logging
from typing import TYPE_CHECKING

from imapgate.connections.entrance import TooManyFailures
from imapgate.connections.gone import Gone
from imapgate.folders import sign_in
from imapgate.submission.commands import Auth, BadCommand, from_base64
from imapgate.submission.delivering import Sender
from imapgate.submission.replies import Reply

if TYPE_CHECKING:
    from imapgate.submission.session import Session

MECHANISMS = ("PLAIN", "LOGIN")
"""LOGIN for Outlook."""

_log = logging.getLogger(__name__)


async def authenticate(session: Session, command: Auth) -> Reply:
    """Raises Gone, BadCommand, Unavailable."""
    if command.mechanism not in MECHANISMS:
        names = " and ".join(MECHANISMS)
        return Reply(504, "5.5.4", f"The mechanisms here are {names}.")
    if not session.takes_passwords:
        return Reply(538, "5.7.11", "Passwords are taken under TLS only: use STARTTLS.")
    if command.mechanism == "PLAIN":
        message = command.initial
        if message is None:
            message = await _answer(session, b"")
        fields = message.split(b"\0")
        if len(fields) != 3:
            raise BadCommand(501, "5.5.2", "Expected authorization identity, login and password.")
        other, login, password = fields
    else:
        other, first = b"", command.initial
        login = await _answer(session, b"Username:") if first is None else first
        password = await _answer(session, b"Password:")
    return await _sign_in(session, login, password, other)


async def _answer(session: Session, challenge: bytes) -> bytes:
    asked = Reply(334, "", base64.b64encode(challenge).decode("ascii"))
    line = await session.connection.next_line(asked)
    if line == b"*":
        raise BadCommand(501, "5.7.0", "AUTH was cancelled.")
    return from_base64(line)


async def _sign_in(session: Session, user: bytes, password: bytes, other: bytes) -> Reply:
    server, connection = session.server, session.connection
    login = user.decode("utf-8", "replace")
    try:
        admission = await server.entrance.admit(
            login, password, session.address, server.call, lambda: connection.is_gone, _log
        )
    except TooManyFailures:
        return Reply(454, "4.7.0", "Too many sign-ins failed lately. Try again in a minute.")
    if admission is None:
        session.failures += 1
        ends = session.failures >= server.limits.login_failures
        return Reply(535, "5.7.8", "The login or the password is wrong.", ends=ends)
    person = admission.person
    if other:
        name = other.decode("utf-8", "replace")
        is_own = await server.call(
            lambda: server.db.read(lambda tx: sign_in.is_one_of(tx, person, name))
        )
        if not is_own:
            return Reply(535, "5.7.8", "Nobody may sign in as somebody else.")
    if connection.is_gone:
        raise Gone
    if not server.sessions.sign_in(person.id):
        most = server.limits.submission_per_user
        return Reply(454, "4.7.0", f"You have {most} connections already.")
    session.who = Sender(person, admission.password_hash)
    session.reset()
    name = f"{person.name}@{person.segment}"
    extra = {"event": "sign_in", "fields": {"user": name, "address": session.address}}
    _log.info("%s signed in from %s", name, session.address, extra=extra)
    return Reply(235, "2.7.0", f"Signed in as {person.name}.")
