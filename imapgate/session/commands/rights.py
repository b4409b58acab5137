"""MYRIGHTS, GETACL, LISTRIGHTS, SETACL, DELETEACL (RFC 4314): roles in groups as rights in their
folders."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from imapgate.folders import members, tree
from imapgate.folders.rights import Change, How
from imapgate.folders.verdict import Verdict
from imapgate.session.registry import offer
from imapgate.session.session import Session
from imapgate.session.state import SIGNED_IN, Reply, answered, no_such_folder, ok
from imapgate.wire.commands import DeleteAcl, GetAcl, ListRights, MyRights, SetAcl
from imapgate.wire.responses import astring, untagged, utf8_quoted
from storage import Tx

_log = logging.getLogger(__name__)

NEW_RIGHTS = "RIGHTS=kxte"
"""Those that RFC 2086 didn't know."""


async def my_rights(session: Session, command: MyRights) -> Reply:
    folder = await _find(session, command.name)
    if folder is None:
        return no_such_folder(command.name)
    line = untagged(b"MYRIGHTS", session.mailbox(command.name), told(folder.rights))
    session.output.write(line)
    return ok("Those are your rights.")


async def get_acl(session: Session, command: GetAcl) -> Reply:
    """For who administers the folder alone (RFC 4314 3.3)."""
    person = session.who

    def look(tx: Tx) -> list[tuple[str, str]] | Verdict:
        folder = members.administered(tx, person, command.name)
        if isinstance(folder, Verdict):
            return folder
        return members.rights_of_all(tx, person, folder)

    found = await session.read(look)
    if isinstance(found, Verdict):
        return answered(found)
    pairs = [part for login, rights in found for part in (_login(session, login), told(rights))]
    session.output.write(untagged(b"ACL", session.mailbox(command.name), *pairs))
    return ok("Those are everybody's rights.")


async def list_rights(session: Session, command: ListRights) -> Reply:
    """With the identifier as the client wrote it (RFC 4314 3.4)."""
    person = session.who

    def look(tx: Tx) -> Sequence[str] | Verdict:
        folder = members.administered(tx, person, command.name)
        if isinstance(folder, Verdict):
            return folder
        return members.grantable(tx, person, folder, command.identifier)

    found = await session.read(look)
    if isinstance(found, Verdict):
        return answered(found)
    identifier = _login(session, command.identifier)
    sets = [told(rights) for rights in found]
    session.output.write(untagged(b"LISTRIGHTS", session.mailbox(command.name), identifier, *sets))
    return ok("Those can be given.")


async def set_acl(session: Session, command: SetAcl) -> Reply:
    return await _change(session, command, Change(How(command.sign), command.rights))


async def delete_acl(session: Session, command: DeleteAcl) -> Reply:
    return await _change(session, command, Change(How.SET, ""))


async def _change(session: Session, command: SetAcl | DeleteAcl, change: Change) -> Reply:
    """At once for everybody: sessions that lose the folder hear BYE."""
    person, name, identifier = session.who, command.name, command.identifier
    verdict = await session.write(lambda tx: members.change(tx, person, name, identifier, change))
    user = f"{person.name}@{person.segment}"
    _log.info(
        "rights in %.100r of %.100r by %s: %s",
        name,
        identifier,
        user,
        verdict.outcome.value,
        extra={
            "event": "rights",
            "fields": {
                "user": user,
                "address": session.address,
                "folder": name[:100],
                "of": identifier[:100],
                "rights": change.how.value + change.letters,
                "verdict": verdict.outcome.value,
                "code": verdict.code,
            },
        },
    )
    return answered(verdict, look=True)


async def _find(session: Session, name: str) -> tree.Folder | None:
    person = session.who
    return await session.read(lambda tx: tree.find(tx, person, name))


def told(rights: str) -> bytes:
    """With `c` and `d` for clients of RFC 2086, as RFC 4314 2.1.1 demands."""
    create = "c" if "k" in rights or "x" in rights else ""
    delete = "d" if "t" in rights or "e" in rights else ""
    return astring((rights + create + delete).encode("ascii"))


def _login(session: Session, login: str) -> bytes:
    octets = login.encode("utf-8")
    return utf8_quoted(octets) if session.utf8 and not login.isascii() else astring(octets)


OFFERS = (
    offer(MyRights, my_rights, SIGNED_IN, "ACL", NEW_RIGHTS),
    offer(GetAcl, get_acl, SIGNED_IN),
    offer(ListRights, list_rights, SIGNED_IN),
    offer(SetAcl, set_acl, SIGNED_IN),
    offer(DeleteAcl, delete_acl, SIGNED_IN),
)
