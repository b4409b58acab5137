"""Wrappers with several names on folders, and what answers a wrapper or an activity's message."""

from __future__ import annotations

import json

import pytest
from desk import Desk, activities, links, mail, records, wrapper
from postbox import Postbox, letter, outcomes
from revising import case, make
from sqlalchemy import select
from world import World, build

from imapgate.activities import groups
from imapgate.folders import groups as folder_groups
from imapgate.folders import ready
from storage import Database, Tx, revisions
from storage import activities as activity_rows
from storage.schema import activity, link

SUPPORT, SALES = "Trackers/Support", "Trackers/Sales"


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def alice(world: World) -> Desk:
    return Desk(world, world.alice)


@pytest.fixture
def box(world: World) -> Postbox:
    return Postbox(world)


def into_sales(world: World, name: str) -> Desk:
    """A contributor there from now on."""

    def work(tx: Tx) -> None:
        sales = groups.find_group(tx, world.segment_id, "Sales")
        principal_id, _ = groups.set_member(tx, sales, f"{name}@Standard", "contributor")
        folder_groups.members_changed(tx, sales.id, principal_id)

    world.db.write(work)
    return Desk(world, world.people[name])


def reply(
    subject: str, n: int | str, to: str = "w@example.com", references: tuple[str, ...] = ()
) -> bytes:
    extra = f"In-Reply-To: <{to}>\r\n" if to else ""
    if references:
        extra += "References: " + " ".join(f"<{one}>" for one in references) + "\r\n"
    return mail(subject, n, extra=extra)


def written(world: World, number: int, revision: int, message_id: str) -> None:
    """A message of that activity that went into its folders."""
    prepared = ready.prepare(mail(f"[#{number}] Gadget", f"r{revision}"))

    def work(tx: Tx) -> None:
        row = activity_rows.by_number(tx, world.segment_id, number)
        assert row is not None
        stored = ready.store(tx, world.segment_id, prepared)
        revisions.add_rendering(
            tx, world.segment_id, row.id, revision, message_id, prepared.identity, stored
        )

    world.db.write(work)


def linked_to(world: World, subject: str) -> list[str]:
    """Names of the activities that the mail of that subject is linked to."""
    target = activity.alias()
    wanted = (
        select(target.c.name)
        .join_from(link, activity, activity.c.id == link.c.from_id)
        .join(target, target.c.id == link.c.to_id)
        .where(activity.c.name.startswith(subject + " ["))
        .order_by(target.c.id)
    )
    return list(world.db.read(lambda tx: tx.connection.execute(wanted).scalars().all()))


def named(world: World, record: int) -> list[tuple[int, str]]:
    """A wrapper's own numbers in its record."""
    found = json.loads(records(world)[record].numbers)
    return [(one["number"], one["outcome"]) for one in found if one["outcome"] in ("made", "named")]


def test_several_names_are_told_and_recorded(alice: Desk, box: Postbox) -> None:
    number = box.incident("Known")
    content = wrapper(f"> #GadgetASupport #{number}  Loud", mail("Inner", "a"), text="Angry.")
    verdict = alice.append(SUPPORT, content)
    assert verdict.text == "Filed as #10000003 in Support, linked to new #10000002, #10000001."
    assert named(alice.world, 0) == [(10000002, "made"), (number, "named")]
    assert linked_to(alice.world, "Inner") == ["Known", "Loud"]


def test_the_same_wrapper_again_makes_neither_of_its_new_activities_again(alice: Desk) -> None:
    content = wrapper("> #GadgetASupport #Meetings  Loud", mail("Inner", "a"))
    first = alice.append(SUPPORT, content)
    assert first.text.endswith("linked to new #10000001, new #10000002.")
    again = Desk(alice.world, alice.world.bob).append(SUPPORT, b"X-TUID: y\r\n" + content)
    assert again.uids == first.uids
    assert again.text.endswith("linked to #10000001, #10000002.")
    assert [one.name for one in activities(alice.world)][:2] == ["Loud", "Loud"]
    assert (len(activities(alice.world)), len(links(alice.world))) == (3, 2)


def test_several_creators_give_an_entry_in_each_of_their_groups(alice: Desk) -> None:
    content = wrapper("> @Sales E-Mails @Support E-Mails  x", mail("Inner", "a"))
    verdict = alice.append("Trackers/Archive", content)
    assert verdict.text == "Filed as #10000001 in Sales."
    inside = [alice.contents(name) for name in (SALES, SUPPORT)]
    assert [len(one) for one in inside] == [1, 1]
    assert inside[0] == inside[1]


@pytest.mark.parametrize("prefix", ["Re: ", "AW: ", "WG: ", "Fwd: ", "RE[2]: ", "SV: ", "回复："])
def test_a_reply_to_a_wrapper_is_an_ordinary_mail_about_what_the_wrapper_made(
    alice: Desk, prefix: str
) -> None:
    subject = "> @Support E-Mails  #GadgetASupport  Loud"
    alice.append(SUPPORT, wrapper(subject, mail("Inner", "a")))
    answer = reply(prefix + subject, "reply")
    verdict = alice.append(SUPPORT, answer)
    assert verdict.text == "Filed as #10000003 in Support, linked to #10000001."
    assert alice.contents(SUPPORT)[-1] == answer


def test_a_forwarded_wrapper_with_its_messages_is_an_ordinary_mail(alice: Desk) -> None:
    """Its subject is quoted by whoever passes it on; the numbers in it count as in every mail."""
    content = wrapper("Fwd: > #GadgetASupport #10000077  Loud", mail("Inner", "a"))
    verdict = alice.append(SUPPORT, content)
    assert verdict.text == ("Filed as #10000001 in Support. #10000077 is unknown, not linked.")
    assert alice.contents(SUPPORT) == [content]
    assert len(activities(alice.world)) == 1


def test_a_reply_to_a_wrapper_is_about_all_that_it_named(alice: Desk, box: Postbox) -> None:
    box.incident("Known")
    subject = "> #GadgetASupport #10000001  Loud"
    alice.append(SUPPORT, wrapper(subject, mail("Inner", "a")))
    alice.append(SALES, reply("Once more", 7, to="", references=("x@example.com", "w@example.com")))
    assert linked_to(alice.world, "Once more") == ["Known", "Loud"]


def test_a_reply_to_a_wrapper_that_named_nothing_is_about_nothing(alice: Desk) -> None:
    alice.append(SUPPORT, wrapper("> @Support E-Mails  All of them", mail("Inner", "a")))
    assert alice.append(SUPPORT, reply("Re: All", 7)).text == "Filed as #10000002 in Support."


def test_a_refused_wrapper_and_one_that_is_out_of_sight_are_answered_by_nothing(
    alice: Desk,
) -> None:
    world = alice.world
    alice.append(SUPPORT, wrapper("> @Nobody  #GadgetASupport  Loud", mail("Inner", "a")))
    assert alice.append(SUPPORT, reply("Re: Loud", 7)).text == "Filed as #10000001 in Support."
    alice.append(SUPPORT, wrapper("> #GadgetASupport  Loud", mail("Inner", "a")))
    dave = into_sales(world, "dave")
    assert dave.append(SALES, reply("Re: Loud", 8)).text == "Filed as #10000004 in Sales."


@pytest.mark.parametrize("cited", ["first@example.org", "second@example.org"])
def test_an_answer_to_an_activitys_own_message_is_about_it(
    alice: Desk, box: Postbox, cited: str
) -> None:
    """Of whichever revision, though its subject has lost the number, in whichever group."""
    number = box.incident()
    written(alice.world, number, 1, "first@example.org")
    written(alice.world, number, 2, "second@example.org")
    verdict = alice.append(SALES, reply("Re: Gadget", 7, cited))
    assert verdict.text == f"Filed as #10000002 in Sales, linked to #{number}."
    late = reply("Once more", 8, "nobody@example.org", ("first@example.org", "m9@example.com"))
    assert alice.append(SUPPORT, late).text.endswith(f"linked to #{number}.")


def test_an_answer_to_the_message_of_an_activity_out_of_sight_is_about_nothing(
    alice: Desk, box: Postbox
) -> None:
    written(alice.world, box.incident(), 1, "first@example.org")
    dave = into_sales(alice.world, "dave")
    verdict = dave.append(SALES, reply("Re: Gadget", 7, "first@example.org"))
    assert verdict.text == "Filed as #10000002 in Sales."


def test_what_comes_in_by_itself_is_linked_by_what_it_answers_alike(
    alice: Desk, box: Postbox
) -> None:
    """An activity's own message, and a wrapper; a Message-ID is no number that anybody can guess,
    so that strangers are linked, too."""
    number = box.incident()
    written(alice.world, number, 1, "first@example.org")
    answer = letter(n=1, sender="eve@example.net", extra="In-Reply-To: <first@example.org>\r\n")
    assert outcomes(box.take(answer, stranger="known")) == [(number, "linked")]
    alice.append(SUPPORT, wrapper("> #GadgetASupport  Loud", mail("Inner", "a")))
    answer = letter(n=2, sender="eve@example.net", extra="In-Reply-To: <w@example.com>\r\n")
    made = activities(alice.world)[-2]
    assert outcomes(box.take(answer, stranger="known")) == [(made.number, "linked")]


def test_a_mail_in_another_group_is_found_by_the_chain_of_answers(
    alice: Desk, box: Postbox
) -> None:
    """The first is about an incident; each of the others cites what was before it, whichever was
    dropped where; one in between was never filed."""
    number = box.incident()
    alice.append(SUPPORT, mail(f"#{number}", 1))
    alice.append(SALES, reply("Re: boot", 2, "m1@example.com"))
    alice.append("Trackers/E-Mails", reply("Re: boot", 4, "m3@example.com", ("m2@example.com",)))
    last = reply("Re: boot", 5, "m4@example.com")
    assert alice.append(SUPPORT, last).text.endswith(f"linked to #{number}.")
    dave = into_sales(alice.world, "dave")
    unseen = dave.append(SALES, reply("Re: boot", 6, "m5@example.com", ("m1@example.com",)))
    assert unseen.text == "Filed as #10000006 in Sales."
    seen = dave.append(SALES, reply("Re: boot", 7, "m2@example.com"))
    assert seen.text == "Filed as #10000007 in Sales, linked to #10000003."


@pytest.mark.parametrize(
    "before", [b"", b"Received: from a by b; Mon, 6 Jan 2025 10:00:00 +0000\r\n"]
)
def test_an_activitys_own_message_that_comes_in_is_recognised(
    alice: Desk, box: Postbox, before: bytes
) -> None:
    """Sent on as it was, to a mailbox that is read: nothing is filed, not even by a policy that
    makes a case of each mail."""
    found = case(alice.world)
    make(alice.world.db)
    (own,) = alice.contents(SUPPORT)
    shown = box.show(found.number)
    came = box.take(before + own, creator_id=box.creator("GadgetASupport"), stranger="link")
    assert (came.number, came.created, came.case) == (found.number, False, None)
    assert came.text == f"This is #{found.number} itself, which stands in Support."
    assert (box.numbers(), box.show(found.number)) == ([found.number], shown)
    assert (records(alice.world)[-1].text, len(alice.rows(SUPPORT))) == (came.text, 1)
    forged = own.replace(b"Gadget does not boot", b"Something else entirely")
    assert box.take(forged).created
