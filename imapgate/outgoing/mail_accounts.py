"""Users' mail accounts: the addresses that they send from and are written to, each change with a
record of who did it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from imapgate.activities import web_addresses
from imapgate.activities.names import Mistake, key
from imapgate.activities.people import Person
from imapgate.outgoing import mailers
from imapgate.outgoing.mailer_settings.values import sendable
from imapgate.servers.settings import values
from storage import Tx, contacts, people, settings_history
from storage import mail_accounts as rows
from storage.mail_accounts import MailAccountRow

MOST = 50
"""Mail accounts of one user."""
PREFIX = 60
"""Characters of a subject prefix."""

Wanted = Mapping[str, Any]
"""address, reply_address, mailer (a name), subject_prefix, link_pattern: those that are said."""


@dataclass(frozen=True, slots=True)
class MailAccount:
    """user, mailer: names; mailer None: as the order says. reply_address: what mail is From, None:
    the address. link_pattern: a web address with `{number}`."""

    user: str
    address: str
    reply_address: str | None
    is_default: bool
    mailer: str | None
    subject_prefix: str
    link_pattern: str | None


def list_mail_accounts(tx: Tx, segment_id: int, person: Person | None = None) -> list[MailAccount]:
    """Of a user, or of all in the segment; each one's default first."""
    found = rows.of_segment(tx, segment_id) if person is None else rows.of_principal(tx, person.id)
    return [_mail_account(row) for row in found]


def add_mail_account(
    tx: Tx,
    person: Person,
    address: str,
    wanted: Wanted,
    who: str,
    reason: str = "",
    *,
    is_default: bool = False,
    shared: bool = False,
) -> MailAccount:
    """A user's first one is the default. An address that another user of the segment has is refused
    unless shared, and then tells nobody's name any more when mail comes from it. An address that no
    contact has becomes one of the user's. Raises Mistake."""
    kept = _free(tx, person, address, shared)
    own = rows.of_principal(tx, person.id)
    if len(own) >= MOST:
        raise Mistake(f"A user has at most {MOST} mail accounts.")
    columns = _columns(tx, person.segment_id, wanted)
    mail_account_id = rows.add(tx, person.id, kept, key(kept), **{**_BLANK, **columns})
    if is_default or not own:
        rows.set_default(tx, person.id, mail_account_id)
    if not shared:
        _make_known(tx, person, kept)
    row = _row(tx, person, kept)
    _record(tx, person, kept, settings_history.differences({}, _told(row)), who, reason)
    return _mail_account(row)


def edit_mail_account(
    tx: Tx,
    person: Person,
    address: str,
    wanted: Wanted,
    who: str,
    reason: str = "",
    *,
    shared: bool = False,
) -> MailAccount:
    """Changes what is in wanted. Raises Mistake."""
    before = _row(tx, person, address)
    columns = _columns(tx, person.segment_id, wanted)
    called = before.address
    if "address" in wanted:
        if key(wanted["address"]) == key(before.address):
            called = sendable(wanted["address"])
        else:
            called = _free(tx, person, wanted["address"], shared)
        columns |= {"address": called, "address_key": key(called)}
        if not shared:
            _make_known(tx, person, called)
    if columns:
        rows.change(tx, before.id, **columns)
    now = _row(tx, person, called)
    changes = settings_history.differences(_told(before), _told(now))
    _record(tx, person, called, changes, who, reason)
    return _mail_account(now)


def set_default(tx: Tx, person: Person, address: str, who: str, reason: str = "") -> MailAccount:
    """The user is written to there, and sends from there. Raises Mistake."""
    row = _row(tx, person, address)
    if not row.is_default:
        rows.set_default(tx, person.id, row.id)
        _record(tx, person, row.address, {"default": (False, True)}, who, reason)
    return _mail_account(_row(tx, person, address))


def remove_mail_account(
    tx: Tx, person: Person, address: str, who: str, reason: str = ""
) -> MailAccount | None:
    """Of those that are left the oldest is the default where it was; that one. Raises Mistake."""
    row = _row(tx, person, address)
    rows.remove(tx, row.id)
    _record(tx, person, row.address, settings_history.differences(_told(row), {}), who, reason)
    left = rows.of_principal(tx, person.id)
    if not row.is_default or not left:
        return None
    return set_default(tx, person, left[0].address, who, reason)


def subject(address: str, user: str) -> str:
    """What the settings history calls it."""
    return f"mail account {address} of {user}"


_BLANK: dict[str, Any] = {
    "reply_address": None,
    "mailer_id": None,
    "subject_prefix": "",
    "link_pattern": None,
}


def _columns(tx: Tx, segment_id: int, wanted: Wanted) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "reply_address" in wanted:
        reply = wanted["reply_address"]
        found["reply_address"] = sendable(reply) if reply else None
    if "mailer" in wanted:
        name = wanted["mailer"]
        found["mailer_id"] = mailers.find_mailer(tx, segment_id, name).id if name else None
    if "subject_prefix" in wanted:
        found["subject_prefix"] = values.text("subject prefix", wanted["subject_prefix"], PREFIX)
    if "link_pattern" in wanted:
        found["link_pattern"] = _link(wanted["link_pattern"])
    return found


def _link(pattern: str | None) -> str | None:
    kept = values.text("link", pattern, web_addresses.LONGEST)
    if not kept:
        return None
    return web_addresses.checked(kept)


def _free(tx: Tx, person: Person, address: str, shared: bool) -> str:
    """As it is kept. Raises Mistake."""
    kept = sendable(address)
    if any(key(one.address) == key(kept) for one in rows.of_principal(tx, person.id)):
        raise Mistake(f"{person.name} has a mail account {kept} already.")
    if shared:
        return kept
    for other in rows.owner_ids(tx, person.segment_id, key(kept)):
        row = None if other == person.id else people.principal_by_id(tx, other)
        if row is not None:
            raise Mistake(
                f"{kept} is {row.name}'s: if both are to write as it, say so with --shared."
            )
    return kept


def _make_known(tx: Tx, person: Person, address: str) -> None:
    """Mail from there is the user's, as mail from the user's e-mail address is."""
    row = people.principal_by_id(tx, person.id)
    if row is None or row.contact_id is None:
        return
    if contacts.address_by_key(tx, person.segment_id, key(address)) is None:
        contacts.add_address(tx, person.segment_id, row.contact_id, address, key(address))


def _row(tx: Tx, person: Person, address: str) -> MailAccountRow:
    for one in rows.of_principal(tx, person.id):
        if key(one.address) == key(address):
            return one
    raise Mistake(f'{person.name} has no mail account "{address}".')


def _mail_account(row: MailAccountRow) -> MailAccount:
    return MailAccount(
        row.principal,
        row.address,
        row.reply_address,
        row.is_default,
        row.mailer,
        row.subject_prefix,
        row.link_pattern,
    )


def _told(row: MailAccountRow) -> dict[str, Any]:
    return {
        "address": row.address,
        "reply address": row.reply_address,
        "default": row.is_default or None,
        "mailer": row.mailer,
        "subject prefix": row.subject_prefix or None,
        "link": row.link_pattern,
    }


def _record(
    tx: Tx,
    person: Person,
    address: str,
    changes: Mapping[str, tuple[Any, Any]],
    who: str,
    reason: str,
) -> None:
    if changes:
        of = subject(address, person.name)
        settings_history.record(tx, person.segment_id, who, of, changes, reason)
        tx.touch_people()
