"""What happens in one segment is told in no other, though everything there is called the same."""

from __future__ import annotations

import pytest
import world as worlds
from desk import Desk, mail
from test_queue_between_segments import comes
from test_queue_between_segments import there as there
from world import World

from imapgate.activities import groups
from imapgate.activities.happenings import WANTED
from imapgate.activities.names import Mistake
from imapgate.outgoing import notifying
from imapgate.outgoing import settings as segment_settings
from imapgate.outgoing.carrying import carry_out
from imapgate.outgoing.notifying import subscriptions
from storage import Database, Tx, events


@pytest.fixture
def here(db: Database) -> World:
    return worlds.build(db)


def wish(world: World) -> None:
    """The administrator, a member of E-Mails, wants everything, at once."""

    def work(tx: Tx) -> None:
        group = groups.group_by_id(tx, world.groups["E-Mails"])
        login = f"admin@{world.admin.segment}"
        groups.set_member(tx, group, login, "manager")
        subscriptions.add(tx, world.admin, WANTED, by="inbox", who="anna@host")
        key = segment_settings.NOTIFY_AFTER
        segment_settings.change(tx, world.segment_id, key, "0", "anna@host")

    world.db.write(work)


def test_each_hears_of_their_own_segment(here: World, there: World) -> None:
    """What is filed and what fails, of the same mail."""
    wish(here)
    wish(there)
    comes(here, mail("Ours"))
    comes(there, mail("Theirs"))
    while carry_out(here.db) or notifying.tell_due(here.db):
        pass
    for world, subject in ((here, b"Ours"), (there, b"Theirs")):
        (notice,) = Desk(world, world.admin).contents("INBOX")
        assert subject in notice


def test_a_wish_of_one_segment_costs_nothing_in_another(here: World, there: World) -> None:
    """No event is left where nobody wants it."""
    wish(there)
    comes(here, mail())
    assert here.db.read(lambda tx: events.oldest(tx, 0, 10)) == []


def test_numbers_groups_and_wishes_of_another_segment_are_unknown(
    here: World, there: World
) -> None:
    """They are told as what there is not."""
    comes(there, mail())
    wish(there)

    def add(**scope: int) -> None:
        here.db.write(
            lambda tx: subscriptions.add(
                tx, here.alice, ["state"], by="inbox", who="anna@host", **scope
            )
        )

    with pytest.raises(Mistake, match="no member of that group"):
        add(group_id=there.groups["E-Mails"])
    with pytest.raises(Mistake, match="There is no activity #10000001"):
        add(number=10_000_001)
    with pytest.raises(Mistake, match="There is no notification 1"):
        here.db.write(lambda tx: subscriptions.remove(tx, here.segment_id, 1, "anna@host"))
