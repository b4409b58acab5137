"""The mail that asks somebody to approve a transition."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from imapgate.activities import approvals
from imapgate.activities.deciding import Words
from imapgate.activities.names import Mistake, checked_email, quoted
from imapgate.mime.automatic import own_field
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
    domain = _ascii(sender).rpartition("@")[2]
    message_id = approvals.message_id(tx, segment_id, approval_id, domain)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _ascii(sender)
    mail["To"] = ", ".join(_ascii(one) for one in approval.approvers)
    if reply_to is not None:
        mail["Reply-To"] = _ascii(reply_to)
    mail["Subject"] = f"Approval of #{approval.number}: {approval.transition}"
    mail["Date"] = format_datetime(datetime.fromtimestamp(tx.now, UTC))
    mail["Message-ID"] = f"<{message_id}>"
    mail["Auto-Submitted"] = "auto-generated"
    name, value = own_field(segment_id, "approval")
    mail[name] = value
    mail.set_content(_text(approval, words), cte="quoted-printable")
    return mail.as_bytes()


def _text(approval: approvals.Approval, words: Words) -> str:
    """No word stands alone in a line, so that a client that quotes without marks repeats none."""
    name = "".join(one if one.isprintable() else " " for one in approval.name)
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


def _ascii(address: str) -> str:
    kept = checked_email(address)
    if not kept.isascii():
        raise Mistake(f'"{address}" isn\'t ASCII: no mail can be written to or from it.')
    return kept
