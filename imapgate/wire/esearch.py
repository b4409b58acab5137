"""`* ESEARCH` (RFC 4731, RFC 9051 7.3.4): what was found, as the result options ask for it."""

from __future__ import annotations

from collections.abc import Sequence

from imapgate.wire.commands import Returns
from imapgate.wire.numbers import write_set
from imapgate.wire.responses import untagged

EVERYTHING = Returns(frozenset((b"ALL",)))
"""What a SEARCH without RETURN means in IMAP4rev2 (RFC 9051 6.4.4)."""
_ENDS = frozenset((b"MIN", b"MAX"))
_ALL_FOUND = frozenset((b"ALL", b"COUNT"))


def referred(returns: Returns, found: Sequence[int]) -> Sequence[int]:
    """Of what was found, in its order, that which the options name: what `$` stands for afterwards
    (RFC 5182 2.4, RFC 9394 3.2) and what MODSEQ is the highest of (RFC 4731 3.2)."""
    named = returns.partial is not None or returns.options & _ENDS
    if not found or not named or returns.options & _ALL_FOUND:
        return found
    few = set() if returns.partial is None else set(returns.partial.of(found))
    if b"MIN" in returns.options:
        few.add(found[0])
    if b"MAX" in returns.options:
        few.add(found[-1])
    return sorted(few)


def esearch(
    tag: bytes, by_uid: bool, returns: Returns, found: Sequence[int], modseq: int | None = None
) -> bytes:
    """One response with CRLF; b"" where only SAVE was asked for (RFC 5182 2.4).

    tag: of the command. found: numbers or UIDs, ascending, or as SORT has them (RFC 5267 3.1).
    modseq: the highest of what is `referred` to, where the keys ask for one and something was
    found."""
    options = returns.options
    if options == {b"SAVE"} and returns.partial is None:
        return b""
    # Neither a quote nor a backslash can stand in a tag (RFC 3501 9).
    parts = [b"ESEARCH", b'(TAG "%b")' % tag]
    if by_uid:
        parts.append(b"UID")
    if found:
        if b"MIN" in options:
            parts.append(b"MIN %d" % found[0])
        if b"MAX" in options:
            parts.append(b"MAX %d" % found[-1])
        if b"ALL" in options:
            parts.append(b"ALL " + write_set(found))
    if returns.partial is not None:
        asked = b"%d:%d" % (returns.partial.first, returns.partial.last)
        some = write_set(returns.partial.of(found)) or b"NIL"
        parts.append(b"PARTIAL (%b %b)" % (asked, some))
    if b"COUNT" in options:
        parts.append(b"COUNT %d" % len(found))
    if modseq is not None:
        parts.append(b"MODSEQ %d" % modseq)
    return untagged(*parts)
