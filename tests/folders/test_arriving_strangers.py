"""Mail that comes in by itself: whether a number alone links it, since anybody can guess one."""

from __future__ import annotations

import pytest
from desk import Desk, wrapper
from postbox import Postbox, letter, outcomes
from world import World, build

from imapgate.activities import creators, segments, x500
from storage import Database
from storage import people as people_rows

EVE = "Eve <eve@elsewhere.example>"


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def box(world: World) -> Postbox:
    return Postbox(world)


@pytest.fixture
def number(box: Postbox) -> int:
    """An incident that Rita reported and bob has, about which Erika wrote with a copy to Carl."""
    box.contact("Rita", "rita@example.com", "rita@home.example")
    box.world.db.write(
        lambda tx: creators.edit_creator(
            tx, box.world.segment_id, "GadgetASupport", assigned_to="bob@Standard"
        )
    )
    made = box.incident(contact="Rita")
    known = letter(f"#{made}", "known", extra="Cc: carl@example.com\r\n")
    assert outcomes(box.take(known, stranger="link")) == [(made, "linked")]
    return made


def linked(
    box: Postbox,
    number: int,
    sender: str = EVE,
    to: str = "support@example.org",
    extra: str = "",
    **policy: object,
) -> bool:
    came = box.take(letter(f"About #{number}", sender=sender, to=to, extra=extra), **policy)
    ((named, outcome),) = outcomes(came)
    assert named == number
    assert outcome in ("linked", "stranger")
    return outcome == "linked"


@pytest.mark.parametrize(
    ("sender", "takes_part"),
    [
        ("erika@example.com", True),
        ("Somebody <ERIKA@EXAMPLE.COM>", True),
        ("carl@example.com", True),
        ("rita@example.com", True),
        ("rita@home.example", True),
        ("bob@example.org", True),
        ("dave@example.org", True),
        ("eve@elsewhere.example", False),
        ("erika@example.com.elsewhere.example", False),
        ("", False),
    ],
)
def test_senders_who_take_part_or_are_staff(
    box: Postbox, number: int, sender: str, takes_part: bool
) -> None:
    assert linked(box, number, sender) == takes_part


@pytest.mark.parametrize(
    ("whose", "domain", "takes_part"),
    [
        ("dave@example.org", "example.org", True),
        ("dave@example.org", "elsewhere.example", False),
        ("dave@example.org", "example.org.elsewhere.example", False),
        ("erika@example.com", "example.com", True),
        ("erika@example.com", "EXAMPLE.ORG", True),
        ("erika@example.com", "elsewhere.example", False),
    ],
)
def test_an_x500_name_from_another_domain_takes_no_part(
    box: Postbox, number: int, whose: str, domain: str, takes_part: bool
) -> None:
    """Of staff or of who takes part: anybody can write it from a domain of their own."""
    box.world.db.write(lambda tx: x500.remember(tx, box.world.segment_id, "/O=ACME/CN=ONE", whose))
    assert linked(box, number, f"One <IMCEAEX-_O=ACME_CN=ONE@{domain}>") == takes_part


@pytest.mark.parametrize(
    ("to", "extra", "takes_part"),
    [
        ("support@example.org, erika@example.com", "", True),
        ("support@example.org", "Cc: Carl <carl@example.com>\r\n", True),
        ("bob@example.org", "", True),
        ("support@example.org", "", False),
        ("support@example.org", "Cc: frank@elsewhere.example\r\n", False),
    ],
)
def test_recipients_who_take_part(
    box: Postbox, number: int, to: str, extra: str, takes_part: bool
) -> None:
    assert linked(box, number, to=to, extra=extra) == takes_part


@pytest.mark.parametrize(
    ("stranger", "sender", "takes_part"),
    [
        ("link", EVE, True),
        ("known", EVE, False),
        ("never", EVE, False),
        ("link", "erika@example.com", True),
        ("never", "erika@example.com", False),
        ("never", "bob@example.org", False),
    ],
)
def test_each_account_says_what_a_number_alone_is_worth(
    box: Postbox, number: int, stranger: str, sender: str, takes_part: bool
) -> None:
    assert linked(box, number, sender, stranger=stranger) == takes_part


@pytest.mark.parametrize("told_by", ["account", "server", "domain", "nobody"])
def test_the_houses_own_mailbox_takes_part_in_nothing(
    box: Postbox, number: int, told_by: str
) -> None:
    """All that came to it was sent to it."""
    own = "help@desk.example"
    box.take(letter(f"#{number}", "before", to=own), stranger="link")
    policy: dict[str, object] = {"plus": (own,)} if told_by == "account" else {}
    extra = f"Delivered-To: {own}\r\n" if told_by == "server" else ""
    if told_by == "domain":
        box.world.db.write(
            lambda tx: people_rows.set_domains(tx, box.world.segment_id, ["desk.example"])
        )
    assert linked(box, number, to=own, extra=extra, **policy) == (told_by == "nobody")


def test_a_colleague_who_is_no_user_takes_part_like_anybody(box: Postbox) -> None:
    colleague = "eric@example.org"
    box.contact("Eric", colleague)
    number = box.incident(contact="Eric")
    assert linked(box, number, colleague)
    assert not linked(box, number, "other@example.org")


def test_who_writes_as_the_houses_mailbox_is_a_stranger(box: Postbox, number: int) -> None:
    own = "support@example.org"
    assert not linked(box, number, own, plus=(own,))


def test_a_strangers_mail_is_filed_marked_and_told(box: Postbox, number: int) -> None:
    before = len(box.show(number)["follow_ups"])
    came = box.take(letter(f"About #{number}", sender=EVE))
    assert came.text == (
        f"Filed as #{came.number} in E-Mails. #{number} is not linked: "
        "the sender has no part in it."
    )
    assert box.show(came.number)["name"] == f"About #{number}"
    assert len(box.show(number)["follow_ups"]) == before
    rows = Desk(box.world, box.world.alice).rows("Trackers/E-Mails")
    assert [one.keywords for one in rows] == [(), ("$NumberUnknown",)]


def test_what_somebody_forwards_who_takes_part_is_no_strangers(box: Postbox, number: int) -> None:
    inner = letter(f"About #{number}", sender=EVE)
    by_eve = box.take(wrapper("Sales", inner).replace(b"alice@example.org", EVE.encode()))
    assert outcomes(by_eve) == [(number, "stranger")]
    by_erika = box.take(wrapper("Sales", inner).replace(b"alice@example.org", b"erika@example.com"))
    assert outcomes(by_erika) == [(number, "linked")]


def test_who_answers_a_mail_is_no_stranger(box: Postbox, number: int) -> None:
    """A Message-ID can't be guessed."""
    content = letter(f"Re: #{number}", sender=EVE, extra="In-Reply-To: <lknown@example.com>\r\n")
    assert outcomes(box.take(content)) == [(number, "linked")]


def test_a_plus_address_is_a_number_like_any_other(box: Postbox, number: int) -> None:
    own = {"plus": ("support@example.org",)}
    to = f"support+{number}@example.org"
    assert outcomes(box.take(letter(n=1, sender=EVE, to=to), **own)) == [(number, "stranger")]
    assert outcomes(box.take(letter(n=2, to=to), **own)) == [(number, "linked")]


def test_whom_the_administrator_stands_for_is_a_stranger_all_the_same(
    box: Postbox, number: int
) -> None:
    assert not linked(box, number, unknown_sender="administrator")


def test_a_stranger_who_writes_twice_stays_one(box: Postbox, number: int) -> None:
    """Neither the contact that the first mail made nor the mail itself counts."""
    assert not linked(box, number)
    assert not linked(box, number)
    came = box.take(letter(f"#{number}", "other", sender=EVE))
    assert outcomes(came) == [(number, "stranger")]


def test_who_drops_a_strangers_mail_links_it(box: Postbox, number: int) -> None:
    content = letter(f"About #{number}", sender=EVE)
    box.take(content)
    alice = Desk(box.world, box.world.alice)
    alice.append("Trackers/E-Mails", content)
    assert [one.keywords for one in alice.rows("Trackers/E-Mails")] == [(), ()]
    assert len(box.show(number)["follow_ups"]) == 2


def test_a_subject_pattern_of_the_segments_own_counts_too(box: Postbox, number: int) -> None:
    box.world.db.write(
        lambda tx: segments.set_subjects(tx, box.world.segment_id, "Case ([0-9]{1,18})")
    )
    came = box.take(letter(f"Case {number}", sender=EVE))
    assert outcomes(came) == [(number, "stranger")]
    assert outcomes(box.take(letter(f"Case {number}", 2))) == [(number, "linked")]
