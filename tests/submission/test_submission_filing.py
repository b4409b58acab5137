"""What was sent is filed where it belongs, as the sender's own drop, and else nowhere."""

from __future__ import annotations

import pytest
from desk import Desk, links, mail, records
from posting import LATER, UNCERTAIN
from submitting import ALICE, CUSTOMER, Post, letter, octets_of
from world import World

from imapgate.activities import groups
from imapgate.folders import groups as folder_groups
from imapgate.incoming import filing, reports, sent
from imapgate.outgoing import outbox as box
from imapgate.outgoing import sending
from storage import Tx, accounts, activities, emails, incoming, outbox, sent_wishes
from storage.sent_wishes import SentWish

SUPPORT, SALES = "Trackers/Support", "Trackers/Sales"
CASE = 10000001
"""The mail that `case` drops on Support."""
ANSWER = "In-Reply-To: <mcase@example.com>\r\nReferences: <mcase@example.com>\r\n"


@pytest.fixture
def alice(world: World) -> Desk:
    return Desk(world, world.alice)


@pytest.fixture
def case(alice: Desk) -> int:
    """Its row id."""
    alice.append(SUPPORT, mail("It does not boot", "case"))
    (row,) = alice.rows(SUPPORT)
    assert row.activity_id is not None
    return row.activity_id


def _wish(world: World, name: str = "alice", references: bool = False, group: str = "") -> None:
    wish = SentWish(references, world.groups[group] if group else None)
    world.db.write(lambda tx: sent_wishes.set_of_principal(tx, world.people[name].id, wish))


def _queue(post: Post) -> list[incoming.IncomingRow]:
    def work(tx: Tx) -> list[incoming.IncomingRow]:
        found = (incoming.by_id(tx, n) for n in range(1, 50))
        return [one for one in found if one is not None]

    return post.world.db.read(work)


def test_a_number_in_the_subject_files_it_to_that_activity(
    post: Post, alice: Desk, case: int
) -> None:
    """A follow-up there, an entry in its group with the bytes as submitted, seen by its sender,
    with a record; it went out."""
    content = letter(f"Re: It does not boot #{CASE}")
    assert post.submit(content).startswith("250 ")
    (came,) = post.came
    assert came.state == "filed"
    assert came.text == f"Filed as #{CASE + 1} in Support, linked to #{CASE}."
    _, row = alice.rows(SUPPORT)
    assert (row.content, row.seen, row.activity_id) == (octets_of(content), True, came.activity_id)
    assert not Desk(post.world, post.world.bob).rows(SUPPORT)[1].seen
    assert links(post.world) == [(came.activity_id, case)]
    record = records(post.world)[-1]
    assert (record.command, record.client, record.folder_name) == ("SUBMIT", "submission", SUPPORT)
    assert (record.principal_id, record.uid) == (post.world.alice.id, row.uid)
    email = post.world.db.read(lambda tx: emails.of_activity(tx, came.activity_id or 0))
    assert email is not None
    assert email.direction == "out"


def test_the_client_s_own_copy_dropped_later_is_the_same_mail(
    post: Post, alice: Desk, case: int
) -> None:
    """One activity, one entry, and the UID that is there."""
    content = letter(f"Re: #{CASE}", extra="X-Mozilla-Status: 0001\r\n").replace(
        b"X-Mozilla-Status: 0001\r\n", b""
    )
    post.submit(content)
    before = alice.rows(SUPPORT)
    own_copy = b"X-Mozilla-Status: 0001\r\nX-Mozilla-Keys: \r\n" + octets_of(content)
    verdict = alice.append(SUPPORT, own_copy)
    assert verdict.uids == (before[1].uid,)
    assert alice.rows(SUPPORT) == before
    assert len(links(post.world)) == 1


def test_what_names_nothing_is_only_sent(post: Post, alice: Desk, case: int) -> None:
    """Private mail leaves nothing in the queue, no record, no entry: the outbox has it for a while,
    since it was sent from there."""
    told = len(records(post.world))
    assert post.submit(letter("Lunch?", extra=ANSWER)).startswith("250 ")
    assert [one.state for one in post.came] == ["discarded"]
    assert _queue(post) == []
    assert len(records(post.world)) == told
    assert len(alice.rows(SUPPORT)) == 1


@pytest.mark.parametrize("whose", ["user", "group"])
def test_by_references_where_the_user_or_the_group_says_so(
    post: Post, world: World, alice: Desk, case: int, whose: str
) -> None:
    if whose == "user":
        _wish(world, references=True)
    else:
        world.db.write(lambda tx: sent_wishes.set_of_group(tx, world.groups["Support"], True))
    post.submit(letter("Re: It does not boot", extra=ANSWER))
    (came,) = post.came
    assert came.text == f"Filed as #{CASE + 1} in Support, linked to #{CASE}."
    assert links(world) == [(came.activity_id, case)]
    post.submit(letter("Lunch?", n=2))
    assert post.came[1].state == "discarded"


def test_everything_else_goes_into_the_group_that_the_user_chose(
    post: Post, world: World, alice: Desk, case: int
) -> None:
    """Linked to nothing that it merely answers: that is another wish."""
    _wish(world, group="Sales")
    post.submit(letter("Re: It does not boot", extra=ANSWER))
    assert post.came[0].text == f"Filed as #{CASE + 1} in Sales."
    assert links(world) == []
    post.submit(letter(f"Re: #{CASE}", n=2))
    assert post.came[1].text.startswith(f"Filed as #{CASE + 2} in Support, linked")
    assert len(alice.rows(SALES)) == 1
    assert post.submit(letter(n=3, sender="bob@example.org"), who="bob").startswith("250 ")
    assert post.came[2].state == "discarded"


@pytest.mark.parametrize("blind", [False, True])
def test_a_plus_address_among_the_recipients_files_it(
    post: Post, world: World, alice: Desk, case: int, blind: bool
) -> None:
    """Of a mail account of the segment; as a blind copy, too, which no customer sees."""
    _account(world, "support@example.org")
    plus = f"support+{CASE}@example.org"
    to = CUSTOMER if blind else f"{CUSTOMER}, {plus}"
    post.submit(letter("Your offer", to=to), CUSTOMER, plus)
    assert post.came[0].text == f"Filed as #{CASE + 1} in Support, linked to #{CASE}."
    post.submit(letter("Your offer", n=2), CUSTOMER, f"other+{CASE}@example.org")
    assert post.came[1].state == "discarded"


def _account(world: World, plus: str) -> None:
    """A mail account of the segment with that plus address."""
    world.db.write(
        lambda tx: accounts.add(
            tx, world.segment_id, "mails", "mails", "mailbox", True, None, None, {"plus": [plus]}
        )
    )


def test_rights_are_the_sender_s(post: Post, world: World, case: int) -> None:
    """dave sees nothing of Support, so its number says nothing to him; carol sees it, and may add
    nothing: that is told in her own Incoming/Failed, and to nobody else. Both mails went out."""
    dave = letter(f"#{CASE}", sender="dave@example.org")
    assert post.submit(dave, who="dave").startswith("250 ")
    assert post.came[0].state == "discarded"
    carol = letter(f"#{CASE}", sender="carol@example.org", n=2)
    assert post.submit(carol, who="carol").startswith("250 ")
    came = post.came[1]
    assert (came.state, came.code) == ("failed", "$NoRight")
    assert came.text == 'Not filed: you may not add mail to group "Support".'
    failed = "Incoming/Failed"
    (row,) = Desk(world, world.carol).rows(failed)
    assert row.content == octets_of(carol)
    (told,) = Desk(world, world.carol).contents("INBOX")
    assert f"Subject: #{CASE}\n" in told.decode().replace("\r\n", "\n")
    assert came.text in told.decode()
    reports.tell_all(world.db)
    for other in ("admin", "alice", "bob", "dave"):
        desk = Desk(world, world.people[other])
        assert desk.find(failed) is None or desk.rows(failed) == []
        assert desk.contents("INBOX") == []
    filing.retry(world.db, came.row_id, post.limits)
    assert len(Desk(world, world.carol).contents("INBOX")) == 1
    assert len(post.relay.taken) == 2


def test_a_group_that_the_sender_does_not_see_is_not_named(
    post: Post, world: World, case: int
) -> None:
    """The activity is in E-Mails, too, of which carol is no member: why it can't be filed names
    Support, which she sees."""
    world.db.write(lambda tx: activities.add_to_group(tx, case, world.groups["E-Mails"]))
    post.submit(letter(f"#{CASE}", sender="carol@example.org"), who="carol")
    assert post.came[0].text == 'Not filed: you may not add mail to group "Support".'


@pytest.mark.parametrize(
    "field",
    [
        "Auto-Submitted: auto-replied\r\n",
        "Precedence: bulk\r\n",
        "X-Auto-Response-Suppress: All\r\n",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=x\r\n",
    ],
)
def test_what_no_person_wrote_is_only_sent(
    post: Post, world: World, alice: Desk, case: int, field: str
) -> None:
    """An out-of-office notice, a receipt, a circular, whatever its subject names."""
    _wish(world, references=True, group="Sales")
    content = letter(f"Read: #{CASE}", extra=field + ANSWER)
    assert post.submit(content, sender="").startswith("250 ")
    assert post.came[0].state == "discarded"
    assert _queue(post) == []


def test_an_unknown_number_is_no_activity(post: Post, world: World) -> None:
    post.submit(letter("See #99999999"))
    assert post.came[0].state == "discarded"
    _wish(world, group="Sales")
    post.submit(letter("See #99999999", n=2))
    (row,) = Desk(world, world.alice).rows(SALES)
    assert row.keywords == ("$NumberUnknown",)


def test_what_may_have_been_sent_waits_for_its_sender_s_word(
    post: Post, world: World, alice: Desk, case: int
) -> None:
    """In the sender's Incoming/Failed alone; dragged onto a group, or tried again, it is filed. A
    private one leaves nothing."""
    post.relay.script = [UNCERTAIN, UNCERTAIN]
    post.submit(letter(f"#{CASE}"))
    post.submit(letter("Lunch?", n=2))
    assert [one.state for one in post.came] == ["held", "discarded"]
    (row,) = _queue(post)
    assert len(alice.rows("Incoming/Failed")) == 1
    assert Desk(world, world.admin).find("Incoming/Failed") is None
    came = filing.retry(world.db, row.id, post.limits)
    assert came.text == f"Filed as #{CASE + 1} in Support, linked to #{CASE}."
    assert alice.rows("Incoming/Failed") == []


def test_what_was_not_sent_is_not_filed(post: Post, alice: Desk, case: int) -> None:
    post.relay.script = [LATER]
    assert post.submit(letter(f"#{CASE}")).startswith("451 ")
    (row,) = _queue(post)
    assert (row.state, row.text[:26]) == ("discarded", "Not sent, so not filed. Ma")
    assert len(alice.rows(SUPPORT)) == 1


def test_what_an_administrator_has_sent_all_the_same_is_filed(
    post: Post, world: World, alice: Desk, case: int
) -> None:
    """Once it was sent, not while it waits."""
    post.relay.script = [LATER]
    post.submit(letter(f"#{CASE}"))
    (mail_row,) = post.rows()
    (row,) = _queue(post)
    world.db.write(lambda tx: box.retry(tx, mail_row.id))
    assert filing.file_left_over(world.db, row.id, post.limits).state == "fetched"
    assert len(alice.rows(SUPPORT)) == 1
    sending.send_one(world.db, mail_row.id, post.relay)
    assert world.db.read(lambda tx: incoming.due(tx, 0, 10, 0)) == [row.id]
    assert filing.file_left_over(world.db, row.id, post.limits).state == "filed"
    assert len(alice.rows(SUPPORT)) == 2


def test_filing_waits_for_the_answer_and_survives_a_crash(
    post: Post, world: World, alice: Desk, case: int
) -> None:
    """The queue's own pass leaves alone what is being sent, however often it looks; if nobody came
    to file it, that pass does."""
    looks: list[str] = []

    def look() -> None:
        for row in _queue(post):
            looks.append(filing.file_left_over(world.db, row.id, post.limits).state)

    post.relay.before = look
    post.relay.during = lambda: [look() for _ in range(20)] and None
    post.post.file = lambda _: None
    assert post.submit(letter(f"#{CASE}")).startswith("250 ")
    assert set(looks) == {"fetched"}
    assert len(alice.rows(SUPPORT)) == 1
    (row,) = _queue(post)
    assert row.attempts == 0
    came = filing.file_left_over(world.db, row.id, post.limits)
    assert came.state == "filed"
    assert len(alice.rows(SUPPORT)) == 2


def test_trouble_in_filing_is_no_error_of_sending(
    post: Post, world: World, case: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client hears that it was sent; the row is failed, and tried again later."""

    def broken(*_: object, **__: object) -> None:
        raise ValueError("ours")

    monkeypatch.setattr(sent.sent, "file_sent", broken)
    assert post.submit(letter(f"#{CASE}")).startswith("250 ")
    (row,) = _queue(post)
    assert (row.state, row.code) == ("failed", "$Failed")
    assert row.next_at is not None
    monkeypatch.undo()
    assert filing.retry(world.db, row.id, post.limits).state == "filed"


def test_a_group_that_is_gone_is_nobody_s_wish(post: Post, world: World) -> None:
    _wish(world, group="Sales")
    world.db.write(lambda tx: folder_groups.group_removed(tx, world.groups["Sales"]))
    world.db.write(lambda tx: groups.remove_group(tx, world.segment_id, "Sales"))
    wish = world.db.read(lambda tx: sent_wishes.of_principal(tx, world.alice.id))
    assert wish == SentWish()
    post.submit(letter())
    assert post.came[0].state == "discarded"


def test_bytes_are_stored_as_they_came(post: Post, world: World, case: int) -> None:
    """No header is added, neither here nor on the way: 8 bit, long lines, no Message-ID, no
    Date."""
    said = f"From: {ALICE}\r\nSubject: =?utf-8?q?f=C3=BCr_#{CASE}?=\r\n\r\n" + "ü" * 2000 + "\r\n"
    assert post.submit(said.encode() + b".\r\n").startswith("250 ")
    assert post.relay.taken[0][2] == said.encode()
    (row,) = [one for one in post.rows() if one.state == outbox.SENT]
    assert row.stored_message_id is not None
    assert post.came[0].state == "filed"
