"""What `doctor` says of transitions that want approval."""

from __future__ import annotations

from collections.abc import Iterator

from imapgate.activities import approvers, approving
from imapgate.activities.names import Mistake
from imapgate.activities.segments import list_segments
from storage import Database, Tx, used_addresses


def faults(db: Database) -> Iterator[str]:
    """Those that nobody could be asked to approve, so that they can't be taken."""
    yield from db.read(_faults)


def _faults(tx: Tx) -> list[str]:
    found = []
    for segment in list_segments(tx):
        for one in used_addresses.of_transitions(tx, segment.id):
            if not one.approvers:
                continue
            try:
                approving.check_way(tx, segment.id)
                approvers.checked(tx, segment.id, one.approvers)
            except Mistake as mistake:
                what = f'Transition "{one.transition}" of {one.process} (segment {segment.name})'
                found.append(f"{what} wants approval. {mistake}")
    return found
