"""Approvals by reply, the whole way: from the account's folder to the transition."""

from __future__ import annotations

import pytest
from approving import Office, offer, office, reply
from coming_in import LIMITS, set_creator
from desk import Desk, links
from sqlalchemy import delete
from world import World

from imapgate.activities import approvals, by_hand, creators, processes, undoing
from imapgate.activities.deciding import Words
from imapgate.activities.segments import set_default_creator
from imapgate.activities.show import list_activities
from imapgate.incoming import filing
from storage import incoming, schema


@pytest.fixture
def desk_of_bob(world: World) -> Desk:
    return Desk(world, world.bob)


@pytest.fixture
def place(world: World) -> Office:
    """`Complete` is offered; a rejection takes `Add Note`."""
    offer(world, rejected_by="Add Note")
    return office(world)


QUOTE = "\n\nAm 06.01.2025 um 10:00 schrieb approvals@example.org:\n> reject\n> approve\n"
DECISIONS = {
    "a word": ("approve", "Complete"),
    "in any case": ("APPROVE", "Complete"),
    "with punctuation": ("Ja!", "Complete"),
    "of two words, above the quote": ("In Ordnung.\n\nBob" + QUOTE, "Complete"),
    "below the quote": ("On 6 Jan 2025, x wrote:\n> reject\n\napprove\n", "Complete"),
    "a rejection": ("Nein,\n\ndas geht so nicht." + QUOTE, "Add Note"),
}
NOTHING = {
    "another word": ("maybe", "bob@example.org", "", "$Unclear"),
    "a sentence with the word": ("I approve of nothing", "bob@example.org", "", "$Unclear"),
    "the word in the second line": ("Hi,\napprove", "bob@example.org", "", "$Unclear"),
    "the word in the quote alone": ("> approve\n", "bob@example.org", "", "$Unclear"),
    "the word behind an attribution": (
        "On 6 Jan 2025, x wrote:\n\napprove\n",
        "bob@example.org",
        "",
        "$Unclear",
    ),
    "nothing": ("", "bob@example.org", "", "$Unclear"),
    "somebody else": ("approve", "alice@example.org", "", "$NotEntitled"),
    "a stranger": ("approve", "mallory@example.net", "", "$NotEntitled"),
    "several senders": ("approve", "bob@example.org, alice@example.org", "", "$NotEntitled"),
    "another sender above": (
        "approve",
        "bob@example.org",
        "From: alice@example.org\r\n",
        "$NotEntitled",
    ),
    "a display name": ("approve", '"bob@example.org" <mallory@example.net>', "", "$NotEntitled"),
    "out of office": (
        "approve",
        "bob@example.org",
        "Auto-Submitted: auto-replied\r\n",
        "$AutoSubmitted",
    ),
    "by a list": ("approve", "bob@example.org", "List-Id: <x.example.org>\r\n", "$AutoSubmitted"),
}


@pytest.mark.parametrize("name", DECISIONS)
def test_the_first_own_line_decides(place: Office, name: str) -> None:
    """The transition is taken, with one follow-up that names who approved; the reply is kept and
    linked."""
    text, transition = DECISIONS[name]
    number = place.incident("Assign")
    asked = place.request(number)
    came = place.comes(reply(place.token(asked), text))
    approved = transition == "Complete"
    assert (came.state, came.code) == ("filed", "$Approved" if approved else "$Rejected")
    assert f'"{transition}" was taken on #{number}.' in came.text
    shown = place.shown(number)
    assert shown["state"] == ("Complete" if approved else "In Progress")
    (written,) = [one for one in shown["follow_ups"] if one["from_activity"] == came.number]
    assert written["transition"] == transition
    assert written["author"] == "bob"
    assert written["title"] == f"{'Approved' if approved else 'Rejected'}: Complete"
    assert written["text"].startswith("Bob <bob@example.org> ")
    assert text.splitlines()[0] in written["text"] or name == "below the quote"
    kept = place.shown(came.number)
    assert {"number": number, "kind": "RELATES_TO"} in kept["links"]
    assert kept["class"] == "E-Mail"
    assert place.state(asked) == ("approved" if approved else "rejected")


@pytest.mark.parametrize("name", NOTHING)
def test_anything_else_becomes_a_follow_up(place: Office, desk_of_bob: Desk, name: str) -> None:
    """And the writer, if a user, hears why; never an automatic mail's."""
    text, sender, extra, code = NOTHING[name]
    number = place.incident("Assign")
    asked = place.request(number)
    came = place.comes(reply(place.token(asked), text, sender, extra))
    assert (came.state, came.code) == ("filed", code)
    shown = place.shown(number)
    assert shown["state"] == "In Progress"
    (written,) = [one for one in shown["follow_ups"] if one["from_activity"] == came.number]
    assert (written["transition"], written["title"]) == (None, "Re: Approval")
    assert place.state(asked) == "open"
    told = desk_of_bob.contents("INBOX")
    hears = sender == "bob@example.org" and code == "$Unclear"
    assert len(told) == hears + (name in ("several senders", "another sender above"))
    if hears:
        assert f"Your reply about #{number} decided nothing".encode() in told[0]
        assert b"To approve: approve, ja, in Ordnung" in told[0]


def test_a_reply_that_decides_nothing_moves_nothing_on(place: Office) -> None:
    """Though follow-ups by mail do, where the creator names a transition for them."""
    place.world.db.write(
        lambda tx: creators.edit_creator(
            tx, place.world.segment_id, "GadgetASupport", follow_up_transition="Complete"
        )
    )
    number = place.incident("Assign")
    asked = place.request(number)
    assert place.comes(reply(place.token(asked), "maybe")).code == "$Unclear"
    assert place.comes(reply(None, "ja", subject=f"Re: #{number}")).code == "$NoRequest"
    assert place.shown(number)["state"] == "In Progress"
    assert place.comes(reply(place.token(asked), "ja")).code == "$Approved"


def test_a_reply_makes_no_case(place: Office) -> None:
    """Though the account's creator makes some of other mails."""
    number = place.incident("Assign")
    set_creator(place.world, place.account_id, "GadgetASupport")
    forged = f"<approval.{1:032x}.{2:032x}@example.org>"
    for token, code in ((forged, "$Forged"), (place.token(place.request(number)), "$Approved")):
        came = place.comes(reply(token, "ja"))
        assert came.code == code
        assert place.shown(came.number)["class"] == "E-Mail"
    assert place.shown(number)["number"] == number
    incidents = place.world.db.read(
        lambda tx: list_activities(tx, place.world.segment_id, activity_class="Incident")
    )
    assert [one["number"] for one in incidents] == [number]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Ja!", "approved"),
        ("OK", None),
        ("", None),
        (None, None),
        ("!!!", None),
        ("nein.", "rejected"),
        ("vielleicht", None),
    ],
)
def test_words_that_mean_both_or_nothing_decide_nothing(line: str | None, said: str | None) -> None:
    """Whatever stands among an account's words."""
    assert Words(("ja", "ok", "???"), ("nein", "Ok.", "")).said(line) == said


def test_a_rejection_without_a_transition_of_its_own_changes_nothing(world: World) -> None:
    """But the request has ended."""
    offer(world)
    place = office(world)
    number = place.incident("Assign")
    asked = place.request(number)
    came = place.comes(reply(place.token(asked), "nein"))
    assert (came.code, place.shown(number)["state"]) == ("$Rejected", "In Progress")
    assert place.state(asked) == "rejected"


@pytest.mark.parametrize(("word", "entry"), [("ja", "Approved"), ("nein", "Rejected")])
def test_what_was_decided_stays_told_when_the_reply_is_taken_out(
    world: World, word: str, entry: str
) -> None:
    """The reply is linked no longer."""
    offer(world)
    place = office(world)
    number = place.incident("Assign")
    place.comes(reply(place.token(place.request(number)), word))
    told = [one for one in place.shown(number)["follow_ups"] if entry in one["title"]]
    assert [one["title"] for one in told] == [f"{entry}: Complete"]
    [(reply_id, incident_id)] = links(world)
    world.db.write(lambda tx: undoing.unlink(tx, world.bob, reply_id, incident_id))
    shown = place.shown(number)
    assert (links(world), [one for one in shown["follow_ups"] if one in told]) == ([], told)


def test_the_second_decision_counts_for_nothing(place: Office, desk_of_bob: Desk) -> None:
    """Nor does the same mail once more; the activity is left alone, and the approver hears of
    it."""
    number = place.incident("Assign")
    asked = place.request(number, "bob@example.org", "alice@example.org")
    token, subject = place.token(asked), f"Re: Approval of #{number}"
    content = reply(token, "approve", subject=subject)
    place.comes(content)
    before = place.shown(number)
    second = reply(token, "reject", subject=subject)
    for again in (content, second, reply(token, "nein", "alice@example.org", subject=subject)):
        came = place.comes(again)
        assert (came.state, came.code) == ("filed", "$Used")
    assert place.shown(number) == before
    assert len(desk_of_bob.contents("INBOX")) == 2


def test_a_withdrawn_request_decides_nothing(place: Office) -> None:
    """The reply is kept."""
    number = place.incident("Assign")
    asked = place.request(number)
    token = place.token(asked)
    place.world.db.write(
        lambda tx: approvals.withdraw(tx, place.world.segment_id, asked.id, "anna@host")
    )
    came = place.comes(reply(token, "approve", subject=f"Re: #{number}"))
    assert (came.code, place.shown(number)["state"]) == ("$Used", "In Progress")
    assert place.shown(came.number)["links"] == []


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda good: good.replace(good[10:14], "0000"), id="another token"),
        pytest.param(
            lambda good: good[:50] + ("0" if good[50] != "0" else "1") + good[51:], id="sign"
        ),
        pytest.param(lambda _: f"<approval.{1:032x}.{2:032x}@example.org>", id="made up"),
    ],
)
def test_a_forged_token_does_nothing(place: Office, desk_of_bob: Desk, forge: object) -> None:
    """Not even by the number in its subject; it is recorded, and nobody is told."""
    number = place.incident("Assign")
    asked = place.request(number)
    before = place.shown(number)
    assert callable(forge)
    token = forge(place.token(asked))
    assert token != place.token(asked)
    came = place.comes(reply(token, "approve", subject=f"Re: Approval of #{number}"))
    assert (came.state, came.code) == ("filed", "$Forged")
    assert place.shown(number) == before
    assert place.shown(came.number)["links"] == []
    assert desk_of_bob.contents("INBOX") == []


def test_a_request_that_is_not_there_any_more_is_none(place: Office) -> None:
    """It was made after the backup that was restored: the signature is good, and that isn't
    enough."""
    number = place.incident("Assign")
    token = place.token(place.request(number))
    place.world.db.write(lambda tx: tx.connection.execute(delete(schema.approval)))
    assert place.comes(reply(token, "approve")).code == "$Forged"
    assert place.shown(number)["state"] == "In Progress"


def test_upper_case_and_a_long_thread_do_no_harm(place: Office) -> None:
    """The nearest request that is known counts."""
    number, other = place.incident("Assign"), place.incident("Assign")
    first, second = place.request(other), place.request(number)
    token = place.token(second).upper()
    extra = f"References: {place.token(first)} <x@y>\r\n {token} <z@y>\r\n"
    came = place.comes(reply(None, "approve", extra=extra))
    assert came.code == "$Approved"
    assert place.shown(number)["state"] == "Complete"
    assert place.shown(other)["state"] == "In Progress"


def test_a_mail_that_answers_no_request_is_any_mail(place: Office) -> None:
    """It is linked to what it names, and decides nothing."""
    number = place.incident("Assign")
    place.request(number)
    came = place.comes(reply(None, "approve", subject=f"Re: #{number}"))
    assert (came.state, came.code) == ("filed", "$NoRequest")
    shown = place.shown(number)
    assert shown["state"] == "In Progress"
    assert [one["from_activity"] for one in shown["follow_ups"]][-1] == came.number


@pytest.mark.parametrize("why", ["state", "offer"])
def test_a_transition_that_is_no_longer_possible(
    place: Office, desk_of_bob: Desk, why: str
) -> None:
    """The approver is told, and the request has ended: the word counts for this once."""
    number = place.incident("Assign")
    asked = place.request(number)
    token = place.token(asked)
    if why == "state":
        place.world.db.write(
            lambda tx: by_hand.follow_up(tx, place.world.segment_id, number, transition="Complete")
        )
    else:
        offer(place.world, on=False)
    before = place.shown(number)["state"]
    came = place.comes(reply(token, "approve"))
    assert (came.code, place.shown(number)["state"]) == ("$Impossible", before)
    assert place.state(asked) == "impossible"
    (told,) = desk_of_bob.contents("INBOX")
    assert b"Nothing was decided." in told


def test_who_approves_is_assigned_where_the_transition_says_so(world: World) -> None:
    """As the user that the approver is."""
    segment_id = world.segment_id
    world.db.write(
        lambda tx: processes.offer_by_mail(
            tx, segment_id, "Simple", "Assign", True, None, "anna@host"
        )
    )
    place = office(world)
    number = world.db.write(
        lambda tx: by_hand.new_activity(tx, segment_id, "Task", type_name="Task")
    )
    asked = place.request(number, transition="Assign")
    assert place.comes(reply(place.token(asked), "ja")).code == "$Approved"
    assert place.shown(number)["assigned_to"] == "bob"


def test_what_can_not_be_filed_decides_nothing_until_it_is(place: Office) -> None:
    """Then once, by the retry."""
    number = place.incident("Assign")
    asked = place.request(number)
    token = place.token(asked)
    place.world.db.write(lambda tx: set_default_creator(tx, place.world.segment_id, "Meetings"))
    row_id = place.take(reply(token, "approve"))
    # A creator that takes no mail, and none of the account's own.
    came = filing.file_one(place.world.db, row_id, LIMITS)
    assert came.state == incoming.FAILED
    assert place.shown(number)["state"] == "In Progress"
    place.world.db.write(lambda tx: set_default_creator(tx, place.world.segment_id, "E-Mails"))
    assert filing.retry(place.world.db, row_id, LIMITS).code == "$Approved"
    assert filing.retry(place.world.db, row_id, LIMITS).code == "$Approved"
    assert place.shown(number)["state"] == "Complete"
    assert len(place.shown(number)["follow_ups"]) == 3
