"""Replies to requests for approval: each is filed, and may take a transition.

Missing yet: the deciding; a reply is filed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from imapgate.activities.people import Person
from imapgate.activities.routing import Policy
from imapgate.folders import ready, records
from imapgate.folders.arriving import Arrived, NotFiled, arrive
from imapgate.limits import Limits
from storage import Tx


@dataclass(frozen=True, slots=True)
class Words:
    """An account's; case and punctuation don't count (mime.replies.word)."""

    approve: Collection[str]
    reject: Collection[str]


def decide(
    tx: Tx,
    person: Person,
    prepared: ready.Prepared,
    stored_message_id: int,
    internal_at: int,
    internal_zone: int,
    policy: Policy,
    words: Words,  # noqa: ARG001 (for now)
    road: records.Road,
    limits: Limits,
) -> Arrived | NotFiled:
    """What an account of kind approvals brought: filed as `arrive` does, in the caller's
    transaction, and the transition that it decides about is taken, or it becomes a follow-up, or,
    with a token that is none, nothing. Arrived.text tells which. The row's change of state in the
    same transaction makes it once."""
    policy = replace(policy, commands=False, links=False)
    return arrive(
        tx,
        person,
        prepared,
        stored_message_id,
        internal_at,
        internal_zone,
        policy,
        road,
        limits,
    )
