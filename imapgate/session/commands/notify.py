"""NOTIFY (RFC 5465): news of any folder, at any time."""

from __future__ import annotations

from imapgate.session.registry import offer
from imapgate.session.session import Session
from imapgate.session.state import SIGNED_IN, Reply, no, ok
from imapgate.wire.commands import Event, Notify, NotifyNone

KNOWN = " ".join(event.value for event in Event)


async def notify(session: Session, command: Notify) -> Reply:
    """Implies NOOP for the selected folder. What comes of it is told until the next NOTIFY."""
    if command.unknown:
        return no(f"BADEVENT ({KNOWN})", "One of these events isn't known here.")
    told = await session.watch.begin(command.selected, command.others, command.status)
    await session.output.send(told)
    return ok("You will be told.", look=True)


async def notify_none(session: Session, _command: NotifyNone) -> Reply:
    session.watch.end()
    return ok("Nothing will be told.")


OFFERS = (
    offer(Notify, notify, SIGNED_IN, "NOTIFY"),
    offer(NotifyNone, notify_none, SIGNED_IN),
)
