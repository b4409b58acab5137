"""CAPABILITY, NOOP, LOGOUT (RFC 3501 6.1), ID (RFC 2971), ENABLE (RFC 5161)."""

from __future__ import annotations

from imapgate.session import telling
from imapgate.session.capabilities import capabilities
from imapgate.session.registry import offer
from imapgate.session.selected import NEVER
from imapgate.session.session import Session
from imapgate.session.state import ANY, SIGNED_IN, Reply, State, ok
from imapgate.wire.commands import Capability, Enable, Id, Logout, Noop
from imapgate.wire.responses import parenthesised, quoted_or_literal, status, untagged

LONGEST_CLIENT = 100
"""Characters of a client's name and version in records."""


async def capability(session: Session, _command: Capability) -> Reply:
    said = capabilities(session)
    session.output.write(untagged(b"CAPABILITY", said.encode("ascii")))
    return ok("That is what works.")


async def noop(_session: Session, _command: Noop) -> Reply:
    """Always looks for news (RFC 3501 6.1.2)."""
    return ok("Done.", look=True)


async def logout(session: Session, _command: Logout) -> Reply:
    session.output.write(status(None, b"BYE", "Goodbye."))
    session.deselect()
    session.state = State.LOGOUT
    return ok("Signed out.")


async def id_(session: Session, command: Id) -> Reply:
    """Who we are; who the client is goes into the records of drops."""
    known = {name.lower(): value for name, value in command.fields or () if value}
    said = b" ".join(known[name] for name in (b"name", b"version") if name in known)
    session.client = _cleaned(said)
    ours = (b"name", session.server.name.encode(), b"version", session.server.version.encode())
    session.output.write(untagged(b"ID", parenthesised(quoted_or_literal(one) for one in ours)))
    return ok("Pleased to meet you.")


async def enable(session: Session, command: Enable) -> Reply:
    """What is unknown, or enabled already, is passed over (RFC 5161 3.1)."""
    new: list[str] = []
    before = frozenset(session.enabled)
    spelled = {name.upper(): name for name in session.extensions.enables}
    for name in (one.decode("ascii").upper() for one in command.capabilities):
        if name in spelled and name not in before and spelled[name] not in new:
            new.append(spelled[name])
            session.enabled.update((name, *session.extensions.enables[spelled[name]]))
    if session.rev2 and session.selected is not None:
        session.selected.recent_from = NEVER
    if telling.CONDSTORE in session.enabled - before and session.selected is not None:
        session.output.write(telling.highest_modseq(session.selected.told))
    session.output.write(untagged(b"ENABLED", *(name.encode("ascii") for name in new)))
    return ok("Enabled." if new else "Nothing to enable.")


def _cleaned(said: bytes) -> str:
    text = said[: 4 * LONGEST_CLIENT].decode("utf-8", "replace")
    return "".join(one for one in text if one.isprintable())[:LONGEST_CLIENT]


OFFERS = (
    offer(Capability, capability, ANY),
    offer(Noop, noop, ANY),
    offer(Logout, logout, ANY),
    offer(Id, id_, ANY, "ID"),
    offer(Enable, enable, SIGNED_IN, "ENABLE"),
)
