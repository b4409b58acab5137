"""One message stays below 1 MiB beside its attachments, whatever hangs on the activity."""

from __future__ import annotations

from typing import Any

import pytest
import world
from desk import Desk, mail
from rendering_board import Board
from sqlalchemy import event, update

from imapgate.folders.rendering import gathering
from imapgate.limits import MIB
from storage import Database, activities, contacts, emails, links, people
from storage.activities import NewActivity
from storage.links import FollowUpRow
from storage.schema import segment


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


@pytest.mark.parametrize("sign", ["\U0001f600", "&"])
def test_names_and_addresses_on_the_web_share_the_room(board: Board, sign: str) -> None:
    """All of it as long as it may be, by a stranger too: then fewer of each are named."""
    here, number = board.world, board.new()
    activity_id = board.id(number)
    board.change(number, name=sign * 1_000, description="a" + "\t" * 30_000 + "b")

    def write(tx: Any) -> None:
        pattern = f"https://a.example/{sign * 900}{{number}}"
        tx.connection.execute(update(segment).values(activity_url=pattern))
        writer = contacts.add(tx, here.segment_id, sign * 200, None)
        address = contacts.add_address(tx, here.segment_id, writer, "a@b.example", "a@b.example")
        of = activities.by_id(tx, activity_id)
        for n in range(60):
            mail_id = activities.add(
                tx,
                NewActivity(
                    here.segment_id, people.take_number(tx, here.segment_id), of.type_id, None,
                    "", "", "", of.state_id, 2, None, None, None,
                ),
            )  # fmt: skip
            activities.put_into_group(tx, mail_id, here.groups["Support"])
            links.add_link(tx, mail_id, activity_id, "RELATES_TO")
            emails.add(tx, mail_id, here.segment_id, 1, b"", sign * 900, f"m{n}@b.example", n, "")
            emails.set_recipients(tx, mail_id, [emails.Recipient("from", address, "")])
            title, text = f"{n}. {sign * 900}", f"a{sign * 3_000}"
            row = FollowUpRow(None, title, text, None, writer, mail_id, n)
            links.add_follow_up(tx, activity_id, row)

    Desk(here, here.alice).append("Trackers/Support", mail())
    here.db.write(write)
    assert len(board.octets(number)) < MIB
    told = board.text(number)
    newest = told.partition("Follow-ups, the newest first")[2].lstrip()
    assert ": 59. " in newest.splitlines()[0]
    shown = sum(f": {n}. " in told for n in range(60))
    assert 6 <= shown < 50
    assert f"and {60 - shown} older" in told
    assert f"and {60 - shown} more that are not named here" in told


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


def test_texts_of_follow_ups_are_not_sorted(board: Board) -> None:
    """Else every one of them would be read for each revision."""
    number = board.new()
    board.follow_up(number, "One", "Text")

    def plans(tx: Any) -> list[str]:
        run: list[tuple[str, Any]] = []
        event.listen(tx.connection, "before_cursor_execute", lambda *given: run.append(given[2:4]))
        gathering.gather(tx, board.id(number), board.world.groups["Support"])
        asked = [one for one in run if "FROM follow_up LEFT" in one[0]]
        return [
            str(row)
            for statement, given in asked
            for row in tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
        ]

    found = board.world.db.read(plans)
    assert "ix_follow_up_activity_id" in "".join(found)
    assert "ORDER BY" not in "".join(found)


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
