"""STARTTLS, LOGIN and AUTHENTICATE PLAIN (RFC 3501 6.2, RFC 4616, SASL-IR RFC 4959)."""

from __future__ import annotations

import binascii
import logging

from imapgate.connections.entrance import TooManyFailures
from imapgate.folders import sign_in
from imapgate.session.capabilities import capabilities, may_start_tls
from imapgate.session.registry import offer
from imapgate.session.session import Session
from imapgate.session.state import NOT_SIGNED_IN, Farewell, Reply, State, bad, no, ok
from imapgate.wire.commands import Authenticate, Login, StartTls

_log = logging.getLogger(__name__)

NO_TLS = "Passwords are taken under TLS only: use STARTTLS or the TLS port."
WRONG = "The login or the password is wrong."
ANOTHER = no("AUTHORIZATIONFAILED", "Nobody may sign in as somebody else.")


async def starttls(session: Session, _command: StartTls) -> Reply:
    if session.secure:
        return bad("TLS is in place already.")
    if not may_start_tls(session):
        return bad("There is no TLS here.")
    return Reply(b"OK", "Begin TLS now.", after=session.connection.start_tls)


async def login(session: Session, command: Login) -> Reply:
    if not session.takes_passwords:
        return no("PRIVACYREQUIRED", NO_TLS)
    return await _sign_in(session, command.user, command.password)


async def authenticate(session: Session, command: Authenticate) -> Reply:
    if command.mechanism != b"PLAIN":
        return no("CANNOT", "The mechanism here is PLAIN.")
    if not session.takes_passwords:
        return no("PRIVACYREQUIRED", NO_TLS)
    message = command.initial
    if message is None:
        session.output.write(b"+ \r\n")
        line = await session.connection.next_line()
        if line is None:
            return bad("The answer is too long.")
        if line.strip() == b"*":
            return bad("AUTHENTICATE was cancelled.")
        try:
            message = binascii.a2b_base64(line.strip(), strict_mode=True)
        except binascii.Error:
            return bad("Expected an answer in base64.")
    fields = message.split(b"\0")
    if len(fields) != 3:
        return bad("Expected authorization identity, login and password.")
    other, user, password = fields
    return await _sign_in(session, user, password, other)


async def _sign_in(session: Session, user: bytes, password: bytes, other: bytes = b"") -> Reply:
    """Slow for whoever tries passwords (docs/rules.md 22); nobody else waits meanwhile.

    other: an authorization identity (RFC 4616), any of the user's own logins; b"": none."""
    server = session.server
    login = _text(user)
    heard = server.hub.heard_of_people
    try:
        admission = await server.entrance.admit(
            login,
            password,
            session.address,
            session.call,
            lambda: session.state is State.LOGOUT,
            _log,
        )
    except TooManyFailures:
        return no("LIMIT", "Too many sign-ins failed lately. Try again in a minute.")
    if admission is None:
        session.failures += 1
        if session.failures >= server.limits.login_failures:
            raise Farewell("Too many failed sign-ins.")
        return no("AUTHENTICATIONFAILED", WRONG)
    person = admission.person
    if other and not await session.read(lambda tx: sign_in.is_one_of(tx, person, _text(other))):
        return ANOTHER
    if not session.sign_in(admission):
        text = f"You have {server.limits.sessions_per_user} sessions already."
        return no("LIMIT", text)
    if server.hub.heard_of_people != heard:
        # The account may have been closed while its password was being checked.
        session.news.people_changed()
        server.dismissals.look()
    name = f"{person.name}@{person.segment}"
    extra = {"event": "sign_in", "fields": {"user": name, "address": session.address}}
    _log.info("%s signed in from %s", name, session.address, extra=extra)
    said = capabilities(session)
    return ok(f"Signed in as {person.name}.", f"CAPABILITY {said}")


def _text(login: bytes) -> str:
    return login.decode("utf-8", "replace")


OFFERS = (
    offer(StartTls, starttls, NOT_SIGNED_IN),
    offer(Login, login, NOT_SIGNED_IN),
    offer(Authenticate, authenticate, NOT_SIGNED_IN),
)
