"""MYRIGHTS, and what else ACL (RFC 4314) asks: Thunderbird looks for MYRIGHTS only under ACL."""

from __future__ import annotations

from imapgate.folders import tree
from imapgate.session.registry import offer
from imapgate.session.session import Session
from imapgate.session.state import SIGNED_IN, Reply, no, no_such_folder, ok
from imapgate.wire.commands import DeleteAcl, GetAcl, ListRights, MyRights, SetAcl
from imapgate.wire.responses import astring, untagged

NEW_RIGHTS = "RIGHTS=kxte"
"""Those that RFC 2086 didn't know."""


async def my_rights(session: Session, command: MyRights) -> Reply:
    folder = await _find(session, command.name)
    if folder is None:
        return no_such_folder(command.name)
    line = untagged(b"MYRIGHTS", session.mailbox(command.name), told(folder.rights))
    session.output.write(line)
    return ok("Those are your rights.")


async def administer(session: Session, command: GetAcl | ListRights | SetAcl | DeleteAcl) -> Reply:
    """Who is a member, and with which role, is a matter of the group, not of its folder."""
    folder = await _find(session, command.name)
    if folder is None:
        return no_such_folder(command.name)
    if "a" not in folder.rights:
        return no("NOPERM", f"You don't administer {folder.title}.")
    return no("CANNOT", f"Roles in {folder.title} are set with the command imapgate member.")


async def _find(session: Session, name: str) -> tree.Folder | None:
    person = session.who
    return await session.read(lambda tx: tree.find(tx, person, name))


def told(rights: str) -> bytes:
    """With `c` and `d` for clients of RFC 2086, as RFC 4314 2.1.1 demands."""
    create = "c" if "k" in rights or "x" in rights else ""
    delete = "d" if "t" in rights or "e" in rights else ""
    return astring((rights + create + delete).encode("ascii"))


OFFERS = (
    offer(MyRights, my_rights, SIGNED_IN, "ACL", NEW_RIGHTS),
    offer(GetAcl, administer, SIGNED_IN),
    offer(ListRights, administer, SIGNED_IN),
    offer(SetAcl, administer, SIGNED_IN),
    offer(DeleteAcl, administer, SIGNED_IN),
)
