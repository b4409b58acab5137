"""An activity's message to be looked at outside of a mail client."""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.folders.rendering import message
from imapgate.folders.rendering.moments import moment
from imapgate.limits import Limits
from imapgate.mime.index import Part, index
from imapgate.mime.mail import Mailbox
from imapgate.mime.reading import decoded
from storage import Tx, revisions


@dataclass(frozen=True, slots=True)
class Look:
    """fields: title and value of From, To, Subject and Date. text, html: its two forms."""

    fields: tuple[tuple[str, str], ...]
    text: str
    html: str


def look(tx: Tx, activity_id: int, group_id: int, limits: Limits) -> Look:
    """The message as it would be written now for that group; nothing is written."""
    newest = revisions.newest(tx, activity_id)
    number = 1 if newest is None else newest[0] + 1
    prepared = message.render(tx, activity_id, group_id, number, limits)
    mail, content = prepared.mail, prepared.content
    plain, html = (
        b"".join(decoded(content, one)).decode("utf-8").replace("\r\n", "\n")
        for one in _texts(index(content))
    )
    fields = (
        ("From", ", ".join(map(_mailbox, mail.from_))),
        ("To", ", ".join(map(_mailbox, mail.to)) or "nobody yet"),
        ("Subject", mail.subject),
        ("Date", moment(mail.sent_at)),
    )
    return Look(fields, plain, html)


def _texts(root: Part) -> tuple[Part, Part]:
    """As message.render writes them: the two forms come first."""
    both = root if root.subtype == b"ALTERNATIVE" else root.children[0]
    return both.children[0], both.children[1]


def _mailbox(one: Mailbox) -> str:
    return f"{one.name} <{one.address}>" if one.name else one.address
