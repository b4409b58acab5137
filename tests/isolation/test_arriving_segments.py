"""An account acts for a whole segment, and for none beside it."""

from __future__ import annotations

from typing import Any

import pytest
from desk import mail, wrapper
from postbox import Postbox, letter, outcomes
from world import World, build

from imapgate.activities import by_hand, creators, groups, people, segments
from imapgate.activities.people import Role
from imapgate.folders import groups as folder_groups
from imapgate.folders import ready
from imapgate.folders.arriving import NotFiled
from storage import Database, Tx, activities, revisions


@pytest.fixture
def here(db: Database) -> Postbox:
    return Postbox(build(db), {"stranger": "link", "plus": ("support@example.org",)})


@pytest.fixture
def there(here: Postbox) -> Postbox:
    """Another segment in the same database, with a tracker Elsewhere."""

    def work(tx: Tx) -> World:
        segment, admin = segments.add_segment(
            tx, "Other", "olga", "olga@other.example", "hash", first_number=20_000_001
        )
        assert admin is not None
        folder_groups.make_home(tx, admin)
        group = groups.add_group(tx, segment.id, "Elsewhere")
        folder_groups.group_added(tx, group.id)
        creators.add_creator(tx, segment.id, "E-Mails", "E-Mail", [group])
        creators.add_creator(tx, segment.id, "Elsewhere's bugs", "Bug", [group])
        return World(here.world.db, segment.id, {"admin": admin}, {"Elsewhere": group.id})

    return Postbox(here.world.db.write(work), here.policy)


def test_who_acts_everywhere_does_so_in_one_segment(here: Postbox, there: Postbox) -> None:
    person = people.everywhere(there.world.admin)
    own = there.take(letter()).activity_id
    foreign = here.take(letter()).activity_id
    group, secret = there.world.groups["Elsewhere"], here.world.groups["E-Mails"]

    def seen(tx: Tx) -> list[Any]:
        return [
            people.may_see(tx, person, own),
            people.may_see(tx, person, foreign),
            people.role_in(tx, person, group),
            people.role_in(tx, person, secret),
            people.role_in(tx, person, 999),
            people.may_contribute(tx, person, secret),
            people.roles(tx, person),
        ]

    assert here.world.db.read(seen) == [True, False, Role.MANAGER, None, None, False, {}]


def test_the_same_mail_in_two_segments_is_two(here: Postbox, there: Postbox) -> None:
    first, second = here.take(letter()), there.take(letter())
    assert (first.created, second.created) == (True, True)
    assert (first.number, second.number) == (10_000_001, 20_000_001)
    assert there.show(second.number)["groups"] == ["Elsewhere"]


@pytest.mark.parametrize(
    "content",
    [
        letter("#10000001"),
        letter("Re:", 2, extra="In-Reply-To: <l1@example.com>\r\n"),
        letter("Re:", 2, extra="References: <lnone@example.com> <l1@example.com>\r\n"),
        letter("Hello", 2, to="support+10000001@example.org"),
        wrapper("Sales", mail()),
        wrapper("GadgetASupport", mail()),
    ],
)
def test_what_is_in_the_other_segment_is_as_if_it_weren_t(
    here: Postbox, there: Postbox, content: bytes
) -> None:
    here.incident()
    here.take(letter("#10000001"))
    came = there.take(content)
    assert set(outcomes(came)) <= {(10_000_001, "unknown")}
    assert there.show(came.number)["groups"] == ["Elsewhere"]
    assert there.show(came.number)["links"] == []
    assert len(here.show(10_000_001)["follow_ups"]) == 1


def test_answers_reach_no_activity_of_the_other_segment(here: Postbox, there: Postbox) -> None:
    """Neither by an activity's own message, nor by a wrapper."""
    number = here.incident()
    here.take(wrapper(f"> #{number}", mail()))

    def written(tx: Tx) -> None:
        row = activities.by_number(tx, here.world.segment_id, number)
        assert row is not None
        stored = ready.store(tx, here.world.segment_id, ready.prepare(mail("Own", "own")))
        revisions.add_rendering(
            tx, here.world.segment_id, row.id, 1, "own@example.org", b"i" * 32, stored
        )

    here.world.db.write(written)
    for n, cited in enumerate(("own@example.org", "w@example.com")):
        answer = letter("Re:", n, extra=f"In-Reply-To: <{cited}>\r\n")
        assert outcomes(there.take(answer)) == []
        assert outcomes(here.take(answer)) == [(number, "linked")]


@pytest.mark.parametrize("named", ["@Sales E-Mails", "#GadgetASupport", "#10000001"])
def test_a_wrapper_can_t_reach_across(here: Postbox, there: Postbox, named: str) -> None:
    here.incident()
    refused = there.try_(wrapper(f"> {named}  x", mail()))
    assert isinstance(refused, NotFiled)
    assert refused.text.startswith("there is no ")


def test_contacts_staff_and_users_are_each_segments_own(here: Postbox, there: Postbox) -> None:
    """alice is staff with a user here, and a stranger there."""
    number = there.world.db.write(lambda tx: _case(tx, there))
    content = letter(f"#{number}", sender="Alice Elsewhere <alice@example.org>")
    came = there.take(content, stranger="known", use_linked_user=True)
    assert outcomes(came) == [(number, "stranger")]
    shown = there.show(came.number)
    assert (shown["reporting_contact"], shown["created_by"]) == ("Alice Elsewhere", "olga")
    assert "Alice Elsewhere" not in here.contacts()
    assert not here.contacts()["alice"].is_customer


def _case(tx: Tx, box: Postbox) -> int:
    return by_hand.new_activity(tx, box.world.segment_id, "x", creator="Elsewhere's bugs")
