"""What came of a mail of the outbox stands on its activity, and whoever sent it is told where
somebody didn't get it, or may not have."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

from imapgate.activities import happenings
from imapgate.activities.erasing import TOLD_OF_MAILS
from imapgate.folders import incidents
from imapgate.mime.mail import Mail
from imapgate.outgoing import formats, mailers, outbox, reporting
from imapgate.outgoing.templates.rendering import Rendered, render
from storage import Database, Tx, activities, emails, links, people
from storage import outbox as rows
from storage.engine import Unavailable
from storage.outbox import OutboxRow, RecipientRow

NOTE = "Outgoing mail"
"""Title of the note on an activity, before the mail's number in the outbox."""
FAILED, UNCERTAIN = TOLD_OF_MAILS
LONGEST_SENT = 100_000
"""Characters of the text as sent in the note; the mail itself is kept beside it."""
MOST = 100
"""Mails of which is told in one look."""
LISTED = 50
"""Recipients that one follow-up or message names; it tells how many more there are."""

TEMPLATE = "failure"
_WHAT = {
    FAILED: "Your mail was not delivered to:",
    UNCERTAIN: "Your mail may have been delivered, or not, to:",
}

_NOT_TOLD = (outbox.NOTIFICATION, outbox.REPORT)
"""Kinds about which nobody is told anything: else a report of a report would follow."""
_WORDS = {
    rows.WAITING: "waits",
    rows.SENT: "sent",
    rows.UNCERTAIN: "may have been sent",
    rows.FAILED: "not delivered",
    rows.CANCELLED: "cancelled",
}


def tell_left_over(db: Database) -> None:
    """Of what is not told yet, since whoever was to tell it died. Raises Unavailable."""
    for row_id in db.read(lambda tx: rows.untold(tx, MOST)):
        tell_one(db, row_id)


def tell_one(db: Database, row_id: int) -> None:
    """Once for each attempt. Never raises: that a mail was sent doesn't depend on its being told;
    where the database is away it is told later."""
    for to_sender in (True, False):
        try:
            db.write(partial(_tell, row_id=row_id, to_sender=to_sender))
            return
        except Unavailable:
            return
        except Exception as error:  # noqa: BLE001 (reported with its traceback)
            # What is told to the sender may be somebody's template; the activity has it without.
            incidents.report(error, "telling what came of a mail")
    with suppress(Unavailable):
        db.write(lambda tx: rows.keep(tx, row_id, told=True))


def note_of(tx: Tx, row: OutboxRow, found: Sequence[RecipientRow]) -> str:
    """Each recipient's result, and the text as sent."""
    mailer = None if row.mailer_id is None else mailers.mailer_by_id(tx, row.mailer_id)
    # Whoever knows it answers in an approver's name.
    is_secret = row.kind == outbox.APPROVAL
    lines = [
        f"{row.state.capitalize()} ({row.kind}"
        + (f", by mailer {mailer.name})" if mailer else ")"),
        f"From: {row.sender or '(nobody)'}",
        *(f"{one.kind.capitalize()}: {_result(one)}" for one in found),
        f"Message-ID: <{row.message_id}>" if row.message_id and not is_secret else "",
        row.text,
        "",
        f"Subject: {row.subject}",
        "",
        _sent_text(tx, row),
    ]
    return "\n".join(lines)


def _tell(tx: Tx, row_id: int, to_sender: bool) -> None:
    row = rows.by_id(tx, row_id)
    if row is None or row.told:
        return
    found = rows.recipients(tx, row_id)
    rows.keep(tx, row_id, told=True)
    new = [one for one in found if not one.told and one.state in (rows.FAILED, rows.UNCERTAIN)]
    rows.set_recipients(tx, row_id, [one.position for one in new], told=True)
    if row.activity_id is not None and row.kind not in _NOT_TOLD:
        activities.set_note(tx, row.activity_id, f"{NOTE} {row.id}", note_of(tx, row, found))
        activities.change(tx, row.activity_id)
    failed = [one for one in new if one.state == rows.FAILED]
    uncertain = [one for one in new if one.state == rows.UNCERTAIN]
    for title, concerned in ((FAILED, failed), (UNCERTAIN, uncertain)):
        if not concerned or row.kind in _NOT_TOLD:
            continue
        _follow_up(tx, row, title, concerned)
        if to_sender:
            _tell_sender(tx, row, title, concerned, found)


def _follow_up(tx: Tx, row: OutboxRow, title: str, concerned: Sequence[RecipientRow]) -> None:
    if row.activity_id is None:
        return
    listed = [f"to {one.address}: {_answer(one)}" for one in concerned[:LISTED]]
    if len(concerned) > LISTED:
        listed.append(f"and {len(concerned) - LISTED} more: imapgate outbox show {row.id}")
    follow_up_id = links.add_follow_up(
        tx,
        row.activity_id,
        links.FollowUpRow(
            transition=None,
            title=title,
            text="\n".join([*listed, "", *_advice(row, title)]),
            author_id=None,
            author_contact_id=None,
            from_activity_id=None,
            at=tx.now,
        ),
    )
    # The sender is told by a message.
    activity = activities.by_id(tx, row.activity_id)
    happenings.followed_up(tx, activity, follow_up_id, row.principal_id)


def _tell_sender(
    tx: Tx,
    row: OutboxRow,
    title: str,
    concerned: Sequence[RecipientRow],
    found: Sequence[RecipientRow],
) -> None:
    """The segment's administrator for the system, and for who is here no more."""
    sender = None if row.principal_id is None else people.principal_by_id(tx, row.principal_id)
    is_here = sender is not None and not sender.disabled
    whom = row.principal_id if is_here else people.administrator(tx, row.segment_id)
    if whom is None:
        return
    made = _rendered(tx, row, whom, title, concerned, _advice(row, title))
    is_html = formats.format_for(tx, row.segment_id, principal_id=whom) == formats.HTML
    reporting.tell(
        tx,
        row.segment_id,
        whom,
        made.subject,
        made.text,
        html=made.html if is_html else None,
        origin_key=f"result {row.id} {row.claim} {title}",
        activity_id=row.activity_id,
        not_to=frozenset(one.address_key for one in found if one.state != rows.SENT),
    )


def _rendered(
    tx: Tx,
    row: OutboxRow,
    whom: int,
    title: str,
    concerned: Sequence[RecipientRow],
    advice: Sequence[str],
) -> Rendered:
    """What whoever sent it reads; whom: a principal."""
    activity = None if row.activity_id is None else activities.by_id(tx, row.activity_id)
    person = people.principal_by_id(tx, whom)
    more = len(concerned) - LISTED
    values = {
        "recipient": None if person is None else person.name,
        "title": title,
        "subject": row.subject or None,
        "what": _WHAT[title],
        "mail": str(row.id),
        "failed": [{"address": one.address, "text": _answer(one)} for one in concerned[:LISTED]],
        "omitted": more if more > 0 else None,
        "advice": "\n".join(advice),
        "activity": None
        if activity is None
        else {"number": str(activity.number), "name": activity.name},
        "segment": people.segment_by_id(tx, row.segment_id).name,
    }
    return render(tx, row.segment_id, TEMPLATE, values)


def _advice(row: OutboxRow, title: str) -> list[str]:
    if title == UNCERTAIN:
        return [
            "The connection broke after all of the mail was handed over and before the server's",
            "answer. It isn't tried again by itself, so that nobody gets it twice. Once somebody",
            "knows that it didn't come, an administrator sends it again:",
            f"  imapgate outbox retry {row.id} --though-it-may-have-been-sent",
        ]
    return [
        "It isn't tried again by itself. Once the cause is mended, an administrator sends it",
        "again:",
        f"  imapgate outbox retry {row.id}",
    ]


def _result(one: RecipientRow) -> str:
    when = "" if one.at is None else f" {datetime.fromtimestamp(one.at, UTC):%Y-%m-%d %H:%M:%S} UTC"
    answer = _answer(one)
    return f"{one.address}, {_WORDS[one.state]}{when}" + (f": {answer}" if answer else "")


def _answer(one: RecipientRow) -> str:
    """Code and text, where a server has said them."""
    if one.code is None or one.text.startswith(one.code):
        return one.text
    return f"{one.code} {one.text}"


def _sent_text(tx: Tx, row: OutboxRow) -> str:
    digest = None
    if row.stored_message_id is not None:
        digest = emails.digest(tx, row.stored_message_id)
    if digest is None:
        return ""
    text = Mail.from_json(digest).text
    if len(text) <= LONGEST_SENT:
        return text
    return f"{text[:LONGEST_SENT]}\n... (the rest is left out here: imapgate outbox show --save)"
