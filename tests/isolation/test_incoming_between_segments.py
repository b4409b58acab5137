"""What comes in for one segment says and does nothing in another."""

from __future__ import annotations

import pytest
import world as worlds
from approving import Office, offer, office, reply
from journals import ORIGINAL, report
from sqlalchemy import update
from world import World

from imapgate.activities import approvals, by_hand, creators, groups, processes, segments
from imapgate.activities.names import Mistake
from imapgate.folders import groups as folder_groups
from storage import Database, Tx, people, schema


@pytest.fixture
def here(db: Database) -> Office:
    """Segment Standard, where `Complete` is offered."""
    world = worlds.build(db)
    offer(world)
    return office(world)


@pytest.fixture
def there(here: Office) -> Office:
    """Segment Elsewhere, with groups, creators, transitions and approvers of the same names."""
    db = here.world.db

    def make(tx: Tx) -> World:
        elsewhere, admin = segments.add_segment(
            tx, "Elsewhere", "admin", "chief@elsewhere.example", "none"
        )
        assert admin is not None
        folder_groups.make_home(tx, admin)
        made = {}
        for name, creator, kind in (
            ("E-Mails", "E-Mails", "E-Mail"),
            ("Support", "GadgetASupport", "Bug"),
        ):
            made[name] = groups.add_group(tx, elsewhere.id, name)
            folder_groups.group_added(tx, made[name].id)
            creators.add_creator(tx, elsewhere.id, creator, kind, [made[name]])
        segments.set_default_creator(tx, elsewhere.id, "E-Mails")
        ids = {name: group.id for name, group in made.items()}
        return World(db, elsewhere.id, {"admin": admin}, ids)

    world = db.write(make)
    offer(world)
    return office(world)


def test_a_token_of_another_segment_is_a_forged_one(here: Office, there: Office) -> None:
    """Though approver, number and transition are the same on both sides; nothing tells that
    somebody has it."""
    number = here.incident("Assign")
    assert there.incident("Assign") == number
    theirs, asked = there.request(number), here.request(number)
    token = there.token(theirs)
    before = there.shown(number)
    came = here.comes(reply(token, "approve", subject=f"Re: #{number}"))
    made_up = "<approval." + "0" * 32 + "." + "0" * 32 + "@example.org>"
    other = here.comes(reply(made_up, "approve", subject=f"Re: #{number}"))
    assert (came.code, other.code) == ("$Forged", "$Forged")
    assert came.text.partition(". ")[2] == other.text.partition(". ")[2]
    assert there.shown(number) == before
    assert here.shown(number)["state"] == "In Progress"
    assert (there.state(theirs), here.state(asked)) == ("open", "open")
    # Each counts where it was made.
    assert there.comes(reply(token, "approve")).code == "$Approved"
    assert here.shown(number)["state"] == "In Progress"


def test_a_user_of_another_segment_is_told_nothing(here: Office, there: Office) -> None:
    """An approver who is a user, but elsewhere: neither assigned nor told."""
    segment_id = there.world.segment_id

    def task(tx: Tx) -> int:
        processes.offer_by_mail(tx, segment_id, "Simple", "Assign", True, None, "anna@host")
        return by_hand.new_activity(tx, segment_id, "Task", type_name="Task")

    number = there.world.db.write(task)
    asked = there.request(number, "bob@example.org", transition="Assign")
    token = there.token(asked)
    assert there.comes(reply(token, "maybe")).code == "$Unclear"
    assert there.comes(reply(token, "approve")).code == "$Approved"
    assert there.shown(number)["assigned_to"] is None
    told = here.world.db.read(
        lambda tx: tx.connection.execute(
            schema.entry.select()
            .join(schema.folder, schema.folder.c.id == schema.entry.c.folder_id)
            .where(schema.folder.c.owner_id == here.world.bob.id)
        ).all()
    )
    assert told == []


def test_requests_of_another_segment_are_not_there(here: Office, there: Office) -> None:
    """Neither shown nor withdrawn nor written, in the same words as one that nobody made."""
    asked = there.request(there.incident("Assign"))
    said = []
    for approval_id in (asked.id, 999):
        for work in (approvals.find, approvals.withdraw, approvals.message_id):
            more = () if work is approvals.find else ("x",)
            with pytest.raises(Mistake) as refused:
                here.world.db.write(
                    lambda tx, work=work, more=more, approval_id=approval_id: work(
                        tx, here.world.segment_id, approval_id, *more
                    )
                )
            said.append(str(refused.value).replace(str(approval_id), "N"))
    assert said[:3] == said[3:]
    assert there.state(asked) == "open"


def test_one_mail_in_two_archives_is_two(here: Office, there: Office) -> None:
    """Each with its own recipients and its own house."""
    envelope = "Sender: joe@example.org\nMessage-ID: <offer@example.org>\nTo: {}\n"
    for place, domain in ((here, "example.org"), (there, "example.net")):

        def work(tx: Tx, place: Office = place, domain: str = domain) -> None:
            people.set_domains(tx, place.world.segment_id, [domain])
            tx.connection.execute(update(schema.account).values(kind="archive"))

        place.world.db.write(work)
    ours = here.comes(report(envelope.format("sam@example.org"), ORIGINAL))
    theirs = there.comes(report(envelope.format("sue@example.net"), ORIGINAL))
    mine, other = here.shown(ours.number), there.shown(theirs.number)
    assert (mine["direction"], other["direction"]) == ("out", "in")
    assert [one["address"] for one in mine["recipients"]][-1] == "sam@example.org"
    assert [one["address"] for one in other["recipients"]][-1] == "sue@example.net"
    assert len(mine["recipients"]) == len(other["recipients"]) == 4
