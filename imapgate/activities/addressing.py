"""Who is to get an e-mail activity, set by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imapgate.activities import contacts, happenings, phones
from imapgate.activities.contact_addresses import address_keys
from imapgate.activities.names import Mistake, checked_email, key, quoted
from imapgate.mime.writing import Unwritable, ascii_address
from storage import Tx, activities, address_groups, addresses, emails

KINDS = ("to", "cc", "bcc")
MOST_NAMED = 200
"""Recipients of one activity; of a group each member is one more only when it is sent."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """named: an address, a phone number or the name of an address group. is_group: the latter."""

    kind: str
    named: str
    is_group: bool = False


@dataclass(frozen=True, slots=True)
class Addressed:
    """An e-mail activity's recipients (never its sender) and its gateway."""

    number: int
    recipients: tuple[Addressee, ...]
    gateway: str | None


def addressed(tx: Tx, segment_id: int, number: int) -> Addressed:
    """Raises Mistake: no such activity, or it is no mail."""
    activity_id, email = _email(tx, segment_id, number)
    found = [
        Addressee(one.kind, one.address)
        for one in emails.recipients(tx, activity_id)
        if one.kind in KINDS
    ]
    groups = address_groups.as_recipients(tx, activity_id)
    found += [Addressee(kind, group.name, True) for kind, group in groups]
    return Addressed(number, tuple(found), email.gateway)


def address(
    tx: Tx,
    segment_id: int,
    number: int,
    add: Sequence[tuple[str, str]],
    remove: Sequence[str] = (),
    gateway: str | None = None,
    is_new: bool = False,
) -> Addressed:
    """Changes an e-mail activity's recipients; its message stays as it is.

    add: (one of KINDS, an address, a phone number or an address group's name), beside those that it
    has; an address that no contact has becomes a contact's, one that is there under another kind
    changes its kind. remove: named alike. gateway: an address at whose domain phone numbers are
    reached; None: stays as it is, empty: none. is_new: it is being made just now, which tells of
    them already. Raises Mistake."""
    activity_id, email = _email(tx, segment_id, number)
    rows = emails.matched(tx, activity_id)
    groups = [(kind, one.id) for kind, one in address_groups.as_recipients(tx, activity_id)]
    for named in remove:
        group = _group(tx, segment_id, named)
        left = [one for one in groups if group is None or one[1] != group.id]
        kept = _without(tx, rows, named)
        if (len(left), len(kept)) == (len(groups), len(rows)):
            raise Mistake(f"{quoted(named)} is no recipient of #{number}.")
        groups, rows = left, kept
    for kind, named in add:
        group = _group(tx, segment_id, named)
        if group is not None:
            groups = [*(one for one in groups if one[1] != group.id), (kind, group.id)]
            continue
        if not (_is_address(named) or phones.is_phone(named)):
            raise Mistake(
                f"{quoted(named)} is neither an address nor a phone number, and there is no "
                "address group of that name."
            )
        address_id = contacts.known_or_new(tx, segment_id, named)
        rows = [*_without(tx, rows, named), emails.Recipient(kind, address_id, "")]
    named_now = len(groups) + sum(one.kind in KINDS for one in rows)
    if add and named_now > MOST_NAMED:
        raise Mistake(f"#{number} would have more than {MOST_NAMED} recipients: use a group.")
    address_groups.set_as_recipients(tx, activity_id, groups)
    now = email.gateway if gateway is None else checked_gateway(gateway)
    emails.address(tx, activity_id, rows, now)
    activities.change(tx, activity_id)
    if not is_new:
        happenings.changed(tx, segment_id, activity_id, "recipients", None)
    return addressed(tx, segment_id, number)


def checked_gateway(gateway: str) -> str | None:
    """An address that mail can be sent to (mime.writing.ascii_address); None for nothing. Raises
    Mistake."""
    if not gateway.strip():
        return None
    try:
        return ascii_address(checked_email(gateway))
    except Unwritable as error:
        raise Mistake(str(error)) from None


def _email(tx: Tx, segment_id: int, number: int) -> tuple[int, emails.EmailRow]:
    activity = activities.by_number(tx, segment_id, number)
    if activity is None:
        raise Mistake(f"There is no activity #{number}.")
    email = emails.of_activity(tx, activity.id)
    if email is None:
        raise Mistake(f"#{number} is no e-mail activity: it has no recipients.")
    return activity.id, email


def _group(tx: Tx, segment_id: int, named: str) -> address_groups.GroupRow | None:
    return address_groups.by_key(tx, segment_id, key(named))


def _without(tx: Tx, rows: Sequence[emails.Recipient], named: str) -> list[emails.Recipient]:
    """But for the recipients of that address or number; the sender stays."""
    keys = addresses.keys_of(tx, {one.address_id for one in rows})
    wanted = address_keys(named)
    return [one for one in rows if one.kind not in KINDS or keys[one.address_id] not in wanted]


def _is_address(named: str) -> bool:
    return "@" in named or named.strip().startswith("/")
