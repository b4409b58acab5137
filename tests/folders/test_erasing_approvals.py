"""Replies to requests for approval, and what they decided about, are erased."""

from __future__ import annotations

import pytest
import world as worlds
from approving import Office, offer, office, reply
from erasures import erase, everything

from storage import Database


@pytest.fixture
def place(db: Database) -> Office:
    """`Complete` is offered."""
    world = worlds.build(db)
    offer(world)
    return office(world)


def test_an_erased_reply_leaves_the_decision_and_no_word_of_it(place: Office) -> None:
    """Who decided what, and when, stays."""
    number = place.incident("Assign")
    asked = place.request(number)
    text = "approve\n\nZyxwmark, since nobody minds"
    came = place.comes(reply(place.token(asked), text, "Zyxwmark Roe <bob@example.org>"))
    assert came.code == "$Approved"
    assert "zyxwmark" in everything(place.world)
    assert came.number is not None
    erase(place.world, came.number)
    assert "zyxwmark" not in everything(place.world)
    shown = place.shown(number)
    assert (shown["state"], shown["follow_ups"][-1]["transition"]) == ("Complete", "Complete")
    assert place.state(asked) == "approved"


def test_an_erased_activity_is_approved_no_more(place: Office) -> None:
    """Its request ends with the first reply."""
    number = place.incident("Assign")
    asked = place.request(number)
    token = place.token(asked)
    erase(place.world, number)
    assert place.comes(reply(token, "approve")).code == "$Impossible"
    assert place.shown(number)["state"] == "Closed"
