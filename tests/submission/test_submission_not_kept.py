"""The database goes away while a client waits for the answer to its mail."""

from __future__ import annotations

import pytest
from posting import ANN, Relay, mail
from world import World

from imapgate.outgoing import left_over
from imapgate.submission.delivering import Sender, Submitted, submit
from storage import outbox as rows
from storage import outbox_log, people
from storage.engine import Unavailable
from storage.outbox_log import Wanted


def test_the_client_hears_what_the_server_said_though_it_cannot_be_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was sent: whoever heard otherwise would send it again. And again it isn't sent twice."""
    row = world.db.read(lambda tx: people.principal_by_id(tx, world.alice.id))
    assert row is not None
    who = Sender(world.alice, row.password_hash)
    submitted = Submitted("alice@example.org", (ANN,), mail(sender="alice@example.org"))

    def refuse(_work: object) -> object:
        raise Unavailable("the database's disk is full")

    relay = Relay(during=lambda: monkeypatch.setattr(world.db, "write", refuse))
    came = submit(world.db, who, submitted, relay)
    monkeypatch.undo()
    assert (came.reply.code, came.outbox_id) == (250, 1)
    assert submit(world.db, who, submitted, relay).reply.code == 451
    left_over.tidy(world.db, (), everything=True)
    again = submit(world.db, who, submitted, relay).reply
    assert (again.code, "may have been sent" in again.text) == (554, True)
    assert len(relay.taken) == 1
    assert world.db.read(lambda tx: outbox_log.ids(tx, Wanted(), (rows.UNCERTAIN,))) == [1]
