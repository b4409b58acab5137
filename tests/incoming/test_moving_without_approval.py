"""Mail that comes in by itself and would move an activity on, where that wants approval: it asks,
whoever it says that it is from, and in whose name it is filed."""

from __future__ import annotations

import pytest
from approving import offer, office
from going_out import add_mailer
from postbox import Postbox, letter, outcomes
from world import World, build

from imapgate.activities import approvals, by_hand, creators
from imapgate.activities.approvals import Approval
from storage import Database


@pytest.fixture
def box(db: Database) -> Postbox:
    """`Complete` wants bob's approval, and mails take it."""
    world = build(db)
    add_mailer(world)
    office(world)
    offer(world, "Complete", approvers=("bob",))
    world.db.write(
        lambda tx: creators.edit_creator(
            tx, world.segment_id, "GadgetASupport", follow_up_transition="Complete"
        )
    )
    return Postbox(world, {"use_linked_user": True, "stranger": "link"})


def _incident(world: World) -> int:
    number = Postbox(world).incident()
    world.db.write(lambda tx: by_hand.follow_up(tx, world.segment_id, number, transition="Assign"))
    return number


def _requests(world: World) -> list[Approval]:
    return world.db.read(lambda tx: approvals.list_approvals(tx, world.segment_id))


@pytest.mark.parametrize("sender", ["bob@example.org", "Erika <erika@example.com>"])
@pytest.mark.parametrize("logging_user", ["bob", None])
def test_it_asks(box: Postbox, sender: str, logging_user: str | None) -> None:
    """From names bob, which anybody can write; or it is logged by bob, who may not have read it."""
    box.logging_user = logging_user
    number = _incident(box.world)
    came = box.take(letter(f"Done #{number}", sender=sender))
    assert outcomes(came) == [(number, "linked")]
    assert box.show(number)["state"] == "In Progress"
    (asked,) = _requests(box.world)
    assert (asked.number, asked.state, asked.approvers) == (number, "open", ("bob@example.org",))


def test_it_ends_no_request(box: Postbox) -> None:
    """The token of the request does, which bob alone has."""
    number = _incident(box.world)
    for n in range(2):
        box.take(letter(f"Done #{number}", n, sender="bob@example.org"))
    (asked,) = _requests(box.world)
    assert (asked.state, box.show(number)["state"]) == ("open", "In Progress")
