"""Address lists of a header as RFC 5322 3.4 and its obsolete syntax have them, and as mailers
garble them."""

from __future__ import annotations

import re
from dataclasses import dataclass

ADDRESSES_LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class Address:
    """RFC 3501 address; a group starts with (None, None, name, None) and ends with four Nones. Raw
    bytes, encoded words left as they are. Where an address has no host, or no mailbox, that is
    empty, since None would mean a group."""

    name: bytes | None
    route: bytes | None
    mailbox: bytes | None
    host: bytes | None


GROUP_END = Address(None, None, None, None)

_OTHERS = (
    rb"(?P<literal>\[[^\[\]<>,]*\])"
    rb"|(?P<special>[<>,;:@()])|(?P<atom>[^\s\"<>,;:@()\[]+|\[)"
)
_TOKENS = re.compile(
    rb"(?P<quoted>\"(?P<inner>(?:[^\"\\]|\\.|\\\Z)*)(?P<closed>\")?)|(?P<blank>\s+)|" + _OTHERS,
    re.DOTALL,
)
_TOKENS_WITHOUT_QUOTED = re.compile(rb"(?P<blank>[\s\"]+)|" + _OTHERS)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_COMMENT_PIECES = re.compile(rb"[()]|\\.|[^()\\]+|\\\Z", re.DOTALL)


def address_list(value: bytes, most: int = ADDRESSES_LIMIT) -> tuple[Address, ...]:
    """The addresses of an unfolded header value, at most `most` (groups' begins and ends count);
    what can't be parsed is kept as a display name or as a mailbox without host. Never raises."""
    return _Reading(value, most).addresses()


class _Reading:
    """One walk over the tokens of a header value."""

    def __init__(self, value: bytes, most: int) -> None:
        self._value = value
        self._most = most
        self._found: list[Address] = []
        self._in_group = False
        self._begin()

    def _begin(self) -> None:
        self._words: list[bytes] = []
        self._blank_before_word = False
        self._comments: list[bytes] = []
        self._angle: list[bytes] | None = None
        self._angle_closed = False
        self._quoted_word = False

    def addresses(self) -> tuple[Address, ...]:
        value, position, tokens = self._value, 0, _TOKENS
        while position < len(value) and len(self._found) < self._most:
            token = tokens.match(value, position)
            if token is None:  # not reachable: the alternatives cover every octet
                break
            kind, text = token.lastgroup, token.group()
            if kind == "quoted" and not token["closed"] and b"<" in text:
                # A quote that is never closed must not swallow the address behind it.
                tokens = _TOKENS_WITHOUT_QUOTED
                continue
            position = token.end()
            if kind == "special" and text == b"(":
                comment, position = _comment(value, position)
                self._comments.append(comment)
            elif kind == "special":
                self._special(text)
            elif kind == "blank":
                self._blank_before_word = True
            elif kind == "quoted":
                self._word(_ESCAPED.sub(rb"\1", token["inner"]), True)
            else:
                self._word(text, False)
        if len(self._found) < self._most:
            self._finish()
        if self._in_group:
            self._found.append(GROUP_END)
        return tuple(self._found)

    def _special(self, text: bytes) -> None:
        if text == b"<" and (self._angle is None or not self._angle_closed):
            self._angle = []
        elif text == b">" and self._angle is not None:
            self._angle_closed = True
        elif text == b"," and self._angle is not None and not self._angle_closed:
            # `<@a,@b:c@d>` is a route; any other comma means that the `>` is missing.
            if self._angle and self._angle[0] == b"@" and b":" not in self._angle:
                self._angle.append(text)
            else:
                self._finish()
        elif text == b",":
            self._finish()
        elif text == b";":
            self._finish()
            if self._in_group:
                self._in_group = False
                self._found.append(GROUP_END)
        elif text == b":" and self._angle is None and not self._in_group:
            name = self._phrase()
            if name.lower() == b"mailto":
                self._begin()
                return
            if b"@" in self._words or not name:
                self._word(text, False)
                return
            self._begin()
            self._in_group = True
            self._found.append(Address(None, None, name, None))
        elif text in b"@:":
            self._word(text, False)

    def _word(self, text: bytes, quoted: bool) -> None:
        if self._angle is not None and not self._angle_closed:
            self._angle.append(text)
        elif self._angle is None:
            if self._words and self._blank_before_word:
                self._words.append(b" ")
            self._words.append(text)
            self._quoted_word = self._quoted_word or quoted
        self._blank_before_word = False

    def _phrase(self) -> bytes:
        return b"".join(self._words).strip()

    def _finish(self) -> None:
        """The address that has been collected, if there is one."""
        phrase = self._phrase()
        comment = next((text for text in reversed(self._comments) if text), None)
        if self._angle is not None:
            route, mailbox, host = _angle_address(self._angle)
            self._found.append(Address(phrase or comment, route, mailbox, host))
        elif b"@" in self._words:
            mailbox, host = _at_last(self._words)
            self._found.append(Address(comment, None, mailbox, host))
        elif phrase and (b" " in phrase or self._quoted_word):
            self._found.append(Address(phrase, None, b"", b""))
        elif phrase:
            self._found.append(Address(comment, None, phrase, b""))
        self._begin()


def _comment(value: bytes, position: int) -> tuple[bytes, int]:
    """The text of a comment, nested ones with it, whose `(` stands before `position`; and its
    end."""
    depth = 1
    text: list[bytes] = []
    for piece in _COMMENT_PIECES.finditer(value, position):
        found = piece.group()
        if found == b"(":
            depth += 1
        elif found == b")":
            depth -= 1
            if not depth:
                return b"".join(text).strip(), piece.end()
        text.append(found[1:] if found.startswith(b"\\") else found)
    return b"".join(text).strip(), len(value)


def _angle_address(words: list[bytes]) -> tuple[bytes | None, bytes, bytes]:
    """Route, mailbox and host of what stands between `<` and `>`."""
    route = None
    if words and words[0] == b"@" and b":" in words:
        colon = words.index(b":")
        route, words = b"".join(words[:colon]), words[colon + 1 :]
    mailbox, host = _at_last(words)
    return route, mailbox, host


def _at_last(words: list[bytes]) -> tuple[bytes, bytes]:
    """Mailbox and host, parted at the last `@`; blanks around are dropped (obsolete syntax)."""
    kept = [word for word in words if word != b" "]
    if b"@" not in kept:
        return b"".join(kept), b""
    at = len(kept) - 1 - kept[::-1].index(b"@")
    return b"".join(kept[:at]), b"".join(kept[at + 1 :])
