"""One message stays below 1 MiB beside its attachments, whatever hangs on the activity."""

from __future__ import annotations

from typing import Any

import pytest
import world
from desk import Desk, mail
from rendering_board import Board
from sqlalchemy import event

from imapgate.folders.rendering import gathering
from imapgate.limits import MIB
from storage import Database, activities, emails, links, people
from storage.activities import NewActivity
from storage.links import FollowUpRow


@pytest.fixture
def board(db: Database) -> Board:
    return Board(world.build(db))


WORST = ("\U0001f600 ", "&\n", "\t\t\t\t\t\t\tb")
"""What takes the most octets in quoted-printable, HTML, or both."""


@pytest.mark.parametrize("letters", WORST)
def test_the_largest_activity(board: Board, letters: str) -> None:
    """More follow-ups, links, mails and media than are shown, each text longer than is shown."""
    name = (letters * 300)[:600]
    text = letters * 10_000
    Desk(board.world, board.world.alice).append("Trackers/Support", mail())
    number = board.new()
    board.change(number, name=name, description=text, detailed_description=f"{text}.")
    _fill(board, number, 60, name, text)
    octets = board.octets(number)
    assert len(octets) < MIB
    told = board.text(number)
    for more in ("and 10 older", "and 10 more that are not named here", "and 10 more"):
        assert more in told
    assert "more characters are left out here: see `imapgate activity show" in told


def test_what_is_left_out_is_told(board: Board) -> None:
    """The beginning of each text stays, and where the rest is."""
    number = board.new(description="word " * 10_000)
    board.follow_up(number, "Long", "letter " * 5_000)
    activity_id, group_id = board.id(number), board.world.groups["Support"]
    found = board.world.db.read(lambda tx: gathering.gather(tx, activity_id, group_id))
    told = board.text(number)
    for cut, whole in ((found.description, 49_999), (found.follow_ups[0].text, 34_999)):
        assert cut.left_out + len(cut.text) == whole
        assert cut.text.endswith(("word", "letter"))
        assert f"({cut.left_out} more characters are left out here: see `imapgate activ" in told


def test_as_many_queries_however_much_hangs_on_it(board: Board) -> None:
    """Who may see what is looked up by groups, not by activity."""
    Desk(board.world, board.world.alice).append("Trackers/Support", mail())
    number = board.new()
    board.put_into(number, "VIP customers")
    _fill(board, number, 2, "name", "text")
    few = _queries(board, number)
    _fill(board, number, 60, "name", "text")
    # Three more: of those that aren't shown, how many there are.
    assert _queries(board, number) == few + 3


def _queries(board: Board, number: int) -> int:
    activity_id, group_id = board.id(number), board.world.groups["VIP customers"]
    found: list[str] = []

    def work(tx: Any) -> None:
        event.listen(tx.connection, "before_cursor_execute", lambda *given: found.append(given[2]))
        gathering.gather(tx, activity_id, group_id)

    board.world.db.read(work)
    return len(found)


def _fill(board: Board, number: int, times: int, name: str, text: str) -> None:
    activity_id = board.id(number)
    here = board.world

    def work(tx: Any) -> None:
        of = activities.by_id(tx, activity_id)
        for n in range(times):
            links.add_follow_up(
                tx, activity_id, FollowUpRow(name, f"{name}.", text[:9_000], 1, None, None, n)
            )
            for is_mail in (True, False):
                made = activities.add(
                    tx,
                    NewActivity(
                        here.segment_id, people.take_number(tx, here.segment_id), of.type_id, None,
                        name, "", "", of.state_id, 2, None, None, None,
                    ),
                )  # fmt: skip
                activities.put_into_group(tx, made, here.groups["Support"])
                links.add_link(tx, made, activity_id, "RELATES_TO")
                if is_mail:
                    emails.add(tx, made, here.segment_id, 1, b"", name, f"m{n}@example.com", n, "")
        activities.add_media(
            tx,
            activity_id,
            [activities.MediaRow(name, "text/plain", 1, 1, "1", None, False)] * times,
        )

    board.world.db.write(work)
