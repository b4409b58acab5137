"""The states of a session (RFC 3501 3) and what a command answers."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

from imapgate.folders.verdict import Outcome, Verdict


class State(enum.Enum):
    NOT_AUTHENTICATED = "not authenticated"
    AUTHENTICATED = "authenticated"
    SELECTED = "selected"
    LOGOUT = "logout"


NOT_SIGNED_IN = frozenset({State.NOT_AUTHENTICATED})
SIGNED_IN = frozenset({State.AUTHENTICATED, State.SELECTED})
SELECTED = frozenset({State.SELECTED})
ANY = NOT_SIGNED_IN | SIGNED_IN


@dataclass(frozen=True, slots=True)
class Reply:
    """The tagged answer. condition: OK, NO or BAD. look: for news first, even without a mark.
    after: done once it has been written. exists_first: of the news, what arrived is told before
    what is gone."""

    condition: bytes
    text: str
    code: str | None = None
    look: bool = False
    after: Callable[[], None] | None = None
    exists_first: bool = False


class Farewell(Exception):
    """The session ends here: `* BYE` with this text."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def ok(text: str, code: str | None = None, look: bool = False) -> Reply:
    return Reply(b"OK", text, code, look)


def no(code: str | None, text: str) -> Reply:
    return Reply(b"NO", text, code)


def bad(text: str) -> Reply:
    return Reply(b"BAD", text)


def answered(verdict: Verdict, look: bool = False) -> Reply:
    """OK or NO, as the verdict says."""
    condition = b"OK" if verdict.outcome is Outcome.DONE else b"NO"
    return Reply(condition, verdict.text, verdict.code, look)


def no_such_folder(name: str) -> Reply:
    return no("NONEXISTENT", f'There is no folder "{name}", or you may not see it.')


def no_such_message() -> Reply:
    return bad("There is no message with such a number.")
