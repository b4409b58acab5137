"""Who approves a transition: addresses, users, or whoever the activity is assigned to."""

from __future__ import annotations

from collections.abc import Sequence

from imapgate.activities.names import Mistake, checked_email, key, quoted
from imapgate.mime.writing import Unwritable, ascii_address
from storage import Tx, activities, mail_accounts, people

ASSIGNED_TO = "assigned to"
"""Stands for the user whom the activity is assigned to."""
MOST = 50


def checked(tx: Tx, segment_id: int, named: Sequence[str]) -> tuple[str, ...]:
    """As a transition keeps them, each once: addresses, names of users, ASSIGNED_TO. Raises
    Mistake: nobody is called that, or has that address; too many."""
    found: dict[str, str] = {}
    for one in named:
        if key(one) == ASSIGNED_TO:
            kept = ASSIGNED_TO
        elif "@" in one:
            kept = _address(one)
        else:
            kept = _user(tx, segment_id, one).name
        found.setdefault(key(kept), kept)
    if len(found) > MOST:
        raise Mistake(f"At most {MOST} approvers can be named.")
    return tuple(found.values())


def addresses(tx: Tx, activity: activities.ActivityRow, named: Sequence[str]) -> tuple[str, ...]:
    """Keys of the addresses that are asked about this activity, each once. Raises Mistake where
    there is none for one of those who are named, or too many."""
    found = []
    for one in named:
        if "@" in one:
            found.append(key(_address(one)))
            continue
        if key(one) == ASSIGNED_TO:
            if activity.assigned_to_id is None:
                raise Mistake(
                    f"#{activity.number} is assigned to nobody, and whoever it is assigned to has"
                    " to approve: nothing was asked, and it stays as it is."
                )
            row = people.principal_by_id(tx, activity.assigned_to_id)
            assert row is not None
        else:
            row = _user(tx, activity.segment_id, one)
        found.append(key(_own_address(tx, row)))
    unique = tuple(dict.fromkeys(found))
    if not 0 < len(unique) <= MOST:
        raise Mistake(f"A request has 1 to {MOST} approvers.")
    return unique


def may_approve(
    tx: Tx, activity: activities.ActivityRow, named: Sequence[str], principal_id: int
) -> bool:
    """Whether this user is one of those who are named, by name or by any address of theirs."""
    row = people.principal_by_id(tx, principal_id)
    if row is None or row.segment_id != activity.segment_id:
        return False
    accounts = mail_accounts.of_principal(tx, principal_id)
    own = {key(one) for one in (row.name, row.email, *(one.address for one in accounts)) if one}
    if activity.assigned_to_id == principal_id:
        own.add(ASSIGNED_TO)
    return any(key(one) in own for one in named)


def wrote(tx: Tx, segment_id: int, asked: Sequence[str], sender: str) -> bool:
    """Whether a mail from that address (a key) is an approver's: it is one of those that were
    asked, or what a user of such an address writes from (the reply address of a mail account)."""
    if sender in asked:
        return True
    return any(
        one.reply_address is not None and key(one.reply_address) == sender
        for address in asked
        for one in mail_accounts.with_address(tx, segment_id, address)
    )


def _user(tx: Tx, segment_id: int, name: str) -> people.PrincipalRow:
    segment = people.segment_by_id(tx, segment_id)
    row = people.principal_by_name(tx, key(segment.name), key(name))
    if row is None:
        raise Mistake(f"There is no user {quoted(name)}, who has to approve.")
    _own_address(tx, row)
    return row


def _own_address(tx: Tx, row: people.PrincipalRow) -> str:
    """Where the user gets mail."""
    accounts = mail_accounts.of_principal(tx, row.id)
    address = accounts[0].address if accounts else row.email
    if address is None or row.disabled:
        why = "has no address" if address is None else "is disabled"
        raise Mistake(f"{quoted(row.name)}, who has to approve, {why}.")
    return _address(address)


def _address(address: str) -> str:
    kept = checked_email(address)
    try:
        ascii_address(kept)
    except Unwritable as error:
        raise Mistake(str(error)) from None
    return kept
