"""Mails of imapgate's own: what an administrator is to know stands in the INBOX, where it is
seen."""

from __future__ import annotations

from imapgate.activities.people import Person, person_by_id
from imapgate.folders import names, ready
from imapgate.mime import writing
from imapgate.mime.automatic import own_field
from imapgate.mime.mail import Mailbox
from storage import Tx, entries, folders

DOMAIN = "imapgate.invalid"
"""Of our own addresses and Message-IDs: nobody can answer to it (RFC 2606 2)."""
SENDER = Mailbox("imapgate", f"no-reply@{DOMAIN}")
LONGEST_SUBJECT = 200
"""Characters."""
LONGEST_TEXT = 100_000
"""Characters; what is more is left out, and that is said."""


def tell(tx: Tx, principal_id: int, subject: str, text: str) -> int:
    """A new mail in that person's INBOX, as of now; the stored message's id. The quota doesn't
    count here: nobody would hear of what was left out. subject: becomes one line. text: plain, in
    lines.

    Raises LookupError if there is no such person.
    """
    found = person_by_id(tx, principal_id)
    if found is None:
        raise LookupError(f"there is no principal {principal_id}")
    person, _ = found
    return bring(tx, principal_id, ready.prepare(written(person, subject, text, tx.now)))


def bring(tx: Tx, principal_id: int, prepared: ready.Prepared) -> int:
    """A mail that is written already comes into that person's INBOX, as `tell` says."""
    found = person_by_id(tx, principal_id)
    inbox = folders.own_by_key(tx, principal_id, names.key(names.INBOX))
    if found is None or inbox is None:
        raise LookupError(f"there is no principal {principal_id}")
    stored_message_id = ready.store(tx, found[0].segment_id, prepared)
    entries.add(
        tx, inbox, [entries.NewEntry(stored_message_id, len(prepared.content), internal_at=tx.now)]
    )
    return stored_message_id


def written(to: Person, subject: str, text: str, at: int) -> bytes:
    """The mail's bytes; at: seconds since 1970. Auto-Submitted (RFC 3834 5), so that nobody's
    out-of-office answers it, and what comes back is known for what it is."""
    lines = text[:LONGEST_TEXT].splitlines()
    if len(text) > LONGEST_TEXT:
        lines += ["...", "(The rest is left out: it would be too long.)"]
    headers = writing.Headers(
        sender=SENDER,
        to=addressed(to),
        subject=writing.one_line(subject, LONGEST_SUBJECT),
        at=at,
        message_id=writing.new_id(DOMAIN),
        auto_submitted="auto-generated",
        own=(own_field(to.segment_id, "notice"),),
    )
    return writing.message(headers, "\n".join(lines))


def thread_id(segment_id: int, number: int) -> str:
    """What all mails of ours about that activity refer to, so that they are one thread; no mail has
    it. Without angle brackets."""
    return f"activity-{number}.{segment_id}@{DOMAIN}"


def addressed(to: Person) -> tuple[Mailbox, ...]:
    """Nobody where the address can't be written: the notice stands in the INBOX all the same."""
    try:
        return (Mailbox("", writing.ascii_address(to.email or "")),)
    except writing.Unwritable:
        return ()
