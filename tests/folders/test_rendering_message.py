"""An activity as a mail: its header, and the same octets each time."""

from __future__ import annotations

from typing import Any

import pytest
import world
from desk import Desk, mail
from rendering_board import Board

from imapgate.activities import segment_settings
from imapgate.folders.rendering import message
from storage import Database, contacts


@pytest.fixture
def board(db: Database) -> Board:
    return Board(world.build(db))


def test_says_who_reports_and_who_has_it(board: Board) -> None:
    """From the reporting contact to whom it is assigned, as of its last change."""
    Desk(board.world, board.world.alice).append("Trackers/Support", mail())
    number = board.new(contact="erika@example.com")
    board.change(number, assigned_to_id=board.world.bob.id, modified_at=1_800_000_000)
    found = board.mail(number)
    assert found["From"] == "Erika <erika@example.com>"
    assert found["To"] == "bob <bob@example.org>"
    assert found["Subject"] == f"[#{number}] Gadget does not boot"
    assert found["Date"] == "Fri, 15 Jan 2027 08:00:00 +0000"
    assert found["X-imapgate"] == "1; activity"
    assert found["X-imapgate-Activity"] == str(number)
    assert found["X-imapgate-Class"] == "Incident"
    assert found["X-imapgate-State"] == "New"
    assert found["Auto-Submitted"] == "auto-generated"


def test_nobody_has_it_yet(board: Board) -> None:
    """There is a To all the same, in the form that clients know."""
    assert board.mail(board.new())["To"] == "undisclosed-recipients:;"


def test_a_contact_without_an_address_for_mail(board: Board) -> None:
    """X.500 addresses, phone numbers and none at all: the name stands there, and nobody's
    address."""
    world = board.world

    def add(tx: Any) -> int:
        made = contacts.add(tx, world.segment_id, "Erika", world.admin.id)
        contacts.add_address(tx, world.segment_id, made, "/O=ACME/CN=ERIKA", "/o=acme/cn=erika")
        return made

    number = board.new()
    board.change(number, reporting_contact_id=world.db.write(add))
    assert board.mail(number)["From"] == "Erika <no-reply@imapgate.invalid>"


def test_without_a_contact_it_is_from_who_made_it(board: Board) -> None:
    """And from the system where nobody did."""
    number = board.new()
    assert board.mail(number)["From"] == "alice <alice@example.org>"
    board.change(number, created_by_id=None)
    assert board.mail(number)["From"] == "imapgate <no-reply@imapgate.invalid>"


def test_a_subject_is_as_the_segment_s_template_says(board: Board) -> None:
    """By which answers are found; a long name is cut, never the number."""
    number = board.new()
    board.change(number, name="ö" * 400)

    def set_up(tx: Any) -> None:
        template = "{subject} (#{number})"
        segment_settings.edit_segment(tx, "Standard", "tests", subject_template=template)

    board.world.db.write(set_up)
    subject = board.mail(number)["Subject"]
    assert subject.startswith("ööö")
    assert subject.endswith(f"ö... (#{number})")


@pytest.mark.parametrize(
    ("priority", "told"),
    [(1, ("5", "Low")), (2, (None, None)), (3, ("2", "High")), (5, ("1", "High"))],
)
def test_priority_is_shown_by_clients(
    board: Board, priority: int, told: tuple[str | None, str | None]
) -> None:
    """Clients mark what is urgent, and what is not; nothing is said of the usual."""
    number = board.new()
    board.change(number, priority=priority)
    found = board.mail(number)
    assert (found["X-Priority"], found["Importance"]) == told


def test_the_same_activity_gives_the_same_octets(board: Board) -> None:
    """Whenever it is made; another revision has another Message-ID."""
    number = board.new()
    assert board.octets(number) == board.octets(number)
    ids = [board.mail(number, revision=one)["Message-ID"] for one in (1, 2, 1)]
    assert ids[0] == ids[2] != ids[1]
    activity_id = board.id(number)
    told = board.world.db.read(lambda tx: message.message_id(tx, activity_id, 2))
    assert ids[1] == f"<{told}>"


def test_revisions_and_linked_mails_are_one_thread(board: Board) -> None:
    """Every revision refers to the first, and to the mails, the oldest first."""
    number = board.new()
    alice = Desk(board.world, board.world.alice)
    for n in (1, 2):
        assert alice.append("Trackers/Support", mail(f"Re: #{number}", n)).text
    first, second = (board.mail(number, revision=one) for one in (1, 2))
    root = f"<activity-{number}.1@imapgate.invalid>"
    mails = ["<m1@example.com>", "<m2@example.com>"]
    assert first["References"].split() == [root, *mails]
    assert first["In-Reply-To"] == root
    assert second["References"].split() == [root, first["Message-ID"], *mails]
    assert second["In-Reply-To"] == first["Message-ID"]
