"""Accounts: making, finding and changing them, each change with a record of who did it."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, replace
from typing import Any

from imapgate.activities import creators
from imapgate.activities.names import Mistake, checked, key
from imapgate.activities.people import person
from imapgate.activities.process_plans import EMAIL_CLASS
from imapgate.folders import failed
from imapgate.incoming.account import KINDS, Account
from imapgate.incoming.settings import rules, values
from imapgate.incoming.settings.defaults import effective
from imapgate.incoming.settings.flat import BLANK, COLUMNS, built, settings_of
from imapgate.servers.secrets import SecretKey, SecretsError
from imapgate.servers.server import Secrets
from imapgate.servers.settings import rules as server_rules
from imapgate.servers.settings.flat import Settings
from imapgate.servers.settings.values import checked_secrets
from storage import Tx, incoming, mailers, people, settings_history
from storage import accounts as rows

__all__ = [
    "account_by_id",
    "add_account",
    "edit_account",
    "effective",
    "find_account",
    "free_name",
    "list_accounts",
    "owner",
    "planned",
    "remove_account",
    "replace_secrets",
    "secrets_of",
    "set_active",
    "subject",
]


_ALWAYS = ("protocol", "host", "port")
"""Told of a new account also where they are the usual ones."""


def list_accounts(tx: Tx, segment_id: int | None = None) -> list[Account]:
    """In the order of their making; None: of all segments."""
    return [_account(row) for row in rows.of_segment(tx, segment_id)]


def find_account(tx: Tx, segment_id: int, name: str) -> Account:
    """By name, case ignored. Raises Mistake."""
    row = rows.by_key(tx, segment_id, key(name))
    if row is None:
        raise Mistake(f'There is no account "{name}".')
    return _account(row)


def account_by_id(tx: Tx, account_id: int) -> Account | None:
    """None: it was removed."""
    row = rows.by_id(tx, account_id)
    return None if row is None else _account(row)


def secrets_of(tx: Tx, account: Account, key: SecretKey) -> Secrets:
    """In clear text. Raises SecretsError."""
    encrypted = rows.secrets(tx, account.id)
    return Secrets() if encrypted is None else key.decrypt(encrypted, owner(account.id))


def planned(kind: str, before: Settings, wanted: Settings) -> dict[str, Any]:
    """What the settings are once those in wanted are changed, and what hangs on them. Raises
    Mistake for what isn't known or doesn't fit together."""
    checked_ones = {name: values.checked(name, value) for name, value in wanted.items()}
    now = rules.changed(before, checked_ones)
    rules.check(kind, now)
    return now


def add_account(
    tx: Tx,
    segment_id: int,
    name: str,
    kind: str,
    wanted: Settings,
    secrets: Secrets,
    key_file: SecretKey,
    who: str,
    reason: str = "",
) -> Account:
    """A new account; wanted: what is said of its settings (settings.settings_of). Raises Mistake
    for what isn't known or doesn't fit together."""
    kept = free_name(tx, segment_id, name)
    if kind not in KINDS:
        raise Mistake(f'The kind is one of {", ".join(KINDS)}, not "{kind}".')
    now = planned(kind, BLANK, wanted)
    creator_id, logging_user_id = _referred(tx, segment_id, kind, now)
    kept_secrets = server_rules.belonging(now, checked_secrets(secrets))
    server_rules.check_secrets(now, kept_secrets, "account")
    account_id = rows.add(
        tx,
        segment_id,
        kept,
        key(kept),
        kind,
        now["active"],
        creator_id,
        logging_user_id,
        _in_json(now),
    )
    _keep_secrets(tx, account_id, kept_secrets, key_file)
    said = {
        name: value for name, value in _told(now).items() if name in _ALWAYS or value != BLANK[name]
    }
    changes = settings_history.differences({}, {"kind": kind, **said, **_set(kept_secrets)})
    settings_history.record(tx, segment_id, who, subject(kept), changes, reason)
    failed.entitle(tx, segment_id)
    tx.touch_people()
    return _by_id(tx, account_id)


def edit_account(
    tx: Tx,
    account: Account,
    wanted: Settings,
    key_file: SecretKey,
    who: str,
    reason: str = "",
    *,
    new_name: str | None = None,
    secrets: Secrets | None = None,
) -> Account:
    """Changes what is in wanted and what hangs on it; secrets: those that aren't None are replaced.
    Raises Mistake as add_account does, SecretsError if the stored secrets are needed and can't be
    opened."""
    name = account.name
    if new_name is not None:
        if key(new_name) == key(name):
            name = checked(new_name, "account name")
        else:
            name = free_name(tx, account.segment_id, new_name)
    before = settings_of(account)
    now = planned(account.kind, before, wanted)
    creator_id, logging_user_id = _referred(tx, account.segment_id, account.kind, now)
    changes = settings_history.differences(
        {"name": account.name, **_told(before)}, {"name": name, **_told(now)}
    )
    rows.change(
        tx,
        account.id,
        name,
        key(name),
        now["active"],
        creator_id,
        logging_user_id,
        _in_json(now),
    )
    if secrets is not None or any(now[one] != before[one] for one in ("authentication", "grant")):
        changes |= _new_secrets(tx, account, now, secrets or Secrets(), key_file)
    if changes:
        settings_history.record(tx, account.segment_id, who, subject(name), changes, reason)
        failed.entitle(tx, account.segment_id)
        tx.touch_people()
    return _by_id(tx, account.id)


def set_active(tx: Tx, account: Account, active: bool, who: str, reason: str = "") -> Account:
    """Whether it is read. Whatever else is wrong with the account, it can be switched off."""
    if account.active != active:
        rows.set_active(tx, account.id, active)
        changes = {"active": (account.active, active)}
        settings_history.record(tx, account.segment_id, who, subject(account.name), changes, reason)
        tx.touch_people()
    return replace(account, active=active)


def replace_secrets(
    tx: Tx,
    account: Account,
    secrets: Secrets,
    key_file: SecretKey,
    who: str | None = None,
    reason: str = "",
) -> None:
    """Those that aren't None are replaced. who None: it changed by itself (a server that renews the
    refresh token), which is no change of settings. Raises Mistake, SecretsError."""
    changes = _new_secrets(tx, account, settings_of(account), secrets, key_file)
    if who is not None and changes:
        settings_history.record(tx, account.segment_id, who, subject(account.name), changes, reason)
        tx.touch_people()


def remove_account(tx: Tx, account: Account, who: str, reason: str = "") -> None:
    """What it brought stays in the queue, of no account. Raises Mistake while a mailer uses its
    OAuth application."""
    for name in mailers.using_account(tx, account.id):
        raise Mistake(
            f'Mailer "{name}" uses the application of account "{account.name}": change or remove '
            "it first."
        )
    before = {"kind": account.kind, **_told(settings_of(account))}
    if rows.secrets(tx, account.id) is not None:
        before["secrets"] = "set"
    incoming.leave(tx, account.id, None)
    rows.remove(tx, account.id)
    changes = settings_history.differences(before, {})
    settings_history.record(tx, account.segment_id, who, subject(account.name), changes, reason)
    failed.entitle(tx, account.segment_id)
    tx.touch_people()


def subject(name: str) -> str:
    """What the settings history calls an account."""
    return f"account {name}"


def _account(row: rows.AccountRow) -> Account:
    columns = {"active": row.active, "creator": row.creator, "logging_user": row.logging_user}
    return built(row.id, row.segment_id, row.name, row.kind, {**row.settings, **columns})


def _by_id(tx: Tx, account_id: int) -> Account:
    row = rows.by_id(tx, account_id)
    if row is None:
        raise LookupError(f"account {account_id}")
    return _account(row)


def free_name(tx: Tx, segment_id: int, name: str) -> str:
    """The name as it is kept. Raises Mistake if it is no name, or another account's."""
    kept = checked(name, "account name")
    if rows.by_key(tx, segment_id, key(kept)) is not None:
        raise Mistake(f'There is already an account "{kept}".')
    return kept


def _in_json(now: Settings) -> dict[str, Any]:
    return {name: value for name, value in now.items() if name not in COLUMNS}


def _referred(
    tx: Tx, segment_id: int, kind: str, now: dict[str, Any]
) -> tuple[int | None, int | None]:
    """Ids of the creator and of the logging user, whose names become what they are called. Raises
    Mistake."""
    creator_id = logging_user_id = None
    if now["creator"] is not None:
        creator = creators.find_creator(tx, segment_id, now["creator"])
        creator_id, now["creator"] = creator.id, creator.name
        if kind != "mailbox" and creator.activity_class != EMAIL_CLASS:
            raise Mistake(
                f'Creator "{creator.name}" makes no e-mails ({creator.activity_class}), and kind '
                f"{kind} makes nothing else."
            )
    if now["logging_user"] is not None:
        name = now["logging_user"]
        segment = people.segment_by_id(tx, segment_id).name
        found = person(tx, name if "@" in name else f"{name}@{segment}")
        if found.segment_id != segment_id:
            raise Mistake(f'"{name}" is a user of another segment.')
        logging_user_id, now["logging_user"] = found.id, found.name
    return creator_id, logging_user_id


def _new_secrets(
    tx: Tx, account: Account, now: Settings, given: Secrets, key_file: SecretKey
) -> dict[str, tuple[Any, Any]]:
    """Keeps them; what changed, as the history tells it."""
    chosen = {name: one for name, one in asdict(checked_secrets(given)).items() if one}
    try:
        old = secrets_of(tx, account, key_file)
    except SecretsError:
        if not server_rules.suffice(now, Secrets(**chosen)):
            raise
        old = Secrets()
    new = server_rules.belonging(now, replace(old, **chosen))
    server_rules.check_secrets(now, new, "account")
    _keep_secrets(tx, account.id, new, key_file)
    changes = settings_history.differences(_set(old), _set(new))
    for name in chosen:
        if getattr(old, name) is not None and getattr(new, name) is not None:
            changes[name] = ("set", "changed")
    return changes


def _keep_secrets(tx: Tx, account_id: int, secrets: Secrets, key_file: SecretKey) -> None:
    empty = secrets == Secrets()
    rows.set_secrets(
        tx, account_id, None if empty else key_file.encrypt(secrets, owner(account_id))
    )


def owner(account_id: int) -> str:
    """Whose its secrets are (servers.secrets)."""
    return f"account {account_id}"


def _set(secrets: Secrets) -> dict[str, Any]:
    return {name: "set" for name, one in asdict(secrets).items() if one is not None}


def _told(settings: Settings) -> dict[str, Any]:
    """Of an authority's file its hash: for people, and short."""
    told = dict(settings)
    if told["ca"] is not None:
        told["ca"] = f"SHA-256 {hashlib.sha256(told['ca'].encode()).hexdigest()}"
    return told
