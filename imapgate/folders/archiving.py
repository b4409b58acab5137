"""What a journal mailbox brought: the original out of its envelope, filed once.

Missing yet: envelopes, directions, and what two copies have in common.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from imapgate.activities.people import Person
from imapgate.activities.routing import Policy
from imapgate.folders import ready, records
from imapgate.folders.arriving import Arrived, NotFiled, arrive
from imapgate.limits import Limits
from imapgate.mime.index import Content
from storage import Tx


@dataclass(frozen=True, slots=True)
class Opened:
    """prepared: the original, or the message itself where it stands in no envelope."""

    prepared: ready.Prepared


def opened(content: Content, prepared: ready.Prepared | None = None) -> Opened:
    """Outside of any transaction; prepared: of the content, where it is at hand. Never raises for
    what a message contains; raises OSError where a large one can't be unpacked."""
    return Opened(prepared or ready.prepare(content))


def archive(
    tx: Tx,
    person: Person,
    message: Opened,
    stored_message_id: int,
    internal_at: int,
    internal_zone: int,
    policy: Policy,
    road: records.Road,
    limits: Limits,
) -> Arrived | NotFiled:
    """File it, in the caller's transaction. stored_message_id: what the account brought, with its
    envelope; an original out of an envelope is stored beside it."""
    policy = replace(policy, commands=False)
    return arrive(
        tx,
        person,
        message.prepared,
        stored_message_id,
        internal_at,
        internal_zone,
        policy,
        road,
        limits,
    )
