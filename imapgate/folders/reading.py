"""FETCH: ready-made bytes from storage, in batches (rule 18)."""

from __future__ import annotations

from collections.abc import Sequence

from imapgate.activities.people import Person
from imapgate.folders.tree import Folder
from imapgate.wire.commands import BodyItem, Item
from storage import Tx

BATCH = 128 * 1024
"""Octets after which a batch ends."""


class FetchCursor:
    """Walks the messages of one FETCH; each `step` is one short read transaction and gives one batch of whole
    response bytes (a large body is cut anywhere between steps). Messages expunged meanwhile by others: what
    is still stored is served, flags as last known or empty (RFC 2180 4.1)."""

    def __init__(
        self,
        person: Person,
        folder: Folder,
        numbered: Sequence[tuple[int, int]],
        items: Sequence[Item | BodyItem],
        recent_from: int,
        flags_changed: frozenset[int] = frozenset(),
        with_uid: bool = False,
    ) -> None:
        """numbered: (sequence number, UID) pairs. flags_changed: UIDs that this FETCH made \\Seen, whose FLAGS are
        told along. with_uid: UID FETCH."""
        raise NotImplementedError

    @property
    def done(self) -> bool:
        raise NotImplementedError

    def step(self, tx: Tx) -> list[bytes]:
        """At least one octet of progress unless done."""
        raise NotImplementedError
