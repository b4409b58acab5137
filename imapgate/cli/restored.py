"""What a restored database doesn't do by itself: read mailboxes and send mail."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imapgate.cli.who import operator
from imapgate.incoming import accounts
from imapgate.incoming.standing import standings
from imapgate.outgoing import mailers
from imapgate.outgoing.carrying import carry_out
from imapgate.outgoing.mailer import Mailer
from imapgate.outgoing.standing import standings as standings_of_mailers
from imapgate.servers.secrets import SecretKey
from storage import Database, Tx, outbox

HELD = "Held, since the database was restored: it may have been sent after the backup."
SHOWN = 10
"""Accounts and mailers that are told of by themselves."""


@dataclass(frozen=True, slots=True)
class Quieted:
    """accounts, mailers: names of those that were switched off. lacking_accounts, lacking_mailers:
    (name, what is missing) of each that can't log in, for want of the key say. held: mails that
    waited."""

    accounts: Sequence[str]
    mailers: Sequence[str]
    lacking_accounts: Sequence[tuple[str, str]]
    lacking_mailers: Sequence[tuple[str, str]]
    held: int


def quieted(file: Path, key: SecretKey, elsewhere: Path | None) -> Quieted:
    """Mails that wait are held, and those that were still to be made. elsewhere: the backup's name
    where no database was, whose original may be at work: then accounts and mailers are switched
    off."""

    def work(tx: Tx) -> Quieted:
        read, sending = [], []
        if elsewhere is not None:
            reason = f"restored from {elsewhere.name} where no database was"
            read, sending = _accounts_off(tx, reason), _mailers_off(tx, reason)
        return Quieted(
            read,
            sending,
            [(one.account.name, one.lacking) for one in standings(tx, None, key) if one.lacking],
            [
                (one.mailer.name, one.lacking)
                for one in standings_of_mailers(tx, None, key)
                if one.lacking
            ],
            outbox.hold(tx, HELD),
        )

    with closing(Database.open(file)) as db:
        while carry_out(db):
            pass
        return db.write(work)


def lines(found: Quieted) -> list[str]:
    """For people."""
    told = []
    if found.accounts:
        told.append(
            "Mail accounts are switched off here, since the database that was backed up may go on "
            "reading them, and each would take mails from the other. Where this one takes its "
            f"place, `imapgate account enable NAME`: {', '.join(found.accounts)}."
        )
    if found.mailers:
        told.append(
            "Mailers are switched off here, since the database that was backed up may go on "
            "sending, and people would get mail twice. Where this one takes its place, `imapgate "
            f"mailer edit NAME --active on`: {', '.join(found.mailers)}."
        )
    if found.held:
        told.append(
            "Mails that waited to be sent are held, since they may have been sent after the "
            f"backup: {found.held}. `imapgate outbox list --state waiting` shows them, "
            "`imapgate outbox retry ID` (or --all) sends them."
        )
    for kind, lacking in (("Account", found.lacking_accounts), ("Mailer", found.lacking_mailers)):
        told += [f'{kind} "{name}": {text}' for name, text in lacking[:SHOWN]]
        if len(lacking) > SHOWN:
            told.append(f"And {len(lacking) - SHOWN} {kind.lower()}s more.")
    return told


def values(found: Quieted) -> dict[str, Any]:
    """For --json."""
    return {
        "accounts_lacking": [name for name, _ in found.lacking_accounts],
        "mailers_lacking": [name for name, _ in found.lacking_mailers],
        "accounts_switched_off": list(found.accounts),
        "mailers_switched_off": list(found.mailers),
        "mails_held": found.held,
    }


def _accounts_off(tx: Tx, reason: str) -> list[str]:
    """Names of those that were read until now."""
    found = [one for one in accounts.list_accounts(tx) if one.active]
    for one in found:
        accounts.set_active(tx, one, False, operator(), reason)
    return [one.name for one in found]


def _mailers_off(tx: Tx, reason: str) -> list[str]:
    """Names of those that mail went out by until now."""
    found = [one for one in mailers.list_mailers(tx) if one.active]
    for one in found:
        mailers.switch_off(tx, one, operator(), reason)
    return [_called(one) for one in found]


def _called(mailer: Mailer) -> str:
    return mailer.name if mailer.segment_id is not None else f"{mailer.name} (--global)"
