"""`imapgate doctor` on the outbox."""

from __future__ import annotations

import time
from contextlib import closing

import posting
import pytest
from command import Command
from doctoring import broken, look, sql
from posting import Relay, with_mailer
from world import World

from imapgate.outgoing.delivery import REFUSED, UNCERTAIN
from imapgate.outgoing.sending import send_one
from storage import Database

HOUR = 60 * 60
SET = "UPDATE outbox SET {} WHERE id = 1"
OUTBOX, NOT_SENT = "outbox", "mails not sent"


@pytest.fixture
def sent(demo: Command) -> Command:
    """One mail waits, one was sent."""
    with closing(Database.open(demo.data / "imapgate.db")) as db:
        world = World(db, 1, {}, {})
        with_mailer(world)
        posting.put(world, kind="notification")
        send_one(db, posting.put(world), Relay())
    return demo


def test_a_sound_outbox_is_ok(sent: Command) -> None:
    """What waits for its turn is no finding."""
    found = look(sent)
    assert (found[OUTBOX]["state"], found[NOT_SENT]["state"]) == ("ok", "ok")


@pytest.mark.parametrize(
    ("outcome", "told"), [(UNCERTAIN, "may have been sent"), (REFUSED, "could not be delivered")]
)
def test_what_waits_for_a_word_is_a_notice(sent: Command, outcome: str, told: str) -> None:
    """With how many there are, and since when."""
    with closing(Database.open(sent.data / "imapgate.db")) as db:
        send_one(db, 1, Relay([outcome]))
    found = look(sent)[NOT_SENT]
    assert found["state"] == "notice"
    (sentence,) = found["found"]
    assert sentence.startswith(f"1 of segment Standard {told}")
    assert "imapgate outbox list" in found["advice"]


def test_what_a_client_was_told_is_no_finding(sent: Command) -> None:
    """Else every mistyped address would be one for a week."""
    with closing(Database.open(sent.data / "imapgate.db")) as db:
        number = posting.put(World(db, 1, {}, {}), kind="submission")
        send_one(db, number, Relay([REFUSED]))
    assert look(sent)[NOT_SENT]["state"] == "ok"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ("next_at = NULL", "are held"),
        ("next_at = {old}", "nobody sends them"),
        ("state = 'handing over', changed_at = {old}", "were being handed over"),
    ],
)
def test_what_nobody_sends_is_a_notice(sent: Command, values: str, told: str) -> None:
    """A server that doesn't run, a person who hasn't decided."""
    sql(sent, SET.format(values.format(old=int(time.time()) - 2 * HOUR)))
    (sentence,) = look(sent)[NOT_SENT]["found"]
    assert told in sentence


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (SET.format("state = 'odd'"), "a state that there is not"),
        ("UPDATE outbox_recipient SET state = 'odd' WHERE outbox_id = 2", "that there is not"),
        ("DELETE FROM outbox_recipient WHERE outbox_id = 2", "goes to nobody"),
        (SET.format("state = 'sent'"), "its recipients say otherwise"),
        (SET.format("stored_message_id = NULL"), "has lost its message"),
        (
            "INSERT INTO segment (id, name, name_key, next_number, created_at)"
            " VALUES (99, 'X', 'x', 1, 0); UPDATE mailer SET segment_id = 99",
            "of another segment",
        ),
    ],
)
def test_rows_that_disagree_are_a_problem(sent: Command, statement: str, told: str) -> None:
    """Each is told by the mail's number."""
    sql(sent, *statement.split("; "))
    found = broken(sent)[OUTBOX]
    assert any(told in one for one in found), found


def test_a_damaged_mail_is_told_by_its_number(sent: Command) -> None:
    """It stands in no folder: nobody would know which it is."""
    sql(
        sent,
        "UPDATE message_chunk SET bytes = x'00' WHERE stored_message_id ="
        " (SELECT stored_message_id FROM outbox WHERE id = 1)",
    )
    (found,) = broken(sent)["messages"]
    assert "mail 1 of the outbox" in found
