"""Another process takes somebody out of a group, and this one hasn't heard of it yet: nothing of
the group is told or done any more, though it is still selected."""

from __future__ import annotations

import pytest
from desk import Desk, mail
from neighbours import KNOWN, QUICK, stage
from rows import ROWS
from transcript import Stage

from imapgate.activities import groups, passwords
from imapgate.folders import groups as folder_groups
from imapgate.session.commands import COMMANDS
from imapgate.session.state import SELECTED
from imapgate.wire import commands as c
from storage import Database, Tx

GONE = b"* BYE The selected folder is gone, or you may no longer see it.\r\n"
TELLS_NOTHING = (c.Check, c.Unselect)
"""They end or go on without a look into the folder."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", lambda: QUICK)


def taken_out(playing: Stage) -> None:
    """By a process of its own; the news stay in the change rows."""
    world = playing.world
    world.db.changes.check()
    other = Database.open(world.db.path)

    def leave(tx: Tx) -> None:
        group = groups.find_group(tx, world.segment_id, "Sales")
        groups.remove_member(tx, group, "bob@Standard")
        folder_groups.members_changed(tx, group.id)

    try:
        other.write(leave)
    finally:
        other.close()


LINES = [
    line.replace("{foreign}", "INBOX").replace("{own}", "INBOX")
    for kind, lines in ROWS.items()
    if COMMANDS[kind].states == SELECTED and kind not in TELLS_NOTHING
    for line in lines[:4]
]


@pytest.mark.parametrize("line", sorted(set(LINES)))
def test_nothing_is_told_or_done(line: str) -> None:
    """bob, who was its manager, has mails and an activity marked as deleted there."""
    with stage(neighbours=False) as (playing, _):
        world = playing.world
        Desk(world, world.bob).append("Trackers/Sales", mail("More", n="more", body="More."))
        client = playing.client("bob")
        for begin in (b"SELECT Trackers/Sales", rb"STORE 1:3 +FLAGS.SILENT (\Deleted \Seen)"):
            client.send(b"a " + begin + b"\r\n")
            assert b"a OK" in client.wire.take()
        before = Desk(world, world.alice).rows("Trackers/Sales")
        taken_out(playing)
        client.send(b"b " + line.encode() + b"\r\n")
        told = client.wire.take()
        after = Desk(world, world.alice).rows("Trackers/Sales")
        assert after == before
        assert len(after) == 3
        assert after[1].content == KNOWN
        assert b"FETCH" not in told
        assert b"SEARCH " not in told
        assert b"EXPUNGE" not in told
        assert told.endswith(GONE) or told.startswith((b"b NO", b"b BAD")), told
        assert Desk(world, world.bob).contents("INBOX") == []
