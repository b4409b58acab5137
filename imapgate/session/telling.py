"""Responses that nobody asked for, in the form that this client has enabled (RFC 3501 7; CONDSTORE
and QRESYNC RFC 7162)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imapgate.folders.changed import FlagsNow
from imapgate.session.selected import Selected
from imapgate.wire.numbers import write_ranges
from imapgate.wire.responses import status

if TYPE_CHECKING:
    from imapgate.session.session import Session

CONDSTORE, QRESYNC = "CONDSTORE", "QRESYNC"
CAPABILITIES = (CONDSTORE, QRESYNC)
ENABLES = {CONDSTORE: (), QRESYNC: (CONDSTORE,)}
RANGES = 1000
"""Ranges of UIDs in one VANISHED."""


@dataclass(frozen=True, slots=True)
class Manner:
    """uid, modseq: whether each FETCH carries them. vanished: in place of EXPUNGE."""

    uid: bool
    modseq: bool
    vanished: bool


def manner(session: Session) -> Manner:
    """RFC 7162 3.2.4 demands both in FETCH as soon as the client knows CONDSTORE; RFC 9051 7.5.2
    and NOTIFY (RFC 5465 5.1) demand the UID."""
    aware = CONDSTORE in session.enabled
    uid = aware or session.rev2 or session.watch.selected is not None
    return Manner(uid=uid, modseq=aware, vanished=QRESYNC in session.enabled)


def becomes_aware(session: Session) -> None:
    """The client has sent a CONDSTORE enabling command (RFC 7162 3.1). The first one with a folder
    selected hears how far it knows that folder."""
    if CONDSTORE not in session.enabled:
        session.enabled.add(CONDSTORE)
        if session.selected is not None:
            session.output.write(highest_modseq(session.selected.told))


def highest_modseq(told: int) -> bytes:
    """`* OK [HIGHESTMODSEQ n]` (RFC 7162 3.1.2.1)."""
    return status(None, b"OK", "You know what was changed up to here.", f"HIGHESTMODSEQ {told}")


def fetch(view: Selected, now: FlagsNow, manner: Manner, flags: bool = True) -> bytes:
    """`* n FETCH (...)` of a message that the session knows; b"" of others. flags: without, the
    client is told of the mod-sequence alone."""
    number = view.number(now.uid)
    if number is None:
        return b""
    said = []
    if manner.uid:
        said.append(b"UID %d" % now.uid)
    if manner.modseq:
        said.append(b"MODSEQ (%d)" % now.modseq)
    if flags:
        said.append(b"FLAGS (%b)" % view.with_recent(now.uid, now.flags))
    return b"* %d FETCH (%b)\r\n" % (number, b" ".join(said))


def expunged(view: Selected, manner: Manner) -> Sequence[bytes]:
    """All that has gone and isn't told yet; it is told from now on."""
    if manner.vanished:
        return list(vanished([(uid, uid) for uid in view.take_vanished()]))
    return [b"* %d EXPUNGE\r\n" % number for number in view.take_expunged()]


def vanished(uids: Sequence[tuple[int, int]], earlier: bool = False) -> Iterator[bytes]:
    """`* VANISHED 3:5,9`, in several responses where it is long. uids: (first, last), ascending.
    earlier: before the folder was selected, or known otherwise (RFC 7162 3.2.10)."""
    kind = b"(EARLIER) " if earlier else b""
    for start in range(0, len(uids), RANGES):
        yield b"* VANISHED %b%b\r\n" % (kind, write_ranges(uids[start : start + RANGES]))
