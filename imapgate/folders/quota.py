"""What a person's own folders may hold (QUOTA, RFC 9208). Group folders have no quota: what is
filed there belongs to the group."""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.activities.people import Person
from imapgate.folders import names
from imapgate.folders.folder import Folder, Kind
from imapgate.folders.listing import find
from imapgate.folders.personal import could_create
from imapgate.folders.refusals import Refused
from imapgate.limits import Limits
from storage import Tx, counts

ROOT = "Personal folders"
"""Everybody's one quota root. Recovered Messages and Incoming/Failed are outside of it: the server
fills those, and what is kept there mustn't keep its owner from saving a draft."""
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Quota:
    """limit None: none is set. octets and messages are those in the root's folders."""

    octets: int
    octets_limit: int | None
    messages: int
    messages_limit: int | None


def is_set(limits: Limits) -> bool:
    return bool(limits.quota_storage or limits.quota_messages)


def look(tx: Tx, person: Person, limits: Limits) -> Quota | None:
    """None: there is no quota. One query over this person's folders, however many mails."""
    if not is_set(limits):
        return None
    octets, messages = counts.owned(tx, person.id, (names.RECOVERED_KEY, names.FAILED_KEY))
    return Quota(octets, limits.quota_storage or None, messages, limits.quota_messages or None)


def covers(tx: Tx, person: Person, name: str, limits: Limits) -> bool | None:
    """Whether the quota is that of a folder, which need not be there yet (RFC 9208 4.1.2); None if
    there is no such folder, and none can be made."""
    folder = find(tx, person, name)
    if folder is None:
        return could_create(tx, person, names.normal(name), limits) or None
    return is_counted(folder)


def is_counted(folder: Folder) -> bool:
    return folder.kind is Kind.PERSONAL and not folder.filled


def check(
    tx: Tx, person: Person, messages: int, octets: int, limits: Limits, verb: str = "filed"
) -> None:
    """Before so much comes to this person's folders beside what is there: what makes none of it
    more is let through over the limit too, which may have been lowered. Raises Refused."""
    quota = look(tx, person, limits)
    if quota is None:
        return
    if octets > 0 and _is_beyond(quota.octets + octets, quota.octets_limit):
        most = f"{(quota.octets_limit or 0) / MIB:,.4g} MB"
    elif messages > 0 and _is_beyond(quota.messages + messages, quota.messages_limit):
        most = f"{quota.messages_limit:,} messages"
    else:
        return
    raise Refused("OVERQUOTA", f"your own folders may hold at most {most}", verb=verb)


def _is_beyond(count: int, limit: int | None) -> bool:
    return limit is not None and count > limit
