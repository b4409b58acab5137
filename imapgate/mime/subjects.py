"""The base subject of SORT and THREAD (RFC 5256 2.1)."""

from __future__ import annotations

import re

_BLANKS = re.compile(r"[ \t\r\n]+")
_BLOB = r"\[[^\[\]\x00]*\] ?"
_REPLY_OR_FORWARD = re.compile(rf"(?:{_BLOB})*+(?:re|fwd?) ?(?:{_BLOB})?:", re.IGNORECASE)
_ONE_BLOB = re.compile(_BLOB)
_TRAILER = "(fwd)"
_HEAD, _TAIL = "[fwd:", "]"


def base_subject(subject: str) -> tuple[str, bool]:
    """The base subject of a decoded one, in its own case, and whether it is a reply or a forward:
    what was taken off had more in it than names of lists in brackets (RFC 5256 3, THREAD).

    Bounded by the subject's length, squared only for `[Fwd: [Fwd: ...` in each other."""
    rest = _BLANKS.sub(" ", subject)
    is_reply = False
    while True:
        rest, forwarded = _without_trailers(rest)
        rest, answered = _without_leaders(rest)
        is_reply = is_reply or forwarded or answered
        if rest[: len(_HEAD)].lower() != _HEAD or not rest.endswith(_TAIL):
            return rest, is_reply
        is_reply = True
        rest = rest[len(_HEAD) : -len(_TAIL)]


def _without_trailers(text: str) -> tuple[str, bool]:
    """Step 2."""
    end = len(text)
    forwarded = False
    while end:
        if text[end - 1] == " ":
            end -= 1
        elif text[max(0, end - len(_TRAILER)) : end].lower() == _TRAILER:
            end -= len(_TRAILER)
            forwarded = True
        else:
            break
    return text[:end], forwarded


def _without_leaders(text: str) -> tuple[str, bool]:
    """Steps 3 to 5. A blob goes only if something is left behind it."""
    at = 0
    answered = False
    while True:
        while text.startswith(" ", at):
            at += 1
        found = _REPLY_OR_FORWARD.match(text, at)
        if found is not None:
            answered = True
            at = found.end()
            continue
        blob = _ONE_BLOB.match(text, at)
        if blob is None or blob.end() >= len(text):
            return text[at:], answered
        # Behind these blobs stands no `re:`, else it had been found: they go together.
        while blob is not None and blob.end() < len(text):
            at = blob.end()
            blob = _ONE_BLOB.match(text, at)
