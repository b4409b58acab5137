"""Attachments of an activity as parts of its message, where its group's settings say so."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest
from desk import LIMITS, Desk, mail
from rendering_board import Board
from world import build

from imapgate.activities import groups
from imapgate.folders.rendering import media as rendering_media
from imapgate.limits import MIB
from storage import Database, activities
from storage.schema import message_chunk

PICTURE = bytes(range(256)) * 300


@pytest.fixture
def board(db: Database) -> Board:
    made = Board(build(db))
    set_attachments(made, True)
    return made


@pytest.fixture
def number(board: Board) -> int:
    return incident(board, PICTURE)


def incident(board: Board, picture: bytes, *more: bytes) -> int:
    """The number of one with a picture and a text, that a wrapper brought. more: further parts."""
    encoded = base64.encodebytes(picture).replace(b"\n", b"\r\n")
    parts = [
        b"Content-Type: text/plain\r\n\r\nIt stays dark.\r\n",
        b"Content-Type: message/rfc822\r\n\r\n" + mail("It stays dark"),
        b'Content-Type: image/png; name="dark.png"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        + encoded,
        b'Content-Type: text/plain; charset=iso-8859-1; name="log.txt"\r\n'
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\nk=E4put\r\n",
        *more,
    ]
    whole = (
        b"From: alice@example.org\r\nSubject: > @Support E-Mails  #GadgetASupport  Dark\r\n"
        b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="=_b"\r\n\r\n'
        + b"".join(b"--=_b\r\n" + one + b"\r\n" for one in parts)
        + b"--=_b--\r\n"
    )
    done = Desk(board.world, board.world.alice).append("Trackers/Support", whole)
    assert done.code is None or "UID" in done.code, done
    found = board.world.db.read(
        lambda tx: activities.of_segment(tx, board.world.segment_id, activity_class="Incident")
    )
    return found[0].number


def set_attachments(board: Board, shown: bool) -> None:
    here = board.world

    def work(tx: Any) -> None:
        found = groups.find_group(tx, here.segment_id, "Support")
        groups.edit_group(tx, here.segment_id, found, "tests", shown)

    here.db.write(work)


def attached(board: Board, number: int) -> dict[str | None, bytes]:
    return {
        part.get_filename(): part.get_payload(decode=True)  # type: ignore[misc]
        for part in board.mail(number).iter_attachments()
    }


def test_only_pictures_are_shown_in_it(board: Board) -> None:
    """No page or text that a mail brought, where clients show what is `inline` below the text."""
    head = b'Content-Disposition: inline; filename="%s"\r\nContent-Type: %s\r\n\r\n'
    number = incident(
        board,
        PICTURE,
        head % (b"a.html", b"Text/HTML") + b"<h1>State: Closed</h1>\r\n",
        head % (b"a.txt", b"text/plain") + b"State: Closed\r\n",
        head % (b"a.gif", b"IMAGE/gif") + b"GIF89a\r\n",
    )
    found = board.mail(number).iter_attachments()
    shown = [one.get_filename() for one in found if one.get_content_disposition() == "inline"]
    assert shown == ["a.gif"]


def test_they_are_what_came(board: Board, number: int) -> None:
    """Octet for octet, with type, name and charset."""
    assert attached(board, number) == {"dark.png": PICTURE, "log.txt": b"k\xe4put\r\n"}
    parts = list(board.mail(number).iter_attachments())
    assert [one.get_content_type() for one in parts] == ["image/png", "text/plain"]
    assert parts[1].get_content().strip() == "käput"
    assert "Attachments\n\n  dark.png (77 kB)\n  log.txt (7 bytes)\n" in board.text(number)


def test_a_large_one(board: Board) -> None:
    """It is read and written in pieces, whatever they are cut at."""
    picture = PICTURE * 25
    assert attached(board, incident(board, picture))["dark.png"] == picture


def test_the_same_octets_each_time(board: Board, number: int) -> None:
    assert board.octets(number) == board.octets(number)


def test_they_are_named_where_the_group_does_not_want_them(board: Board, number: int) -> None:
    set_attachments(board, False)
    assert attached(board, number) == {}
    assert "  dark.png (77 kB)\n" in board.text(number)


def test_what_does_not_fit_is_named(board: Board, number: int) -> None:
    """What is too large for the rest of a message; smaller ones are there all the same."""
    small = replace(board, limits=replace(LIMITS, message=MIB + 50_000))
    assert attached(small, number) == {"log.txt": b"k\xe4put\r\n"}
    assert "  dark.png (77 kB, too large to be attached)\n" in small.text(number)


def test_a_small_limit_leaves_the_message_itself(board: Board, number: int) -> None:
    """It says what there is, however small messages are to be."""
    small = replace(board, limits=replace(LIMITS, message=1_000))
    assert attached(small, number) == {}
    assert "  dark.png (77 kB)\n" in small.text(number)


def test_what_is_gone_is_named(board: Board, number: int) -> None:
    """A part that isn't in its message (any more)."""
    activity_id = board.id(number)

    def lose(tx: Any) -> None:
        of = activities.media_of(tx, activity_id)
        activities.add_media(
            tx,
            activity_id,
            [
                replace(of[0], name="a", section="9"),
                replace(of[0], name="b", section="x"),
                replace(
                    of[0], name="c", stored_message_id=of[0].stored_message_id + 1, section="7"
                ),
            ],
        )

    board.world.db.write(lose)
    told = board.text(number)
    for name in "abc":
        assert f"  {name} (77 kB, no longer there)\n" in told
    assert set(attached(board, number)) == {"dark.png", "log.txt"}


def test_a_damaged_message_keeps_nothing_from_being_read(board: Board, number: int) -> None:
    """Its attachments are named; the activity is there."""
    activity_id = board.id(number)

    def damage(tx: Any) -> None:
        of = activities.media_of(tx, activity_id)[0].stored_message_id
        tx.connection.execute(message_chunk.delete().where(message_chunk.c.stored_message_id == of))

    board.world.db.write(damage)
    assert attached(board, number) == {}
    assert "  dark.png (77 kB, can't be read any more)\n" in board.text(number)


def test_more_octets_than_were_counted(board: Board, number: int) -> None:
    """A row that names a wrong size doesn't make a message larger than it may be."""
    activity_id = board.id(number)

    def lie(tx: Any) -> None:
        of = activities.media_of(tx, activity_id)
        activities.add_media(tx, activity_id, [replace(of[0], size=1)] * 20)

    board.world.db.write(lie)
    small = replace(board, limits=replace(LIMITS, message=MIB + 150_000))
    assert attached(small, number) == {}
    assert "can't be read any more" in small.text(number)
    assert rendering_media.room(small.limits) == 150_000
