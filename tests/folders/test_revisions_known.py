"""An activity's message that comes back is known, also once its octets are gone."""

from __future__ import annotations

import threading

import pytest
from desk import Desk, mail, message_count
from revising import SUPPORT, Case, case, make
from sqlalchemy import delete, select
from world import World, build

from imapgate.folders import ready
from imapgate.folders.revisions import keeping, recognising
from storage import Database
from storage.messages import LEAVING
from storage.schema import expunged_entry, message


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def one(world: World) -> Case:
    made = case(world)
    make(world.db)
    return made


def standing(world: World) -> bytes:
    return Desk(world, world.alice).rows(SUPPORT)[0].content


def recognised(world: World, content: bytes) -> int | None:
    prepared = ready.prepare(content)
    return world.db.read(
        lambda tx: recognising.recognise(tx, world.segment_id, prepared.identity, prepared.mail)
    )


def a_day_later(world: World) -> None:
    """Nobody reads any more what was expunged."""
    world.db.write(lambda tx: tx.connection.execute(delete(expunged_entry)))


def test_the_same_message(world: World, one: Case) -> None:
    content = standing(world)
    assert recognised(world, content) == one.id
    local = b"X-Mozilla-Status: 0001\r\n" + content + b"\r\n"
    assert recognised(world, local) == one.id
    assert recognised(world, mail()) is None
    elsewhere = world.db.read(
        lambda tx: recognising.recognise(
            tx, world.segment_id + 1, ready.prepare(content).identity, ready.prepare(content).mail
        )
    )
    assert elsewhere is None


def test_another_form_of_it(world: World, one: Case) -> None:
    """A client wrote it anew: From, Date and text have to agree with the Message-ID."""
    content = standing(world)
    rewritten = content.replace(b"\r\nMIME-Version:", b"\r\nX-Client: 1\r\nMIME-Version:", 1)
    assert rewritten != content
    assert recognised(world, rewritten) == one.id
    assert recognised(world, content.replace(b"It stays dark.", b"It shines.")) is None


def test_an_old_revision(world: World, one: Case) -> None:
    content = standing(world)
    one.write(world.bob, "News")
    make(world.db)
    assert recognised(world, content) == one.id
    assert keeping.forget(world.db) == 0
    a_day_later(world)
    before = message_count(world)
    assert keeping.forget(world.db) == 1
    assert message_count(world) == before - 1
    assert [row.stored_message_id is None for row in one.renderings()] == [True, False]
    assert recognised(world, content) == one.id
    assert recognised(world, standing(world)) == one.id


def test_octets_stay_that_anybody_has(world: World, one: Case) -> None:
    """A copy in somebody's own folder is an ordinary message."""
    alice = Desk(world, world.alice)
    content = standing(world)
    alice.copy(SUPPORT, [1], "INBOX")
    one.write(world.bob, "News")
    make(world.db)
    a_day_later(world)
    assert keeping.forget(world.db) == 0
    assert alice.contents("INBOX") == [content]


def test_it_stops_between_two_transactions(
    world: World, one: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (10, 20, 30):
        one.change(percent_complete=number)
        make(world.db)
    a_day_later(world)
    ending = threading.Event()
    ending.set()
    assert keeping.forget(world.db, ending) == 0
    monkeypatch.setattr(keeping, "AT_ONCE", 1)
    assert keeping.forget(world.db) == 3
    left = select(message.c.id).where(message.c.identity == LEAVING)
    assert world.db.read(lambda tx: tx.connection.execute(left).all()) == []
