"""Mail that comes in by itself: where it goes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from desk import Desk, records
from postbox import Postbox, letter, outcomes
from sqlalchemy import select
from world import World, build

from imapgate.activities import creators, groups, segments, users
from imapgate.folders.arriving import NotFiled
from imapgate.folders.marks import Marks
from storage import Database
from storage.schema import email_activity

E_MAILS = "Trackers/E-Mails"


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def box(world: World) -> Postbox:
    return Postbox(world)


@pytest.fixture
def alice(world: World) -> Desk:
    return Desk(world, world.alice)


def keywords(desk: Desk, name: str = E_MAILS) -> list[tuple[str, ...]]:
    return [one.keywords for one in desk.rows(name)]


def test_a_mail_is_filed_by_the_default_creator_with_entry_and_record(
    box: Postbox, alice: Desk
) -> None:
    came = box.take(letter())
    assert (came.created, came.case, came.numbers) == (True, None, ())
    assert came.text == "Filed as #10000001 in E-Mails."
    shown = box.show(came.number)
    assert (shown["name"], shown["groups"]) == ("It does not boot", ["E-Mails"])
    assert (shown["reporting_contact"], shown["created_by"]) == ("Erika", "admin")
    (row,) = alice.rows(E_MAILS)
    assert (row.content, row.activity_id) == (letter(), came.activity_id)
    assert (row.internal_at, row.seen) == (1_700_000_000, False)
    (record,) = records(box.world)
    assert (record.command, record.client) == ("INCOMING", "account support")
    assert (record.folder_name, record.uid, record.verdict) == (E_MAILS, row.uid, "filed")
    assert (record.activity_id, record.text) == (came.activity_id, came.text)


def test_the_same_mail_again_is_the_same_activity_and_entry(box: Postbox, alice: Desk) -> None:
    first, again = box.take(letter()), box.take(letter())
    assert (again.number, again.created) == (first.number, False)
    assert len(alice.rows(E_MAILS)) == 1


def test_an_accounts_creator_comes_before_the_segments(box: Postbox, alice: Desk) -> None:
    came = box.take(letter(), creator_id=box.creator("Sales E-Mails"))
    assert came.text == "Filed as #10000001 in Sales."
    assert len(alice.rows("Trackers/Sales")) == 1


def test_a_group_that_was_asked_for_comes_before_all(box: Postbox, alice: Desk) -> None:
    came = box.take(letter(), group_id=box.world.groups["Sales"])
    assert came.text == "Filed as #10000001 in Sales."
    refused = box.try_(letter(), group_id=box.world.groups["Archive"])
    assert refused == NotFiled("$NoCreator", 'group "Archive" has no e-mail creator')


def test_without_a_default_the_creator_called_e_mails_is_it(box: Postbox) -> None:
    box.world.db.write(lambda tx: segments.set_default_creator(tx, box.world.segment_id, None))
    assert box.take(letter()).text == "Filed as #10000001 in E-Mails."


@pytest.mark.parametrize(
    ("spoiled", "why"),
    [
        ("gone", "the segment has no default e-mail creator"),
        ("no group", 'creator "E-Mails" serves no group'),
        ("meeting", "the segment has no default e-mail creator"),
    ],
)
def test_a_mail_without_any_place_is_told_so_and_writes_nothing(
    box: Postbox, spoiled: str, why: str
) -> None:
    def spoil(tx: Any) -> None:
        if spoiled == "gone":
            creators.remove_creator(tx, box.world.segment_id, "E-Mails")
        elif spoiled == "no group":
            creators.edit_creator(tx, box.world.segment_id, "E-Mails", groups=[])
        else:
            segments.set_default_creator(tx, box.world.segment_id, "Meetings")

    box.world.db.write(spoil)
    known = box.contacts()
    assert box.try_(letter()) == NotFiled("$NoCreator", why)
    assert (box.numbers(), records(box.world), box.contacts()) == ([], [], known)


def test_what_account_and_segment_name_needs_no_membership(box: Postbox) -> None:
    box.logging_user = "dave"
    assert box.show(box.take(letter()).number)["created_by"] == "dave"
    again = box.take(letter())
    assert (again.created, len(box.numbers())) == (False, 1)
    # As another server stores it, under another account: other bytes, the same mail.
    other = box.take(letter(extra="Received: elsewhere\r\n"))
    assert (other.created, len(box.numbers())) == (False, 1)


def test_what_the_logging_user_may_not_see_gains_no_group(box: Postbox, alice: Desk) -> None:
    """By its Message-ID it is the same mail, which an administrator would add to."""
    alice.append("Trackers/Sales", letter())
    box.logging_user = "carol"
    other = box.take(letter(extra="Received: elsewhere\r\n"))
    assert other.created
    box.logging_user = None
    third = box.take(letter(extra="Received: once more\r\n"), group_id=box.world.groups["Support"])
    assert not third.created


def test_what_a_mail_names_goes_by_the_logging_users_rights(box: Postbox) -> None:
    number = box.incident()
    policy = {"stranger": "link"}
    assert outcomes(box.take(letter(f"#{number} again", 1), **policy)) == [(number, "linked")]
    box.logging_user = "dave"
    assert outcomes(box.take(letter(f"#{number} again", 2), **policy)) == [(number, "unknown")]
    box.logging_user = "carol"
    assert outcomes(box.take(letter(f"#{number} again", 3), **policy)) == [(number, "linked")]


def test_a_disabled_logging_user_is_stood_in_for_without_more_rights(box: Postbox) -> None:
    number = box.incident()
    box.logging_user = "carol"
    box.world.db.write(lambda tx: users.set_disabled(tx, "carol@Standard"))
    came = box.take(letter(f"#{number} again"), stranger="link")
    assert box.show(came.number)["created_by"] == "admin"
    assert outcomes(came) == [(number, "unknown")]


def test_what_came_by_itself_is_nobodys_drop_and_stays_so(box: Postbox, alice: Desk) -> None:
    """Else a contributor could drop it once more and then take it out."""
    box.take(letter())
    alice.append(E_MAILS, letter())
    assert alice.droppers(E_MAILS) == {}
    own = letter(n=2)
    alice.append(E_MAILS, own)
    box.take(own)
    assert alice.droppers(E_MAILS) == {2: [alice.person.id]}


def test_marks_and_kinds_stand_on_the_entry(box: Postbox, alice: Desk) -> None:
    box.take(letter(n=1), Marks(keywords=("$Imported",)))
    box.take(letter(n=2, extra="Auto-Submitted: auto-generated\r\n"))
    box.take(letter(n=3, extra="List-Id: <a.example.net>\r\n"))
    assert keywords(alice) == [("$Imported",), ("$AutoSubmitted",), ()]


def test_numbers_then_answers_then_plus_addresses(box: Postbox) -> None:
    one, two, three = (box.incident(str(n)) for n in range(3))
    policy = {"stranger": "link", "plus": ("Support@example.org",)}
    first = box.take(letter(f"[#{one}] broken", 1), **policy)
    assert outcomes(first) == [(one, "linked")]
    plus = f"support+{three}@example.org"
    answer = "In-Reply-To: <l1@example.com>\r\n"
    by_number = letter(f"Re: #{two}", 2, to=plus, extra=answer)
    assert outcomes(box.take(by_number, **policy)) == [(two, "linked")]
    by_answer = letter("Re: broken", 3, to=plus, extra=answer)
    assert outcomes(box.take(by_answer, **policy)) == [(one, "linked")]
    by_plus = letter("Broken", 4, to=plus)
    assert outcomes(box.take(by_plus, **policy)) == [(three, "linked")]


def test_an_unknown_number_is_marked_and_the_rest_is_gone_on_with(
    box: Postbox, alice: Desk
) -> None:
    number = box.incident()
    box.take(letter(f"#{number}", 1), stranger="link")
    reply = letter("Re: #99999999", 2, extra="References: <l1@example.com>\r\n")
    came = box.take(reply)
    assert outcomes(came) == [(99999999, "unknown"), (number, "linked")]
    assert keywords(alice) == [(), ("$NumberUnknown",)]
    assert came.text == (
        f"Filed as #{came.number} in E-Mails, linked to #{number}. "
        "#99999999 is unknown, not linked."
    )


@pytest.mark.parametrize(
    ("header", "address", "found"),
    [
        ("To", "support+{}@example.org", True),
        ("Cc", "Help <SUPPORT+{}@EXAMPLE.ORG>", True),
        ("Delivered-To", "support+{}@example.org", True),
        ("X-Original-To", "<support+{}@example.org>", True),
        ("To", "sales+{}@example.org", False),
        ("To", "support+{}@example.com", False),
        ("To", "support-{}@example.org", False),
        ("To", "support+x{}@example.org", False),
        ("To", "support+0{}@example.org", False),
        ("Bcc", "support+{}@example.org", False),
        ("X-To", "support+{}@example.org", False),
    ],
)
def test_plus_addresses_are_the_accounts_own(
    box: Postbox, header: str, address: str, found: bool
) -> None:
    number = box.incident()
    extra = f"{header}: {address.format(number)}\r\n"
    content = letter(extra=extra).replace(b"To: support@example.org\r\n", b"", 1)
    came = box.take(content, stranger="link", plus=("support@example.org",))
    assert outcomes(came) == ([(number, "linked")] if found else [])
    assert outcomes(box.take(letter(n=2, extra=extra), stranger="link")) == []


def test_a_reply_to_a_request_may_be_kept_from_all_links(box: Postbox) -> None:
    number = box.incident()
    assert outcomes(box.take(letter(f"#{number}"), stranger="link", links=False)) == []


def test_direction_and_kind_stand_with_the_activity_and_are_never_untold(box: Postbox) -> None:
    def told() -> tuple[Any, Any]:
        row = box.world.db.read(
            lambda tx: tx.connection.execute(
                select(email_activity.c.direction, email_activity.c.automatic)
            ).one()
        )
        return tuple(row)

    box.take(letter())
    assert told() == (None, None)
    box.take(letter(), direction="in", automatic="list")
    assert told() == ("in", "list")
    box.take(letter(), direction="out", automatic=None)
    assert told() == ("in", "list")


def test_a_machine_moves_no_activity_on(box: Postbox) -> None:
    number = box.incident()
    box.world.db.write(
        lambda tx: creators.edit_creator(
            tx, box.world.segment_id, "GadgetASupport", follow_up_transition="Assign"
        )
    )
    state = box.show(number)["state"]
    machine = letter(f"#{number}", 1, extra="Auto-Submitted: auto-replied\r\n")
    assert outcomes(box.take(machine, stranger="link")) == [(number, "linked")]
    archived = letter(f"#{number}", 2)
    assert outcomes(box.take(archived, stranger="link", commands=False)) == [(number, "linked")]
    assert box.show(number)["state"] == state
    assert [one["transition"] for one in box.show(number)["follow_ups"]] == [None, None]
    box.take(letter(f"#{number}", 3), stranger="link")
    assert box.show(number)["state"] != state


def test_the_record_of_each_number_can_be_read_by_programs(box: Postbox) -> None:
    box.take(letter("#10000009"))
    (record,) = records(box.world)
    assert json.loads(record.numbers) == [{"number": 10000009, "outcome": "unknown"}]


def test_another_group_gains_the_mails_activity(box: Postbox, alice: Desk) -> None:
    first = box.take(letter())
    second = box.take(letter(), creator_id=box.creator("Sales E-Mails"))
    assert (second.number, second.created) == (first.number, False)
    assert box.show(first.number)["groups"] == ["E-Mails", "Sales"]
    assert len(alice.rows("Trackers/Sales")) == 1


def test_what_was_taken_out_comes_back_when_it_comes_again(box: Postbox, alice: Desk) -> None:
    """An entry that was taken out counts as absent."""
    first = box.take(letter())
    bob = Desk(box.world, box.world.bob)
    bob.move(E_MAILS, [1], "Trash")
    assert alice.rows(E_MAILS) == []
    assert box.take(letter()).number == first.number
    assert len(alice.rows(E_MAILS)) == 1


def test_group_named_with_a_creator_takes_what_the_creator_files(box: Postbox) -> None:
    policy = {"creator_id": box.creator("Sales E-Mails"), "group_id": box.world.groups["Support"]}
    assert box.show(box.take(letter(), **policy).number)["groups"] == ["Support"]
    found = box.world.db.read(lambda tx: groups.group_by_id(tx, box.world.groups["Support"]))
    assert found.name == "Support"
