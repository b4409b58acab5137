"""Mailers: making, finding and changing them, each change with a record of who did it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from imapgate.activities.names import Mistake, checked, key
from imapgate.outgoing.mailer import Mailer
from imapgate.outgoing.mailer_settings import flat, rules, values
from imapgate.outgoing.token_holder import holder, owner, secrets_of
from imapgate.servers.secrets import SecretKey, SecretsError
from imapgate.servers.server import Secrets
from imapgate.servers.settings import rules as server_rules
from imapgate.servers.settings.flat import Settings
from imapgate.servers.settings.values import checked_secrets
from storage import Tx, accounts, mail_accounts, people, settings_history
from storage import mailers as rows

__all__ = [
    "add_mailer",
    "built",
    "edit_mailer",
    "find_mailer",
    "free_name",
    "holder",
    "list_mailers",
    "mailer_by_id",
    "planned",
    "remove_mailer",
    "replace_secrets",
    "secrets_of",
    "set_default",
    "settings_of",
    "subject",
    "switch_off",
]


def list_mailers(tx: Tx, segment_id: int | None = None) -> list[Mailer]:
    """Those that a segment's mail may go out by: its own, then those for all segments, each in the
    order of their making; None: all of all."""
    if segment_id is None:
        return [built(row) for row in rows.rows(tx)]
    return [built(row) for of in (segment_id, None) for row in rows.of_segment(tx, of)]


def find_mailer(tx: Tx, segment_id: int | None, name: str) -> Mailer:
    """By name, case ignored: the segment's own, else one for all segments; None: of those alone.
    Raises Mistake."""
    row = None if segment_id is None else rows.by_key(tx, segment_id, key(name))
    row = row or rows.by_key(tx, None, key(name))
    if row is None:
        raise Mistake(f'There is no mailer "{name}".')
    return built(row)


def mailer_by_id(tx: Tx, mailer_id: int) -> Mailer | None:
    """None: it was removed."""
    row = rows.by_id(tx, mailer_id)
    return None if row is None else built(row)


def settings_of(tx: Tx, mailer: Mailer) -> dict[str, Any]:
    """All of them as they were set (settings.flat.BLANK), in the order in which people read
    them."""
    return _settings(_existing(tx, mailer))


def planned(
    tx: Tx, segment_id: int | None, before: Settings, wanted: Settings
) -> tuple[dict[str, Any], int | None]:
    """(what the settings are once those in wanted are changed, and what hangs on them; the id of
    the account whose application it uses). Raises Mistake for what isn't known or doesn't fit
    together."""
    checked_ones = {name: values.checked(name, value) for name, value in wanted.items()}
    now = rules.changed(before, checked_ones)
    application = None if now["account"] is None else _account(tx, segment_id, now["account"])
    if application is None:
        rules.check(now, None)
        return now, None
    now["account"] = application.name
    rules.check(now, application.settings)
    return now, application.id


def add_mailer(
    tx: Tx,
    segment_id: int | None,
    name: str,
    wanted: Settings,
    secrets: Secrets,
    key_file: SecretKey,
    who: str,
    reason: str = "",
) -> Mailer:
    """A new mailer; segment_id None: for all segments; wanted: what is said of its settings
    (settings.flat.BLANK). The first one is the default. Raises Mistake for what isn't known or
    doesn't fit together."""
    kept = free_name(tx, segment_id, name)
    now, account_id = planned(tx, segment_id, flat.BLANK, wanted)
    kept_secrets = server_rules.belonging(rules.needed(now), checked_secrets(secrets))
    rules.check_secrets(now, kept_secrets)
    is_first = not rows.of_segment(tx, segment_id)
    mailer_id = rows.add(tx, segment_id, kept, key(kept), account_id, _in_json(now))
    if is_first:
        rows.set_default(tx, segment_id, mailer_id)
    _keep_secrets(tx, mailer_id, kept_secrets, key_file)
    said = {one: value for one, value in _told(now).items() if value != flat.BLANK[one]}
    changes = settings_history.differences(
        {}, {**said, **_set(kept_secrets), **({"default": True} if is_first else {})}
    )
    _record(tx, segment_id, who, subject(kept, segment_id), changes, reason)
    return _by_id(tx, mailer_id)


def edit_mailer(
    tx: Tx,
    mailer: Mailer,
    wanted: Settings,
    key_file: SecretKey,
    who: str,
    reason: str = "",
    *,
    new_name: str | None = None,
    secrets: Secrets | None = None,
) -> Mailer:
    """Changes what is in wanted and what hangs on it; secrets: those that aren't None are replaced.
    Raises Mistake as add_mailer does, SecretsError if the stored secrets are needed and can't be
    opened."""
    name = mailer.name
    if new_name is not None:
        if key(new_name) == key(name):
            name = checked(new_name, "mailer name")
        else:
            name = free_name(tx, mailer.segment_id, new_name)
    before = settings_of(tx, mailer)
    now, account_id = planned(tx, mailer.segment_id, before, wanted)
    changes = settings_history.differences(
        {"name": mailer.name, **_told(before)}, {"name": name, **_told(now)}
    )
    rows.change(tx, mailer.id, name, key(name), account_id, _in_json(now))
    if secrets is not None or rules.login(now) != rules.login(before):
        changes |= _new_secrets(tx, mailer, now, secrets or Secrets(), key_file)
    _record(tx, mailer.segment_id, who, subject(name, mailer.segment_id), changes, reason)
    return _by_id(tx, mailer.id)


def replace_secrets(
    tx: Tx, mailer: Mailer, secrets: Secrets, key_file: SecretKey, who: str, reason: str = ""
) -> None:
    """Those that aren't None are replaced. Raises Mistake, SecretsError."""
    changes = _new_secrets(tx, mailer, settings_of(tx, mailer), secrets, key_file)
    called = subject(mailer.name, mailer.segment_id)
    _record(tx, mailer.segment_id, who, called, changes, reason)


def set_default(
    tx: Tx, mailer: Mailer, who: str, reason: str = "", *, is_default: bool = True
) -> Mailer:
    """Whether mail goes out by it where a user has no other: of its segment, or of all segments.
    There is one default at most."""
    old = rows.default(tx, mailer.segment_id)
    chosen = mailer.id if is_default else None
    if (old is not None and old.id == mailer.id) is not is_default:
        rows.set_default(tx, mailer.segment_id, chosen)
        if is_default and old is not None:
            called = subject(old.name, old.segment_id)
            _record(tx, mailer.segment_id, who, called, {"default": (True, False)}, reason)
        called = subject(mailer.name, mailer.segment_id)
        changes = {"default": (not is_default, is_default)}
        _record(tx, mailer.segment_id, who, called, changes, reason)
    return replace(mailer, is_default=is_default)


def switch_off(tx: Tx, mailer: Mailer, who: str, reason: str) -> None:
    """Whatever else is wrong with it: nothing goes out by it."""
    row = _existing(tx, mailer)
    settings = {**row.settings, "active": False}
    rows.change(tx, row.id, row.name, key(row.name), row.account_id, settings)
    called = subject(row.name, row.segment_id)
    _record(tx, row.segment_id, who, called, {"active": (True, False)}, reason)


def remove_mailer(tx: Tx, mailer: Mailer, who: str, reason: str = "") -> int:
    """Mails that were to go out by it go as the order says from now on: how many those are. Raises
    Mistake if a user's mail account names it, or it is sending just now."""
    for one in mail_accounts.of_mailer(tx, mailer.id):
        raise Mistake(
            f'Mailer "{mailer.name}" is {one.principal}\'s for {one.address}: take it from there '
            f"first (`imapgate user mail edit {one.principal} {one.address} --mailer ''`)."
        )
    if rows.is_sending(tx, mailer.id):
        raise Mistake(f'Mailer "{mailer.name}" is sending just now: try again in a moment.')
    before = {**_told(settings_of(tx, mailer)), "default": mailer.is_default}
    if rows.secrets(tx, mailer.id) is not None:
        before["secrets"] = "set"
    waiting = rows.leave(tx, mailer.id)
    rows.remove(tx, mailer.id)
    changes = settings_history.differences(before, {})
    called = subject(mailer.name, mailer.segment_id)
    _record(tx, mailer.segment_id, who, called, changes, reason)
    return waiting


def subject(name: str, segment_id: int | None) -> str:
    """What the settings history calls a mailer."""
    return f"mailer {name}" if segment_id is not None else f"mailer {name} (for all segments)"


def free_name(tx: Tx, segment_id: int | None, name: str) -> str:
    """The name as it is kept. Raises Mistake if it is no name, or another mailer's."""
    kept = checked(name, "mailer name")
    if rows.by_key(tx, segment_id, key(kept)) is not None:
        raise Mistake(f'There is already a mailer "{kept}".')
    return kept


def built(row: rows.MailerRow) -> Mailer:
    return flat.built(
        row.id,
        row.segment_id,
        row.name,
        row.is_default,
        _settings(row),
        row.account_id,
        row.account_settings,
    )


def _settings(row: rows.MailerRow) -> dict[str, Any]:
    return {**flat.BLANK, **row.settings, "account": row.account}


def _existing(tx: Tx, mailer: Mailer) -> rows.MailerRow:
    row = rows.by_id(tx, mailer.id)
    if row is None:
        raise Mistake(f'There is no mailer "{mailer.name}" any more.')
    return row


def _by_id(tx: Tx, mailer_id: int) -> Mailer:
    row = rows.by_id(tx, mailer_id)
    if row is None:
        raise LookupError(f"mailer {mailer_id}")
    return built(row)


def _account(tx: Tx, segment_id: int | None, name: str) -> accounts.AccountRow:
    """A mailer for all segments may use any segment's, if only one has that name."""
    ids = [one.id for one in people.segments(tx)] if segment_id is None else [segment_id]
    found = [row for one in ids if (row := accounts.by_key(tx, one, key(name))) is not None]
    if not found:
        raise Mistake(f'There is no account "{name}".')
    if len(found) > 1:
        raise Mistake(f'Several segments have an account "{name}": rename one of them.')
    return found[0]


def _in_json(now: Settings) -> dict[str, Any]:
    return {name: value for name, value in now.items() if name not in flat.COLUMNS}


def _new_secrets(
    tx: Tx, mailer: Mailer, now: Settings, given: Secrets, key_file: SecretKey
) -> dict[str, tuple[Any, Any]]:
    """Keeps them; what changed, as the history tells it."""
    chosen = {name: one for name, one in asdict(checked_secrets(given)).items() if one}
    of, own = rules.needed(now), replace(mailer, account_id=None)
    try:
        old = secrets_of(tx, own, key_file)
    except SecretsError:
        if not server_rules.suffice(of, Secrets(**chosen)):
            raise
        old = Secrets()
    new = server_rules.belonging(of, replace(old, **chosen))
    rules.check_secrets(now, new)
    _keep_secrets(tx, mailer.id, new, key_file)
    changes = settings_history.differences(_set(old), _set(new))
    for name in chosen:
        if getattr(old, name) is not None and getattr(new, name) is not None:
            changes[name] = ("set", "changed")
    return changes


def _keep_secrets(tx: Tx, mailer_id: int, secrets: Secrets, key_file: SecretKey) -> None:
    empty = secrets == Secrets()
    rows.set_secrets(tx, mailer_id, None if empty else key_file.encrypt(secrets, owner(mailer_id)))


def _set(secrets: Secrets) -> dict[str, Any]:
    return {name: "set" for name, one in asdict(secrets).items() if one is not None}


def _told(settings: Settings) -> dict[str, Any]:
    """Of an authority's file its hash: for people, and short."""
    told = dict(settings)
    if told["ca"] is not None:
        told["ca"] = f"SHA-256 {hashlib.sha256(told['ca'].encode()).hexdigest()}"
    return told


def _record(
    tx: Tx,
    segment_id: int | None,
    who: str,
    of: str,
    changes: Mapping[str, tuple[Any, Any]],
    reason: str,
) -> None:
    """What is for all segments stands in the history of each."""
    if not changes:
        return
    ids = [one.id for one in people.segments(tx)] if segment_id is None else [segment_id]
    for one in ids:
        settings_history.record(tx, one, who, of, changes, reason)
    tx.touch_people()
