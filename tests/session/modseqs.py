"""Where dialogues with mod-sequences begin: a folder begins with 1; each APPEND, STORE and EXPUNGE
that changes something takes the next."""

from __future__ import annotations

from transcript import Stage
from world import World

MAIL = b"Subject: x\r\n\r\ny\r\n"


def begun(world: World) -> Stage:
    """alice has INBOX selected with three mails of mod-sequences 2 to 4."""
    made = Stage(world)
    made.run(
        """
        C: a APPEND INBOX {#mail+}
        C: #mail
        S: a OK ...
        C: a APPEND INBOX {#mail+}
        C: #mail
        S: a OK ...
        C: a APPEND INBOX {#mail+}
        C: #mail
        S: a OK ...
        C: a SELECT INBOX
        S: ~
        S: * OK [HIGHESTMODSEQ 4] ...
        S: ~
        S: a OK ...
    """,
        mail=MAIL,
    )
    return made
