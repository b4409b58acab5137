"""An activity's media as attachments: parts of stored messages, read again where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial

from imapgate.activities.names import Mistake, quoted
from imapgate.folders.contents import stored_content
from imapgate.mime import writing
from imapgate.mime.index import Content, Part, index
from imapgate.mime.parameters import parameter
from imapgate.mime.reading import decoded, part_at
from storage import Database, Tx, messages
from storage.activities import MediaRow

_MESSAGE = "message/rfc822"


def attachments(
    db: Database, stack: ExitStack, media: Sequence[MediaRow]
) -> list[writing.Attached | writing.AttachedMail]:
    """As `writing` takes them; their octets can be read until the stack is closed. What was shown
    in the mail stays so; an attached mail goes along as it is where every server lets it through,
    else as a file. Raises Mistake if one can't be read any more."""
    opened: dict[int, tuple[Content, Part] | None] = {}
    made: list[writing.Attached | writing.AttachedMail] = []
    for one in media:
        if one.stored_message_id not in opened:
            opened[one.stored_message_id] = _opened(db, stack, one.stored_message_id)
        there = opened[one.stored_message_id]
        part = None if there is None else part_at(there[1], one.section)
        if there is None or part is None:
            raise Mistake(f"The attachment {quoted(one.name)} can't be read any more.")
        made.append(_attached(one, there[0], part))
    return made


def _opened(db: Database, stack: ExitStack, stored_message_id: int) -> tuple[Content, Part] | None:
    size = db.read(partial(_size, stored_message_id))
    if size is None:
        return None
    content = stack.enter_context(stored_content(db, stored_message_id, size))
    return None if content is None else (content, index(content))


def _size(stored_message_id: int, tx: Tx) -> int | None:
    here = messages.is_here(tx, stored_message_id)
    return messages.size(tx, stored_message_id) if here else None


def _attached(
    media: MediaRow, content: Content, part: Part
) -> writing.Attached | writing.AttachedMail:
    pieces = partial(decoded, content, part)
    if media.content_type == _MESSAGE and writing.encoding_of(pieces()) == "7bit":
        return writing.AttachedMail(media.name, "7bit", pieces)
    charset = parameter(part.params, b"CHARSET")
    return writing.Attached(
        media.name,
        media.content_type,
        pieces,
        media.inline,
        media.content_id,
        None if charset is None else charset.decode("latin-1"),
    )
