"""One segment's templates, settings and contacts are nothing to another."""

from __future__ import annotations

import pytest
import world as worlds

from imapgate.activities import by_hand, contacts, creators, groups, segments, users
from imapgate.activities.names import Mistake
from imapgate.folders.groups import group_added, make_home
from imapgate.limits import Limits
from imapgate.outgoing import formats, settings
from imapgate.outgoing.templates import cases, drafting, own, rendering, values
from storage import Database, Tx


@pytest.fixture
def other(db: Database) -> tuple[worlds.World, int]:
    """The small segment, and one more with an activity, a contact and a template of its own; its
    id."""
    world = worlds.build(db)

    def work(tx: Tx) -> int:
        segment, admin = segments.add_segment(tx, "North", "nora", "nora@north.example", "x")
        assert admin is not None
        make_home(tx, admin)
        users.add_user(tx, segment.id, "nick", "nick@north.example", "x")
        group = groups.add_group(tx, segment.id, "Secret")
        group_added(tx, group.id)
        creators.add_creator(tx, segment.id, "Bugs", "Bug", [group])
        contacts.add_contact(tx, segment.id, "Secret Person", ["erika@example.com"])
        by_hand.new_activity(tx, segment.id, "Secret", creator="Bugs", contact="Secret Person")
        own.put(tx, segment.id, "secret", "nora", subject="Secret", text="Secret")
        own.put(tx, segment.id, "reply", "nora", subject="Secret", text="Secret")
        settings.change(tx, segment.id, settings.MAIL_FORMAT, "plain", "nora")
        return segment.id

    return world, db.write(work)


def test_templates_and_settings_are_a_segments_own(other: tuple[worlds.World, int]) -> None:
    world, north = other
    here = world.segment_id

    def look(tx: Tx) -> None:
        given = values.samples("reply")
        assert rendering.render(tx, north, "reply", given).text == "Secret\n"
        assert "Secret" not in rendering.render(tx, here, "reply", given).text
        assert "secret" not in [one.name for one in own.list_templates(tx, here)]
        with pytest.raises(Mistake) as refused:
            own.find(tx, here, "secret")
        assert "(there is notification, approval-request" in str(refused.value)
        assert str(refused.value).count("secret") == 1
        assert (formats.format_for(tx, here), formats.format_for(tx, north)) == ("html", "plain")
        assert cases.known(tx, here, "erika@example.com").name == ""

    world.db.read(look)


def test_numbers_of_another_segment_make_no_draft(other: tuple[worlds.World, int]) -> None:
    """An administrator is one of a segment."""
    world, _ = other
    for person in (world.admin, world.alice):
        with pytest.raises(Mistake, match="There is no activity"):
            drafting.draft(world.db, person, 10000001, "reply", (), Limits())
