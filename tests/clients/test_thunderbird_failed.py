"""Real Thunderbird: what could not be filed is dragged from Incoming/Failed onto a group."""

from __future__ import annotations

from contextlib import closing

import pytest
from coming_in import add_account, fail, row
from demo_server import Demo, mail
from thunderbird import Thunderbird
from world import World

from storage import Database

pytestmark = pytest.mark.client("thunderbird", "Xvfb")

FAILED, SUPPORT = "Incoming/Failed", "Trackers/Support"
MAILS = {"First": mail(41, "First"), "Second": mail(42, "Second"), "Third": mail(43, "Third")}


@pytest.fixture
def rows(demo: Demo) -> list[int]:
    """Three mails that came for Support, of which Alice is a manager; beside the running server."""
    demo.command("member", "set", "Support", "alice", "manager")
    with closing(Database.open(demo.data / "imapgate.db")) as db:
        world = World(db, 1, {}, {})
        account = add_account(world, creator="Support E-Mails")
        return [fail(world, one, account) for one in MAILS.values()]


def test_thunderbird_drags_what_failed_onto_a_group(
    rows: list[int], thunderbird: Thunderbird, demo: Demo
) -> None:
    """Several at once, moved; and one that is copied, which leaves all the same."""
    assert sorted(thunderbird.open_folder(FAILED)) == sorted(MAILS)
    assert thunderbird.drag(FAILED, ["First", "Second"], SUPPORT, "move") == "move"
    thunderbird.until("has_all", SUPPORT, ["First", "Second"])
    thunderbird.until("lacks", FAILED, "First")
    assert list(demo.arrived(FAILED, 1).values()) == [MAILS["Third"]]
    assert thunderbird.drag(FAILED, ["Third"], SUPPORT, "copy") == "copy"
    thunderbird.until("has_all", SUPPORT, ["Third"])
    thunderbird.until("is_empty", FAILED)
    arrived = demo.arrived(SUPPORT, 9)
    assert [arrived[uid] for uid in sorted(arrived)[-3:]] == list(MAILS.values())
    with closing(Database.open(demo.data / "imapgate.db")) as db:
        assert {row(World(db, 1, {}, {}), one).state for one in rows} == {"filed"}
