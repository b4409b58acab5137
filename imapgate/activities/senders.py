"""Whose a mail is that came in by itself: looked up among the contacts by its sender's address."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from imapgate.activities import segments
from imapgate.activities.contact_addresses import kept_address
from imapgate.activities.contacts import Matched, known
from imapgate.activities.exchange_names import address_key, outer_domain
from imapgate.activities.journals import INTERNAL, OUT
from imapgate.activities.names import key
from imapgate.activities.people import Person, person_by_id
from imapgate.activities.phones import KIND
from imapgate.activities.terms import StandIn
from imapgate.mime import origins
from imapgate.mime.mail import Mail
from storage import Tx, contacts, emails, mail_accounts, people


@dataclass(frozen=True, slots=True)
class Sender:
    """address: as written, empty: the mail names none. contact_id: None: nobody has the address.
    holders: how many contacts have it; the oldest is taken. is_customer, is_staff: of the contact.
    user: whose contact it is, else whose mail account, if that user may come in."""

    address: str = ""
    contact_id: int | None = None
    holders: int = 0
    is_customer: bool = False
    is_staff: bool = False
    user: Person | None = None


@dataclass(frozen=True, slots=True)
class Writer:
    """contact_id: the user's, where the address is one user's own, else the address'. is_own: it is
    a user's own address, also one that several users share: the mail was sent from here."""

    contact_id: int
    is_own: bool


def look_up(tx: Tx, segment_id: int, mail: Mail) -> Sender:
    """Nothing is written. Of several addresses the first counts; an X.500 name is that contact's
    who has it, unless it is foreign."""
    for mailbox in origins.writers(mail):
        if kept_address(mailbox.address):
            return _by_address(tx, segment_id, mailbox.address)
    return Sender()


def stand_in(tx: Tx, segment_id: int, sender: Sender) -> StandIn | None:
    """The administrator's contact, for a sender whom nobody knows; None: the sender is known, or
    the administrator has no contact."""
    if not sender.address or sender.contact_id is not None:
        return None
    administrator_id = people.administrator(tx, segment_id)
    row = None if administrator_id is None else people.principal_by_id(tx, administrator_id)
    if row is None or row.contact_id is None:
        return None
    addresses = [one for one in contacts.addresses_of(tx, row.contact_id) if one.kind != KIND]
    address_id = addresses[0].id if addresses else None
    return StandIn(address_key(sender.address), row.contact_id, address_id)


def taking_part(tx: Tx, segment_id: int, mail: Mail, own: tuple[str, ...]) -> frozenset[int]:
    """The contacts of a mail's sender and recipients, who may take part in what it names.

    The house's own mailboxes don't count, since every mail that comes in has them: the account's
    (own), where it was delivered, and of the recipients what isn't a colleague's in one of the
    segment's domains.
    """
    mailboxes = {key(one) for one in (*own, *origins.delivered_to(mail))}
    domains = segments.own_domains(tx, segment_id)
    found = set()
    writers = origins.writers(mail)
    for place, box in enumerate((*writers, *mail.to, *mail.cc, *mail.bcc)):
        row = known(tx, segment_id, box.address) if kept_address(box.address) else None
        if row is None or key(box.address) in mailboxes:
            continue
        if place < len(writers) and is_foreign(tx, segment_id, box.address, row.address):
            continue
        inside = place >= len(writers) and key(box.address).rpartition("@")[2] in domains
        if not inside or contacts.by_id(tx, row.contact_id).is_staff:
            found.add(row.contact_id)
    return frozenset(found)


def writer(tx: Tx, segment_id: int, matched: Matched) -> Writer:
    """Of a mail whose first writer's address is that one. A user's own addresses are those of the
    user's contact, the user's e-mail address and those of the user's mail accounts."""
    owners = mail_accounts.contacts_of_owners(
        tx, segment_id, key(matched.address), matched.contact_id
    )
    if len(owners) != 1 or matched.contact_id in owners or owners[0] is None:
        return Writer(matched.contact_id, bool(owners))
    return Writer(owners[0], True)


def direction(tx: Tx, segment_id: int, recipients: Collection[emails.Recipient]) -> str:
    """Of a mail from a user's own address: internal, where it is for staff, users and the segment's
    own domains alone, else out."""
    domains = segments.own_domains(tx, segment_id)
    told = contacts.whose(tx, {one.address_id for one in recipients if one.kind != "from"})
    inside = all(
        is_staff
        or address_key.rpartition("@")[2] in domains
        or mail_accounts.owner_ids(tx, segment_id, address_key)
        for address_key, is_staff in told
    )
    return INTERNAL if told and inside else OUT


def is_foreign(tx: Tx, segment_id: int, written: str, address: str) -> bool:
    """Whether a writer's address names an X.500 name, for which this address stands here, in
    another domain than that one's and the segment's: whoever has that domain can write so without
    any forgery that a mail server could see."""
    domain = outer_domain(written)
    return (
        domain is not None
        and domain != key(address).rpartition("@")[2]
        and domain not in segments.own_domains(tx, segment_id)
    )


def has_reported(tx: Tx, sender: Sender) -> None:
    """Who was only staff is a customer too, from now on."""
    if sender.contact_id is not None and not sender.is_customer:
        contacts.change(tx, sender.contact_id, is_customer=True)


def _by_address(tx: Tx, segment_id: int, address: str) -> Sender:
    found_address = known(tx, segment_id, address)
    if found_address is None or is_foreign(tx, segment_id, address, found_address.address):
        return Sender(kept_address(address))
    row = contacts.by_id(tx, found_address.contact_id)
    user = people.user_of_contact(tx, row.id)
    owner = None if user is not None else _owner(tx, segment_id, key(found_address.address))
    user_id = owner if user is None else user.id
    found = None if user_id is None else person_by_id(tx, user_id)
    return Sender(
        kept_address(address),
        row.id,
        contacts.holders(tx, segment_id, address_key(address)),
        row.is_customer,
        row.is_staff or owner is not None,
        None if found is None else found[0],
    )


def _owner(tx: Tx, segment_id: int, address_key: str) -> int | None:
    """The user who has a mail account of that address, or that e-mail address; an address that
    several share tells nobody's name."""
    owners = mail_accounts.owner_ids(tx, segment_id, address_key)
    return owners[0] if len(owners) == 1 else None
