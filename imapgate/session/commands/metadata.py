"""GETMETADATA, SETMETADATA (RFC 5464)."""

from __future__ import annotations

from imapgate.folders import annotating
from imapgate.session.registry import offer
from imapgate.session.session import Session
from imapgate.session.state import SIGNED_IN, Reply, answered, no_such_folder, ok
from imapgate.wire.commands import GetMetadata, SetMetadata
from imapgate.wire.responses import astring, literal8, parenthesised, untagged


async def get_metadata(session: Session, command: GetMetadata) -> Reply:
    """What has no value isn't told; what is larger than the client wants neither, but how large the
    largest is (4.2.1)."""
    person = session.who
    found = await session.read(
        lambda tx: annotating.read(tx, person, command.name, command.entries, command.depth)
    )
    if found is None:
        return no_such_folder(command.name)
    most = command.most
    told = [
        b"%b %b" % (astring(entry.encode("ascii")), literal8(value))
        for entry, value in found.items()
        if most is None or len(value) <= most
    ]
    if told:
        name = session.mailbox(command.name)
        session.output.write(untagged(b"METADATA", name, parenthesised(told)))
    longest = max(map(len, found.values()), default=0)
    code = f"METADATA LONGENTRIES {longest}" if most is not None and longest > most else None
    return ok("That is what is noted.", code)


async def set_metadata(session: Session, command: SetMetadata) -> Reply:
    person, limits = session.who, session.server.limits
    name, values = command.name, command.values
    return answered(
        await session.write(lambda tx: annotating.write(tx, person, name, values, limits))
    )


OFFERS = (
    offer(GetMetadata, get_metadata, SIGNED_IN, "METADATA"),
    offer(SetMetadata, set_metadata, SIGNED_IN),
)
