"""What the segment's administrator is told in the INBOX and by mail: what came in and could not be
filed or is held, an account that keeps failing, and that it works again."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from imapgate.incoming.account import Account
from imapgate.mime.automatic import NOTIFICATION
from imapgate.outgoing import reporting
from imapgate.servers.server import ServerError
from storage import Database, Tx, accounts, incoming, people
from storage.incoming import IncomingRow

LISTED = 50
"""Messages that one mail names; it tells how many more there are."""
TOGETHER = 1000
"""Messages that one mail is about."""
KEEPS_FAILING = 3
"""Rounds in a row that fail before the administrator is told; an error that no waiting mends is
told at once."""
HELD_FOR = 24 * 60 * 60
"""Seconds for which it isn't told again that a sender's mails are held."""

_log = logging.getLogger(__name__)


def tell_waiting(db: Database, segment_id: int) -> None:
    """One mail about everything of this segment that failed or is held and was not told yet.
    Raises Unavailable."""
    if segment_id in db.read(incoming.segments_to_report):
        db.write(lambda tx: _tell_waiting(tx, segment_id))


def tell_all(db: Database) -> None:
    """The same for all segments."""
    for segment_id in db.read(incoming.segments_to_report):
        tell_waiting(db, segment_id)


def succeeded(tx: Tx, account: Account) -> None:
    """A round went well; if it had been told that the account fails, that is over."""
    if accounts.succeeded(tx, account.id):
        _tell(
            tx,
            account.segment_id,
            f"Mail account {account.name} works again",
            f'The mail account "{account.name}" is read again. What waited there comes in now.\n',
        )


def failed(tx: Tx, account: Account, error: ServerError) -> int:
    """A round failed; told once, when it keeps failing. How many did so in a row."""
    failures = accounts.failed(tx, account.id, error.text)
    told = accounts.state(tx, account.id).told
    if not told and (error.permanent or failures >= KEEPS_FAILING):
        accounts.set_told(tx, account.id)
        lines = [
            f'The mail account "{account.name}" can\'t be read: {error.text}',
            "Its mail stays where it is. Reading is tried on by itself.",
            "",
        ]
        if error.technical:
            lines.append(f"The server or the system said: {error.technical}")
        if error.hint:
            lines.append(error.hint)
        lines.append(f'To see where it fails: imapgate account test "{account.name}"')
        _tell(
            tx, account.segment_id, f"Mail account {account.name} can't be read", "\n".join(lines)
        )
    return failures


def _tell_waiting(tx: Tx, segment_id: int) -> None:
    found = incoming.to_report(tx, segment_id, TOGETHER)
    # Of our own notices none is sent: an account may read the very mailbox that it would come to.
    new = [one for one in found if one.state == incoming.FAILED and one.automatic != NOTIFICATION]
    held: dict[str | None, list[IncomingRow]] = {}
    for one in found:
        if one.state == incoming.HELD:
            held.setdefault(one.sender_key, []).append(one)
    senders = {
        sender: of
        for sender, of in held.items()
        if not incoming.is_told_of(tx, of[0], incoming.HELD, tx.now - HELD_FOR)
    }
    incoming.reported(tx, [one.id for one in found])
    if not new and not senders:
        return
    names = {one.id: one.name for one in accounts.of_segment(tx, segment_id)}
    lines = [*_failed_lines(new, names), *_held_lines(senders)]
    count = len(new) + sum(map(len, senders.values()))
    what = "A message that came in was" if count == 1 else f"{count} messages that came in were"
    _tell(tx, segment_id, f"{what} not filed", "\n".join(lines))


def _failed_lines(failed: Sequence[IncomingRow], names: dict[int, str]) -> list[str]:
    if not failed:
        return []
    lines = []
    for row in failed[:LISTED]:
        name = None if row.account_id is None else names.get(row.account_id)
        lines.append(f"Message {row.id}, " + (f"account {name}" if name else row.origin))
        if row.message_id:
            lines.append(f"  Message-ID: <{row.message_id}>")
        if row.sender_key:
            lines.append(f"  From: {row.sender_key}")
        if row.subject:
            lines.append(f"  Subject: {' '.join(row.subject.split())}")
        lines.append(f"  {row.text}")
        if row.next_at is not None:
            at = datetime.fromtimestamp(row.next_at, UTC)
            lines.append(f"  It is tried again by itself at {at:%Y-%m-%d %H:%M} UTC.")
        lines.append("")
    if len(failed) > LISTED:
        lines += [f"And {len(failed) - LISTED} more: imapgate incoming list --state failed", ""]
    return [
        *lines,
        "What was taken is kept as it came, and stands in the folder Incoming/Failed: drag a",
        "message onto a group and it is filed. Or, once the cause is mended:",
        f"  imapgate incoming retry {' '.join(str(one.id) for one in failed[:LISTED])}",
        "",
    ]


def _held_lines(senders: Iterable[str | None]) -> list[str]:
    lines = []
    for sender in list(senders)[:LISTED]:
        # Whoever wrote the address didn't do so for a shell.
        chosen = "--state held" + ("" if sender is None else f" --sender {shlex.quote(sender)}")
        lines.append(f"Held, since there were too many in an hour: mail from {sender or 'nobody'}.")
        lines.append(f"  imapgate incoming list {chosen}")
        if sender is not None:
            lines.append(f"  imapgate incoming retry {chosen}")
        lines.append("")
    return lines


def _tell(tx: Tx, segment_id: int, subject: str, text: str) -> None:
    administrator_id = people.administrator(tx, segment_id)
    if administrator_id is None:
        _log.warning("segment %d has no administrator to be told: %s", segment_id, subject)
        return
    reporting.tell(tx, segment_id, administrator_id, subject, text)
