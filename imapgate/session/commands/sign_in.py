"""STARTTLS, LOGIN and AUTHENTICATE PLAIN (RFC 3501 6.2, RFC 4616, SASL-IR RFC 4959)."""

from __future__ import annotations

import binascii
import logging

from imapgate.folders import sign_in
from imapgate.session.capabilities import capabilities, may_start_tls
from imapgate.session.clock import pause
from imapgate.session.output import Gone
from imapgate.session.registry import offer
from imapgate.session.session import Session
from imapgate.session.state import NOT_SIGNED_IN, Farewell, Reply, State, bad, no, ok
from imapgate.wire.commands import Authenticate, Login, StartTls

_log = logging.getLogger(__name__)

NO_TLS = "Passwords are taken under TLS only: use STARTTLS or the TLS port."
WRONG = "The login or the password is wrong."


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
    if other and other.lower() != user.lower():
        return no("AUTHORIZATIONFAILED", "Nobody may sign in as somebody else.")
    return await _sign_in(session, user, password)


async def _sign_in(session: Session, user: bytes, password: bytes) -> Reply:
    """Slow for whoever tries passwords (DESIGN rule 22); nobody else waits meanwhile."""
    server = session.server
    clock, attempts = server.clock, server.attempts
    login = user.decode("utf-8", "replace")
    seconds = attempts.pause(login, session.address, clock.seconds())
    if seconds is None:
        return no("LIMIT", "Too many sign-ins failed lately. Try again in a minute.")
    if seconds:
        await pause(clock, seconds)
    person = None
    try:
        known = password.decode("utf-8")
    except UnicodeDecodeError:
        known = None  # No password here is anything but UTF-8.
    if known is not None:
        await server.sign_ins.acquire()
        if session.state is State.LOGOUT:
            # It hung up while it waited: no password is checked for nobody. The next one's turn
            # comes from the reactor, since a row of such would be as many calls deep.
            clock.callLater(0, server.sign_ins.release)
            raise Gone
        try:
            person = await session.call(lambda: sign_in.sign_in(server.db, login, known))
        finally:
            server.sign_ins.release()
    if person is None:
        return await _failed(session, login)
    attempts.succeeded(login, session.address)
    if not session.sign_in(person):
        text = f"You have {server.limits.sessions_per_user} sessions already."
        return no("LIMIT", text)
    _log.info("%s@%s signed in from %s", person.name, person.segment, session.address)
    said = capabilities(session)
    return ok(f"Signed in as {person.name}.", f"CAPABILITY {said}")


async def _failed(session: Session, login: str) -> Reply:
    server = session.server
    _log.warning("a sign-in as %.100r from %s failed", login, session.address)
    server.attempts.failed(login, session.address, server.clock.seconds())
    await pause(server.clock, server.limits.login_delay)
    session.failures += 1
    if session.failures >= server.limits.login_failures:
        raise Farewell("Too many failed sign-ins.")
    return no("AUTHENTICATIONFAILED", WRONG)


OFFERS = (
    offer(StartTls, starttls, NOT_SIGNED_IN),
    offer(Login, login, NOT_SIGNED_IN),
    offer(Authenticate, authenticate, NOT_SIGNED_IN),
)
