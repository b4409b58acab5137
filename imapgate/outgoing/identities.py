"""As whom a mail is sent, and which addresses are a user's own."""

from __future__ import annotations

from dataclasses import dataclass, replace

from imapgate.activities.names import key
from imapgate.outgoing.choosing import mailer_for
from imapgate.outgoing.mailer import FALLBACK as FALLBACK
from storage import Tx, contacts, mail_accounts, people
from storage.mail_accounts import MailAccountRow


@dataclass(frozen=True, slots=True)
class Identity:
    """address, name: of From; name may be empty. reply_to: None: replies go to From.
    subject_prefix, link_pattern (a web address with `{number}`): of the user's mail account.
    is_fallback: the address is FALLBACK, of which people are warned."""

    address: str
    name: str = ""
    reply_to: str | None = None
    subject_prefix: str = ""
    link_pattern: str | None = None
    is_fallback: bool = False


def identity_of(tx: Tx, segment_id: int, person_id: int | None) -> Identity:
    """What a mail is From that is sent for this user: the reply address of the user's default mail
    account (who has none: the user's e-mail address), else the same of the segment's administrator,
    else the mailer's address, else FALLBACK. person_id None: the system sends, From the mailer's
    address or FALLBACK."""
    if person_id is not None:
        own = _as_user(tx, person_id)
        if own is not None:
            return own
        administrator_id = people.administrator(tx, segment_id)
        administrators = None if administrator_id is None else _as_user(tx, administrator_id)
        if administrators is not None:
            return replace(administrators, subject_prefix="", link_pattern=None)
    mailer = mailer_for(tx, segment_id, person_id)
    if mailer is None or not mailer.sender:
        return Identity(FALLBACK, is_fallback=True)
    return Identity(mailer.sender, reply_to=mailer.reply_to, is_fallback=mailer.sender == FALLBACK)


def own_addresses(tx: Tx, principal_id: int) -> frozenset[str]:
    """Keys (names.key) of the addresses that a user may write as: e-mail address, mail accounts and
    their reply addresses. Others may have some of them, too (a shared address)."""
    row = people.principal_by_id(tx, principal_id)
    if row is None:
        return frozenset()
    found = {row.email}
    for one in mail_accounts.of_principal(tx, principal_id):
        found |= {one.address, one.reply_address}
    return frozenset(key(one) for one in found if one)


def default_address(tx: Tx, principal_id: int) -> str | None:
    """Where a user gets mail: the default mail account's address, else the e-mail address; None:
    nowhere."""
    account = default_account(tx, principal_id)
    if account is not None:
        return account.address
    row = people.principal_by_id(tx, principal_id)
    return None if row is None else row.email


def default_account(tx: Tx, principal_id: int) -> MailAccountRow | None:
    """The user's default mail account; None: the user has no mail account."""
    own = mail_accounts.of_principal(tx, principal_id)
    return own[0] if own else None


def _as_user(tx: Tx, principal_id: int) -> Identity | None:
    row = people.principal_by_id(tx, principal_id)
    if row is None:
        return None
    name = row.name if row.contact_id is None else contacts.by_id(tx, row.contact_id).name
    account = default_account(tx, principal_id)
    if account is not None:
        address = account.reply_address or account.address
        return Identity(
            address, name, None, account.subject_prefix, account.link_pattern, address == FALLBACK
        )
    return None if row.email is None else Identity(row.email, name)
