"""GETQUOTA, GETQUOTAROOT, SETQUOTA (RFC 9208): one root for all of a person's own folders."""

from __future__ import annotations

from imapgate.folders import quota
from imapgate.folders.quota import Quota
from imapgate.session.registry import offer
from imapgate.session.session import Session
from imapgate.session.state import SIGNED_IN, Reply, no, no_such_folder, ok
from imapgate.wire.commands import GetQuota, GetQuotaRoot, SetQuota
from imapgate.wire.responses import astring, parenthesised, untagged
from storage import Tx

ROOT = astring(quota.ROOT.encode("ascii"))
KIB = 1024
"""RFC 9208 5.1: the unit of STORAGE."""


async def get_quota(session: Session, command: GetQuota) -> Reply:
    person, limits = session.who, session.server.limits
    found = await session.read(lambda tx: quota.look(tx, person, limits))
    if found is None or command.root != quota.ROOT.encode("ascii"):
        return no("NONEXISTENT", "There is no such quota root.")
    session.output.write(_line(found))
    return ok("That is how much there is room for.")


async def get_quota_root(session: Session, command: GetQuotaRoot) -> Reply:
    """Without a root where nothing limits what the folder holds."""
    person, limits = session.who, session.server.limits

    def look(tx: Tx) -> tuple[bool | None, Quota | None]:
        return quota.covers(tx, person, command.name, limits), quota.look(tx, person, limits)

    covered, found = await session.read(look)
    if covered is None:
        return no_such_folder(command.name)
    name = session.mailbox(command.name)
    if not covered or found is None:
        session.output.write(untagged(b"QUOTAROOT", name))
        return ok("It has no quota.")
    session.output.write(untagged(b"QUOTAROOT", name, ROOT) + _line(found))
    return ok("That is how much there is room for.")


async def set_quota(_session: Session, _command: SetQuota) -> Reply:
    """Hence no QUOTASET among the capabilities (RFC 9208 4.1.3)."""
    return no("NOPERM", "The server's administrator sets quotas, in its settings.")


def _line(found: Quota) -> bytes:
    """Only what is limited is told (RFC 9208 4.2.1). Octets are rounded up: a folder with one
    message isn't empty."""
    resources = []
    if found.octets_limit is not None:
        used = -(-found.octets // KIB)
        resources.append(b"STORAGE %d %d" % (used, found.octets_limit // KIB))
    if found.messages_limit is not None:
        resources.append(b"MESSAGE %d %d" % (found.messages, found.messages_limit))
    return untagged(b"QUOTA", ROOT, parenthesised(resources))


OFFERS = (
    offer(GetQuota, get_quota, SIGNED_IN, "QUOTA", "QUOTA=RES-STORAGE", "QUOTA=RES-MESSAGE"),
    offer(GetQuotaRoot, get_quota_root, SIGNED_IN),
    offer(SetQuota, set_quota, SIGNED_IN),
)
