"""X.500 names (`/O=ACME/OU=EXCHANGE/CN=RECIPIENTS/CN=ERIKA`), by which Exchange calls its users
among themselves: a contact may have one beside the addresses that mails can be sent to, and then
stands for it wherever a mail names it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from imapgate.activities import merging
from imapgate.activities.contact_addresses import (
    address_keys,
    bring,
    checked_address,
    kept_address,
)
from imapgate.activities.display_names import person_name
from imapgate.activities.exchange_names import address_key, decoded
from imapgate.activities.names import Mistake, checked_email, key, quoted, storable
from storage import Tx, addresses, people
from storage import contacts as rows

MOST_PAIRS = 10_000
"""Lines of a file of pairs."""


@dataclass(frozen=True, slots=True)
class Pair:
    """address: where mail for the X.500 name goes, None: its contact has no address."""

    x500: str
    address: str | None
    contact: str


def mailbox_of(tx: Tx, segment_id: int, name: str) -> str | None:
    """The address of the oldest contact that has that X.500 name and an address; None: nobody
    has."""
    for one in address_keys(name):
        found = rows.mailbox_beside(tx, segment_id, one)
        if found is not None:
            return found.address
    return None


def pairs(tx: Tx, segment_id: int) -> list[Pair]:
    """Every X.500 name of the segment's contacts, by name."""
    found = []
    for one in rows.addresses_of_segment(tx, segment_id):
        name = decoded(one.address)
        if name is not None:
            found.append(Pair(name, addresses.mailbox_of(tx, one.contact_id), one.contact))
    return sorted(found, key=lambda one: key(one.x500))


def pairs_in(lines: Iterable[str]) -> list[tuple[str, str]]:
    """(X.500 name, address) of a CSV file's lines, with commas or semicolons; a first line that
    holds no address tells the columns and is passed over. Raises Mistake, which names the line."""
    found: list[tuple[str, str]] = []
    try:
        kept = list(islice(lines, MOST_PAIRS + 1))
        if len(kept) > MOST_PAIRS:
            raise Mistake(f"It has more than {MOST_PAIRS} lines.")
        comma = "," if not kept or kept[0].count(",") >= kept[0].count(";") else ";"
        for n, row in enumerate(csv.reader(kept, delimiter=comma, strict=True), 1):
            cells = [one.strip() for one in row]
            if not any(cells) or (n == 1 and len(cells) == 2 and "@" not in cells[1]):
                continue
            if len(cells) != 2 or decoded(cells[0]) is None:
                raise Mistake(f"Line {n} is no X.500 name with its address.")
            try:
                found.append((cells[0], checked_email(cells[1])))
            except Mistake as mistake:
                raise Mistake(f"Line {n}: {mistake}") from None
    except csv.Error as error:
        raise Mistake(f"It can't be read as CSV: {error}.") from None
    return found


def remember(tx: Tx, segment_id: int, name: str, address: str, display_name: str = "") -> bool:
    """From now on that X.500 name stands for this address: it becomes an address of the contact
    that has it, or of a new one. A contact that was known by the X.500 name alone gets the address
    beside it, or goes into the one that has it. Whether anything was new. Raises Mistake for what
    is no e-mail address, and where it stands for another one."""
    mailbox, x500 = checked_email(address), decoded(name) or kept_address(storable(name))
    if not x500:
        raise Mistake("The X.500 name is empty.")
    known = rows.address_by_key(tx, segment_id, key(mailbox))
    keys = address_keys(name)
    others = [one for each in keys for one in addresses.holders(tx, segment_id, each)]
    if known is not None and known.contact_id in others:
        return False
    found = mailbox_of(tx, segment_id, name)
    if found is not None:
        raise Mistake(f"{quoted(x500)} stands already for {found}: that contact has it.")
    if known is None and others:
        rows.add_address(tx, segment_id, others[0], mailbox, key(mailbox))
        return True
    if known is None:
        shown = person_name(display_name, mailbox) or mailbox
        contact_id = rows.add(tx, segment_id, shown, people.administrator(tx, segment_id))
        rows.add_address(tx, segment_id, contact_id, mailbox, key(mailbox))
    else:
        contact_id = known.contact_id
    if not others:
        rows.add_address(tx, segment_id, contact_id, x500, address_key(x500))
    for other in others:
        _bring(tx, keys, other, contact_id)
    return True


def map_by_hand(tx: Tx, segment_id: int, name: str, address: str) -> bool:
    """As `remember`, of what must be an X.500 name, and its contact is one that somebody changed.
    Raises Mistake."""
    kept = checked_address(name)
    if decoded(kept) is None:
        raise Mistake(f"{quoted(name)} is no X.500 name (/O=.../CN=...).")
    new = remember(tx, segment_id, kept, address)
    known = rows.address_by_key(tx, segment_id, key(address))
    if new and known is not None:
        rows.change(tx, known.contact_id, by_hand=True)
    return new


def _bring(tx: Tx, keys: Sequence[str], other_id: int, contact_id: int) -> None:
    """The X.500 name of another contact, and all of it where it is nothing else."""
    own = rows.addresses_of(tx, other_id)
    if all(address_key(one.address) in keys for one in own) and not merging.users_of(
        tx, [other_id]
    ):
        merging.take_in(tx, contact_id, [other_id])
        return
    for one in own:
        if address_key(one.address) in keys:
            bring(tx, one, contact_id)
