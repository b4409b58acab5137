"""What the log says of each APPEND, COPY and MOVE: never a subject; the record has that."""

from __future__ import annotations

import logging

from imapgate.folders.sign_in import Person
from imapgate.folders.verdict import Outcome, Verdict
from imapgate.session.session import Session

_log = logging.getLogger(__name__)


def told(session: Session, person: Person, command: str, messages: int, verdict: Verdict) -> None:
    """command: APPEND, COPY or MOVE of so many messages, as the client asked. The session may have
    ended meanwhile."""
    user = f"{person.name}@{person.segment}"
    code = None if verdict.code is None else verdict.code.partition(" ")[0]
    folder_id = None if verdict.folder is None else verdict.folder.id
    place = "" if folder_id is None else f" into folder {folder_id}"
    _log.log(
        logging.WARNING if verdict.outcome is Outcome.LATER else logging.INFO,
        "%s of %d by %s%s: %s%s",
        command,
        messages,
        user,
        place,
        verdict.outcome.value,
        "" if code is None else f" [{code}]",
        extra={
            "event": "drop",
            "fields": {
                "user": user,
                "address": session.address,
                "command": command,
                "messages": messages,
                "folder": folder_id,
                "verdict": verdict.outcome.value,
                "code": code,
            },
        },
    )
