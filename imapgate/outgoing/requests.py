"""Requests for approval go out by mail, and end when nobody answers in time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from imapgate.activities import approvals, approving
from imapgate.activities.approving import Replies
from imapgate.activities.erasing import ERASED
from imapgate.activities.names import Mistake, key, quoted
from imapgate.folders import ready
from imapgate.mime import writing
from imapgate.mime.automatic import own_field
from imapgate.mime.mail import Mailbox
from imapgate.outgoing import formats, outbox, reporting
from imapgate.outgoing.choosing import NONE, mailer_for
from imapgate.outgoing.composing.composed import Came, Finish, named
from imapgate.outgoing.identities import default_account, identity_of
from imapgate.outgoing.templates.cases import activity_values
from imapgate.outgoing.templates.rendering import render
from imapgate.outgoing.templates.values import moment
from storage import Database, Tx, activities, contacts, links, mail_accounts, people, processes
from storage import approvals as rows
from storage.approvals import ApprovalRow
from storage.events import EventRow

TEMPLATE = "approval-request"
MOST_FOLLOW_UPS = 10
"""The newest ones, which a request tells."""
AT_ONCE = 100
"""Requests that one look ends."""
NOT_ANY_MORE = "Approval isn't asked for any more."


@dataclass(frozen=True, slots=True)
class _Written:
    """To one approver. sender: of the envelope."""

    to: str
    sender: str
    prepared: ready.Prepared
    mailer_id: int


def ask(db: Database, event: EventRow) -> Finish:
    """The mails that ask for approval (approving.ASK): one to each approver, so that none sees the
    others, with one Message-ID, the token by which a reply counts. What is given puts them into the
    outbox, once. Where nobody can be asked, the request ends, and who asked is told. Raises
    Unavailable."""
    approval_id = int(event.detail["approval"])
    try:
        found = db.read(lambda tx: _read(tx, event.segment_id, approval_id))
    except Mistake as mistake:
        return partial(_not_asked, event, approval_id, str(mistake))
    made = [
        _Written(to, headers.sender.address, ready.prepare(content), mailer_id)
        for to, headers, content, mailer_id in found
    ]

    def finish(tx: Tx) -> Came:
        row = rows.by_id(tx, event.segment_id, approval_id)
        if row is None or row.decided_at is not None or not made:
            return Came(NOT_ANY_MORE)
        mails = [
            outbox.put(
                tx,
                outbox.Letter(
                    segment_id=event.segment_id,
                    kind=outbox.APPROVAL,
                    sender=one.sender,
                    recipients=(outbox.Recipient(one.to),),
                    prepared=one.prepared,
                    activity_id=event.activity_id,
                    principal_id=row.asked_by_id,
                    mailer_id=one.mailer_id,
                    origin_key=f"approval {approval_id} {n}",
                ),
            )
            for n, one in enumerate(made)
        ]
        listed = ", ".join(str(one) for one in mails)
        return Came(f"Queued as mail {listed} to {named(one.to for one in made)}.", mails[0])

    return finish


def expire(db: Database) -> int:
    """Requests whose time is over end, and whoever asked is told; how many. Raises Unavailable."""
    due = db.read(lambda tx: rows.due(tx, AT_ONCE))
    return sum(db.write(partial(_expire, one)) for one in due)


def _expire(row: ApprovalRow, tx: Tx) -> bool:
    waited = ", ".join(row.approvers)
    text = f"Nobody decided in time whether to take {quoted(row.transition)}: {waited}."
    if not approvals.end(tx, row.segment_id, row.id, approvals.EXPIRED, "", text):
        return False
    advice = "It isn't taken. To ask once more, take the transition again."
    _tell(tx, row, f"{text} {advice}")
    return True


def _not_asked(event: EventRow, approval_id: int, why: str, tx: Tx) -> Came:
    text = f"Nobody could be asked for approval. {why}"
    row = rows.by_id(tx, event.segment_id, approval_id)
    if row is not None and approvals.end(
        tx, event.segment_id, approval_id, approvals.IMPOSSIBLE, "", text
    ):
        _tell(tx, row, f"{text} The transition isn't taken: take it again once that is mended.")
    return Came(text)


def _tell(tx: Tx, row: ApprovalRow, text: str) -> None:
    if row.asked_by_id is not None:
        subject = f"Not approved: {row.transition} on #{row.number}"
        origin = f"approval {row.id} ended"
        reporting.tell(tx, row.segment_id, row.asked_by_id, subject, text, origin_key=origin)


def _read(
    tx: Tx, segment_id: int, approval_id: int
) -> list[tuple[str, writing.Headers, bytes, int]]:
    """(recipient, headers, octets, mailer) for each approver; nothing for a request that has ended
    or whose activity was erased. Raises Mistake."""
    row = rows.by_id(tx, segment_id, approval_id)
    if row is None or row.decided_at is not None:
        return []
    activity = activities.by_id(tx, row.activity_id)
    if activity.name == ERASED:
        return []
    mailer = mailer_for(tx, segment_id, None)
    if mailer is None:
        raise Mistake(NONE)
    replies = approving.replies(tx, segment_id)
    values = _values(tx, row, activity, replies)
    try:
        system = identity_of(tx, segment_id, None)
        sender = writing.ascii_address(system.address)
        reply_to = writing.ascii_address(replies.address)
    except writing.Unwritable as unwritable:
        raise Mistake(str(unwritable)) from None
    made = []
    message_id = approvals.message_id(tx, segment_id, approval_id, sender.rpartition("@")[2])
    for approver in row.approvers:
        try:
            to = writing.ascii_address(approver)
        except writing.Unwritable:
            # It was one when it was asked for (approvers.addresses).
            continue
        rendered = render(tx, segment_id, TEMPLATE, {**values, **_of_approver(tx, row, approver)})
        headers = writing.Headers(
            sender=Mailbox("imapgate", sender),
            to=(Mailbox("", to),),
            reply_to=(Mailbox("", reply_to),),
            subject=rendered.subject,
            at=tx.now,
            message_id=message_id,
            auto_submitted="auto-generated",
            own=(own_field(segment_id, outbox.APPROVAL),),
        )
        html = rendered.html if _wants_html(tx, segment_id, approver) else None
        made.append((to, headers, writing.message(headers, rendered.text, html), mailer.id))
    return made


def _values(
    tx: Tx, row: ApprovalRow, activity: activities.ActivityRow, replies: Replies
) -> dict[str, Any]:
    """As templates.values describes them, but for what is each approver's. Raises Mistake: the
    transition can't be taken any more."""
    step = approvals.offered(tx, activity, row.transition)
    if isinstance(step, str):
        raise Mistake(f"{step}.")
    rejected = None
    if step.rejected_by is not None:
        starting = processes.transitions_from(tx, activity.state_id)
        other = next((one for one in starting if key(one.name) == key(step.rejected_by)), None)
        rejected = None if other is None else processes.state(tx, other.to_state_id).name
    asker = None if row.asked_by_id is None else people.principal_by_id(tx, row.asked_by_id)
    follow_ups, omitted = _follow_ups(tx, activity.id)
    return {
        "activity": activity_values(tx, activity),
        "asked_by": None if asker is None else asker.name,
        "transition": step.name,
        "to_state": processes.state(tx, step.to_state_id).name,
        "rejected_by": step.rejected_by,
        "rejected_state": rejected,
        "approve": list(replies.words.approve),
        "reject": list(replies.words.reject),
        "follow_ups": follow_ups,
        "omitted": omitted or None,
        "expires": None if row.expires_at is None else moment(row.expires_at),
        "segment": people.segment_by_id(tx, activity.segment_id).name,
    }


def _of_approver(tx: Tx, row: ApprovalRow, approver: str) -> dict[str, Any]:
    user_id = _user_id(tx, row.segment_id, approver)
    account = None if user_id is None else default_account(tx, user_id)
    link = None if account is None else account.link_pattern
    return {
        "approver": approver,
        "link": None if link is None else link.replace("{number}", str(row.number)),
    }


def _wants_html(tx: Tx, segment_id: int, approver: str) -> bool:
    user_id = _user_id(tx, segment_id, approver)
    known = contacts.address_by_key(tx, segment_id, key(approver))
    contact_id = None if known is None else known.contact_id
    found = formats.format_for(tx, segment_id, principal_id=user_id, contact_id=contact_id)
    return found == formats.HTML


def _user_id(tx: Tx, segment_id: int, address: str) -> int | None:
    row = people.principal_by_email(tx, key(address))
    if row is not None and row.segment_id == segment_id:
        return row.id
    for one in people.principals(tx, segment_id):
        if any(key(a.address) == key(address) for a in mail_accounts.of_principal(tx, one.id)):
            return one.id
    return None


def _follow_ups(tx: Tx, activity_id: int) -> tuple[list[dict[str, Any]], int]:
    """The newest ones, the newest last, and how many more there are. Whom a request asked isn't
    told, only what was said with it."""
    found = []
    for one in links.follow_ups(tx, activity_id):
        text = one.text
        if one.title.startswith(approvals.ASKED):
            text = text.partition("\n\n")[2]
            if not text:
                continue
        who = None
        if one.author_contact_id is not None:
            who = contacts.name(tx, one.author_contact_id)
        elif one.author_id is not None:
            user = people.principal_by_id(tx, one.author_id)
            who = None if user is None else user.name
        found.append({"at": moment(one.at), "who": who, "title": one.title, "text": text})
    return found[-MOST_FOLLOW_UPS:], max(0, len(found) - MOST_FOLLOW_UPS)
