"""What the rows of test_limits_table are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from transcript import Stage
from world import PASSWORD

Row = Callable[[Stage], None]
ROWS: dict[str, tuple[Any, Row]] = {}
"""By the field's name: its value, or what gives it for a world; what is played then."""
MAIL = b"Subject: x\r\n\r\nabcdefghij\r\n"
LOGIN = f"LOGIN alice@Standard {PASSWORD}"
MAILS = """
    C: m APPEND INBOX {#mail+}
    C: #mail\\
    C:  {#mail+}
    C: #mail
    S: m OK ...
    C: m SELECT INBOX
    S: ~
    S: m OK ...
"""


def row(**value: Any) -> Callable[[Row], Row]:
    """The row of one field; a function gives the value for a world."""
    ((name, tiny),) = value.items()

    def add(play: Row) -> Row:
        assert name not in ROWS
        ROWS[name] = tiny, play
        return play

    return add


def playing(dialogue: str, **octets: bytes) -> Row:
    """#mail is MAIL."""
    return lambda stage: stage.run(dialogue, mail=MAIL, **octets)
