"""The mail that asks somebody to approve a transition."""

from __future__ import annotations

from imapgate.activities import approvals
from imapgate.activities.deciding import Words
from imapgate.activities.names import Mistake, checked_email, quoted
from imapgate.mime import writing
from imapgate.mime.automatic import own_field
from imapgate.mime.mail import Mailbox
from storage import Tx


def request_mail(
    tx: Tx,
    segment_id: int,
    approval_id: int,
    sender: str,
    words: Words,
    reply_to: str | None = None,
) -> bytes:
    """The mail's bytes, to be sent as they are: its Message-ID is the token by which a reply
    counts. sender, reply_to: addresses, replies go to reply_to, else to the sender; words: with
    which a reply decides. Raises Mistake: no such request, it has ended, or an address that is
    none."""
    approval = approvals.find(tx, segment_id, approval_id)
    domain = _mailbox(sender).address.rpartition("@")[2]
    message_id = approvals.message_id(tx, segment_id, approval_id, domain)
    headers = writing.Headers(
        sender=_mailbox(sender),
        to=[_mailbox(one) for one in approval.approvers],
        reply_to=() if reply_to is None else (_mailbox(reply_to),),
        subject=f"Approval of #{approval.number}: {approval.transition}",
        at=tx.now,
        message_id=message_id,
        auto_submitted="auto-generated",
        own=(own_field(segment_id, "approval"),),
    )
    return writing.message(headers, _text(approval, words))


def _text(approval: approvals.Approval, words: Words) -> str:
    """No word stands alone in a line, so that a client that quotes without marks repeats none."""
    name = writing.one_line(approval.name, len(approval.name))
    rejection = (
        f"A rejection takes {quoted(approval.rejected_by)}."
        if approval.rejected_by
        else "A rejection changes nothing but is noted."
    )
    lines = (
        f"You are asked to approve {quoted(approval.transition)} on #{approval.number}:",
        f"- {name}",
        "",
        "Answer this mail, and write nothing but one of these words into the first line.",
        f"To approve: {', '.join(words.approve)}",
        f"To reject: {', '.join(words.reject)}",
        "",
        f"{rejection} Any other answer becomes a follow-up. The first decision counts.",
        "",
    )
    return "\n".join(lines)


def _mailbox(address: str) -> Mailbox:
    try:
        return Mailbox("", writing.ascii_address(checked_email(address)))
    except writing.Unwritable as unwritable:
        raise Mistake(str(unwritable)) from None
