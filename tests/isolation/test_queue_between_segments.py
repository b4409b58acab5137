"""The queue of one segment says nothing in another, though both brought the same bytes."""

from __future__ import annotations

import pytest
import world as worlds
from desk import LIMITS, Desk, activities, mail
from world import World

from imapgate.activities import creators, groups, segments
from imapgate.activities.names import Mistake
from imapgate.folders import groups as folder_groups
from imapgate.incoming import listing, reports
from imapgate.incoming.filing import Came, file_one
from imapgate.incoming.queue import Fetched, Origin, Wanted, take
from storage import Database, Tx, incoming, incoming_log


@pytest.fixture
def here(db: Database) -> World:
    return worlds.build(db)


@pytest.fixture
def there(here: World) -> World:
    """Segment Elsewhere, whose default creator and administrator have the same names."""

    def make(tx: Tx) -> World:
        segment, admin = segments.add_segment(tx, "Elsewhere", "admin", "a@other.example", "none")
        assert admin is not None
        folder_groups.make_home(tx, admin)
        group = groups.add_group(tx, segment.id, "E-Mails")
        folder_groups.group_added(tx, group.id)
        creators.add_creator(tx, segment.id, "E-Mails", "E-Mail", [group])
        segments.set_default_creator(tx, segment.id, "E-Mails")
        return World(here.db, segment.id, {"admin": admin}, {"E-Mails": group.id})

    return here.db.write(make)


def comes(world: World, content: bytes, **wanted: str) -> Came:
    """From an origin of the same name, under the same key."""
    origin = Origin(world.segment_id, "imap://support@host/INBOX", wanted=Wanted(**wanted))
    (taken,) = take(world.db, origin, [Fetched("7.1", content)], LIMITS)
    return file_one(world.db, taken.row_id, LIMITS, taken.prepared)


def test_the_same_mail_is_filed_in_each(here: World, there: World) -> None:
    """Its key is known in one segment alone, and each has its own activity."""
    ours, theirs = comes(here, mail()), comes(there, mail())
    assert (ours.state, theirs.state) == ("filed", "filed")
    assert ours.row_id != theirs.row_id
    assert [one.segment_id for one in activities(here)] == [here.segment_id, there.segment_id]


def test_each_administrator_hears_of_their_own(here: World, there: World) -> None:
    """What failed in one segment is in no INBOX of the other."""
    comes(there, mail("Secret", 1), creator="Nobody")
    reports.tell_all(here.db)
    assert Desk(here, here.admin).contents("INBOX") == []
    (told,) = Desk(there, there.admin).contents("INBOX")
    assert b"Secret" in told


def test_another_segments_message_is_none(here: World, there: World) -> None:
    """Asked for by its id, listed, counted, or held against its sender."""
    theirs = comes(there, mail("Secret", 1), creator="Nobody")
    db, wanted = here.db, incoming_log.Wanted(segment_id=here.segment_id)
    with pytest.raises(Mistake, match=f"There is no message {theirs.row_id} in the queue"):
        db.read(lambda tx: listing.find(tx, theirs.row_id, here.segment_id))
    total, found = listing.list_incoming(db, wanted, 10)
    assert (total, list(found)) == (0, [])
    assert db.read(lambda tx: incoming_log.ids(tx, wanted, incoming.OPEN)) == []
    assert db.read(incoming.segments_to_report) == [there.segment_id]
