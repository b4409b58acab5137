"""An activity's message says of others only what every member of the group may see, for which it is
written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from desk import LIMITS, Desk, mail
from rendering_board import Board
from world import build

from imapgate.activities import groups
from imapgate.folders.groups import members_changed
from imapgate.folders.revisions import making
from imapgate.limits import Limits
from storage import Database, revisions

SECRET = "Secret offer"


@pytest.fixture
def board(db: Database) -> Board:
    """Support: alice, bob and carol; Sales and VIP customers: alice and bob."""
    return Board(build(db))


def _whole(board: Board, number: int, group: str) -> str:
    """All that stands in it, in its header and both of its forms."""
    header = "\n".join(f"{name}: {value}" for name, value in board.mail(number, group).items())
    return header + board.text(number, group) + board.html(number, group)


@pytest.mark.parametrize("way", ["out", "in"])
def test_a_link_is_named_where_all_may_see_it(board: Board, way: str) -> None:
    """Not in Support, where carol is, who isn't in Sales; and it is told that there is one."""
    number = board.new()
    board.put_into(number, "VIP customers")
    other = board.new(SECRET, creator="Meetings")
    one, to = (number, other) if way == "out" else (other, number)
    board.link(one, to)
    hidden = _whole(board, number, "Support")
    assert SECRET not in hidden
    assert str(other) not in hidden
    assert "1 that is not named here" in board.text(number, "Support")
    shown = board.text(number, "VIP customers")
    assert f"#{other} {SECRET}" in shown
    assert "not named" not in shown


def test_a_mail_that_some_may_not_see(board: Board) -> None:
    """Neither its subject nor its number, sender or Message-ID; the follow-up that it made is the
    activity's own."""
    number = board.new()
    board.put_into(number, "VIP customers")
    alice = Desk(board.world, board.world.alice)
    hidden = mail(f"Offer #{number}", "secret").replace(b"Erika", b"Mallory")
    assert alice.append("Trackers/Sales", hidden).text
    whole = _whole(board, number, "Support")
    assert str(number + 1) not in whole
    assert "secret@" not in whole
    assert "Linked e-mails\n\n  1 that is not named here\n" in board.text(number, "Support")
    assert "Good morning." in board.text(number, "Support")
    shown = _whole(board, number, "VIP customers")
    assert f"#{number + 1} Offer" in shown
    assert "<msecret@example.com>" in shown


def test_groups_of_which_some_are_no_members(board: Board) -> None:
    """carol doesn't learn that a customer is a VIP."""
    number = board.new()
    board.put_into(number, "VIP customers")
    assert "VIP" not in _whole(board, number, "Support")
    assert "Groups:       Support, VIP customers\n" in board.text(number, "VIP customers")


def test_each_member_may_see_it_by_another_group(board: Board) -> None:
    """All of them count, each by any of the other activity's groups."""
    number = board.new()
    other = board.new(SECRET, creator="Meetings")
    board.link(number, other)
    here = board.world

    def join(tx: Any) -> None:
        release = groups.find_group(tx, here.segment_id, "Release 1.0")
        member, new = groups.set_member(tx, release, "carol@Standard", "viewer")
        members_changed(tx, release.id, member if new else None)

    here.db.write(join)
    assert SECRET not in board.text(number)
    board.put_into(other, "Release 1.0")
    assert SECRET in board.text(number)


def test_follow_ups_of_a_mail_that_some_may_not_see_name_no_number(board: Board) -> None:
    """It is told where it came from only to those who can look."""
    number = board.new()
    board.put_into(number, "VIP customers")
    alice = Desk(board.world, board.world.alice)
    alice.append("Trackers/Sales", mail(f"#{number}"))
    assert f"(from #{number + 1})" in board.text(number, "VIP customers")
    assert "(from" not in board.text(number, "Support")


def test_who_joins_learns_nothing_that_was_told_before(board: Board) -> None:
    """What was written when all could see it is written anew, quietly, and at once, however short
    ago that was; what says nothing of that kind stays."""
    here = board.world
    sales = [board.new(name, creator="Meetings") for name in ("Linked", "In two groups", "Alone")]
    other = board.new(SECRET, creator="GadgetASupport")
    board.link(sales[0], other)
    board.put_into(sales[1], "VIP customers")
    _write_all(board)
    carol = Desk(here, here.carol)

    def join(tx: Any) -> None:
        found = groups.find_group(tx, here.segment_id, "Meetings")
        member, new = groups.set_member(tx, found, "carol@Standard", "viewer")
        members_changed(tx, found.id, member if new else None)

    # She is in Support already, so that nothing of that is kept from her.
    here.db.write(join)
    assert _due(board) == [board.id(sales[1])]
    _write_all(board, LIMITS)
    told = {
        one.split(b"\r\nSubject: ")[1].split(b"\r\n")[0]: one for one in carol.contents(MEETINGS)
    }
    assert len(told) == 3
    assert not any(b"VIP" in one for one in told)

    def leave(tx: Any) -> None:
        for name in ("Meetings", "Support"):
            groups.remove_member(tx, groups.find_group(tx, here.segment_id, name), "carol@Standard")

    here.db.write(leave)
    board.change(sales[0], priority=3)
    _write_all(board)
    here.db.write(join)
    assert sorted(_due(board)) == [board.id(sales[0]), board.id(sales[1])]
    _write_all(board, LIMITS)
    assert not any(SECRET.encode() in one for one in carol.contents(MEETINGS))


MEETINGS = "Trackers/Meetings"
AT_ONCE = replace(LIMITS, revision_time=0)


def _write_all(board: Board, limits: Limits = AT_ONCE) -> None:
    while making.make_due(board.world.db, limits):
        pass
    assert _due(board) == []


def _due(board: Board) -> list[int]:
    rows = board.world.db.read(lambda tx: revisions.due(tx, 100))
    return [one.activity_id for one in rows]
