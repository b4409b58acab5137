"""A contact's e-mail addresses, X.500 names and phone numbers: gained, lost, and which is first."""

from __future__ import annotations

from imapgate.activities.exchange_names import LONGEST, address_key, decoded
from imapgate.activities.names import Mistake, checked_email, key, quoted
from imapgate.activities.phones import KIND, checked_phone, is_phone, phone_key
from storage import Tx
from storage import addresses as address_rows
from storage import contacts as rows


def kept_address(address: str) -> str:
    """An address of a mail's header as it is kept: an X.500 name decoded, any other as it stands,
    at most LONGEST characters. Empty: there is none."""
    return decoded(address) or address.strip()[:LONGEST].strip()


def checked_address(address: str) -> str:
    """An e-mail address, or an X.500 name as Exchange writes it (activities.exchange_names), as it
    is kept. Raises Mistake."""
    name = decoded(address)
    if name is None:
        return checked_email(address)
    if len(address.strip()) > LONGEST:
        raise Mistake(f"The address is longer than {LONGEST} characters.")
    if not address.strip().isprintable():
        raise Mistake("The address holds control characters.")
    return name


def address_keys(address_or_number: str) -> tuple[str, ...]:
    """By which it is known, where somebody names it: a mail's address may be all digits, too; an
    X.500 name stands under what it was written as where it came before names were decoded."""
    written = key(address_or_number.strip()[:LONGEST])
    found = tuple(dict.fromkeys((address_key(address_or_number), written)))
    return (phone_key(address_or_number), *found) if is_phone(address_or_number) else found


def add_address(tx: Tx, segment_id: int, contact_id: int, address: str) -> None:
    """One more address of a contact; one that it has already stays. Raises Mistake for what is
    none."""
    kept = checked_address(address)
    if _own(tx, contact_id, kept) is None:
        rows.add_address(tx, segment_id, contact_id, kept, address_key(kept))


def add_number(tx: Tx, segment_id: int, contact_id: int, number: str) -> None:
    """One more phone number of a contact; one that it has already stays. Raises Mistake for what is
    none."""
    kept = checked_phone(number)
    if _number(tx, contact_id, kept) is None:
        rows.add_address(tx, segment_id, contact_id, kept, phone_key(kept), KIND)


def remove_address(tx: Tx, contact_id: int, address: str) -> None:
    """Groups lose it, too. Raises Mistake where it has none, or mails name it."""
    row = _address(tx, contact_id, address)
    got = address_rows.got_by(tx, row.id)
    if got is not None:
        raise Mistake(
            f"{quoted(row.address)} stands in the mail #{got}, which keeps it: move it to another "
            "contact (`imapgate contact move`), or let another address be the first (--first)."
        )
    address_rows.remove(tx, row.id)


def remove_number(tx: Tx, contact_id: int, number: str) -> None:
    """Groups lose it, too. Raises Mistake where it has none, or mails name it."""
    row = _number(tx, contact_id, number)
    if row is None:
        raise Mistake(f"{quoted(rows.name(tx, contact_id))} has no number {quoted(number)}.")
    got = address_rows.got_by(tx, row.id)
    if got is not None:
        raise Mistake(f"{quoted(number)} is a recipient of #{got}, which keeps it.")
    address_rows.remove(tx, row.id)


def set_first(tx: Tx, contact_id: int, address: str) -> None:
    """Mail to the contact goes to that one of its addresses. Raises Mistake."""
    row = _address(tx, contact_id, address)
    if decoded(row.address) is not None or "@" not in row.address:
        raise Mistake(f"No mail can be sent to {quoted(row.address)}.")
    address_rows.set_first(tx, contact_id, row.id)


def bring(tx: Tx, address: rows.AddressRow, contact_id: int) -> None:
    """An address or number of another contact becomes this one's, with all mails and groups that
    name it; where this one has it already, they name that. Its first address stays the first."""
    address_rows.keep_first(tx, contact_id)
    own = _number if address.kind == KIND else _own
    known = own(tx, contact_id, address.address)
    if known is None:
        address_rows.move(tx, address.id, contact_id)
    else:
        address_rows.unite(tx, address.id, known.id)


def _address(tx: Tx, contact_id: int, address: str) -> rows.AddressRow:
    row = _own(tx, contact_id, address)
    if row is None:
        raise Mistake(f"{quoted(rows.name(tx, contact_id))} has no address {quoted(address)}.")
    return row


def _own(tx: Tx, contact_id: int, address: str) -> rows.AddressRow | None:
    wanted = address_key(address)
    found = (one for one in rows.addresses_of(tx, contact_id) if one.kind != KIND)
    return next((one for one in found if address_key(one.address) == wanted), None)


def _number(tx: Tx, contact_id: int, number: str) -> rows.AddressRow | None:
    wanted = phone_key(number)
    found = (one for one in rows.addresses_of(tx, contact_id) if one.kind == KIND)
    return next((one for one in found if phone_key(one.address) == wanted), None)
