"""X.500 names (`/O=ACME/OU=EXCHANGE/CN=RECIPIENTS/CN=ERIKA`), by which Exchange calls its users
among themselves: a contact may have one beside the addresses that mails can be sent to."""

from __future__ import annotations

from imapgate.activities.contacts import LONGEST_ADDRESS
from imapgate.activities.names import LONGEST, Mistake, checked_email, key, quoted, storable
from storage import Tx, addresses, people
from storage import contacts as rows


def mailbox_of(tx: Tx, segment_id: int, name: str) -> str | None:
    """The address of the oldest contact that has that X.500 name and an address; None: nobody
    has."""
    for contact_id in addresses.holders(tx, segment_id, key(_kept(name))):
        found = addresses.mailbox_of(tx, contact_id)
        if found is not None:
            return found
    return None


def remember(tx: Tx, segment_id: int, name: str, address: str, display_name: str = "") -> None:
    """From now on that X.500 name stands for this address: it becomes an address of the contact
    that has it, or of a new one. A contact that was known by the X.500 name alone gets the address
    beside it. Raises Mistake for what is no e-mail address, and where it stands for another one."""
    mailbox, x500 = checked_email(address), _kept(name)
    if not x500.strip():
        raise Mistake("The X.500 name is empty.")
    known = rows.address_by_key(tx, segment_id, key(mailbox))
    others = addresses.holders(tx, segment_id, key(x500))
    if known is not None and known.contact_id in others:
        return
    found = mailbox_of(tx, segment_id, x500)
    if found is not None:
        raise Mistake(f"{quoted(x500)} stands already for {found}: that contact has it.")
    if known is None and others:
        rows.add_address(tx, segment_id, others[0], mailbox, key(mailbox))
        return
    if known is None:
        shown = " ".join(storable(display_name).split())[:LONGEST] or mailbox
        contact_id = rows.add(tx, segment_id, shown, people.administrator(tx, segment_id))
        rows.add_address(tx, segment_id, contact_id, mailbox, key(mailbox))
    else:
        contact_id = known.contact_id
    rows.add_address(tx, segment_id, contact_id, x500, key(x500))


def _kept(name: str) -> str:
    return storable(name).strip()[:LONGEST_ADDRESS]
