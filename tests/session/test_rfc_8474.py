"""OBJECTID's own examples (RFC 8474), and what they leave open."""

from __future__ import annotations

import pytest
from mailroom import put
from sqlalchemy import update
from transcript import Stage

from storage.schema import message

SUPPORT = "Trackers/Support"


def mail(name: str, *fields: str) -> bytes:
    lines = (f"Message-ID: <{name}@example.org>", f"Subject: {name}", *fields)
    return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\ntext\r\n"


def ids(stage: Stage, name: str, who: str = "alice") -> list[tuple[str, str]]:
    """(EMAILID, THREADID) of each message of a folder."""
    client = stage.client(who)
    client.send(f"i EXAMINE {name}\r\nj UID FETCH 1:* (EMAILID THREADID)\r\n".encode())
    stage.tell_news()
    found = [line.split() for line in client.read() if "EMAILID" in line]
    client.lines.clear()
    return [(one[6].strip("()"), one[8].strip("()")) for one in found]


def test_the_examples_of_section_4(stage: Stage) -> None:
    """MAILBOXID at CREATE, SELECT, EXAMINE and STATUS; it stays when the folder is renamed."""
    stage.run("""
        C: 3 create foo
        S: 3 OK [MAILBOXID (<foo>)] ...
        C: 4 create bar
        S: 4 OK [MAILBOXID (<bar>)] ...
        C: 5 create foo
        S: 5 NO [ALREADYEXISTS] ...
        C: 6 status foo (mailboxid)
        S: * STATUS foo (MAILBOXID (<foo>))
        S: 6 OK ...
        C: 7 status bar (mailboxid messages)
        S: * STATUS bar (MAILBOXID (<bar>) MESSAGES 0)
        S: 7 OK ...
        C: 8 rename foo renamed
        S: 8 OK ...
        C: 9 status renamed (mailboxid)
        S: * STATUS renamed (MAILBOXID (<foo>))
        S: 9 OK ...
        C: 10 status bar (mailboxid)
        S: * STATUS bar (MAILBOXID (<bar>))
        S: 10 OK ...
        C: 11 select renamed
        S: ~
        S: * OK [MAILBOXID (<foo>)] ...
        S: 11 OK [READ-WRITE] ...
        C: 12 examine bar
        S: ~
        S: * OK [MAILBOXID (<bar>)] ...
        S: 12 OK [READ-ONLY] ...
        C: 13 delete renamed
        S: 13 OK ...
        C: 14 create foo
        S: 14 OK [MAILBOXID (<new>)] ...
    """)


def test_every_folder_has_an_id_of_its_own(stage: Stage) -> None:
    """In LIST's RETURN, too (RFC 5819): personal ones, groups and headings."""
    client = stage.client("alice")
    client.send(b'a LIST "" * RETURN (STATUS (MAILBOXID))\r\n')
    stage.tell_news()
    lines = [line for line in client.read() if line.startswith("* STATUS ")]
    client.lines.clear()
    assert len(lines) == len({line.partition("(MAILBOXID ")[2] for line in lines}) > 10


def test_everybody_sees_the_same_folder(stage: Stage) -> None:
    stage.run(f"""
        C: a STATUS {SUPPORT} (MAILBOXID)
        S: * STATUS {SUPPORT} (MAILBOXID (<group>))
        S: a OK ...
        bob C: a STATUS {SUPPORT} (MAILBOXID)
        bob S: * STATUS {SUPPORT} (MAILBOXID (<group>))
        bob S: a OK ...
    """)


def test_the_examples_of_section_5(stage: Stage) -> None:
    """A copy is the same e-mail; a reply is of its thread; MOVE changes neither."""
    put(
        stage.world,
        stage.world.alice,
        "INBOX",
        [mail("one"), mail("two", "In-Reply-To: <one@example.org>"), mail("three")],
    )
    stage.run("""
        C: 1 CREATE foo
        S: 1 OK ...
        C: 2 SELECT INBOX
        S: ~
        S: 2 OK ...
        C: 3 FETCH 1:* (EMAILID THREADID)
        S: * 1 FETCH (EMAILID (<one>) THREADID (<thread>))
        S: * 2 FETCH (EMAILID (<two>) THREADID (<thread>))
        S: * 3 FETCH (EMAILID (<three>) THREADID (<other>))
        S: 3 OK ...
        C: 4 COPY 2 foo
        S: 4 OK ...
        C: 5 MOVE 3 foo
        S: ~
        S: 5 OK ...
        C: 6 SELECT foo
        S: ~
        S: 6 OK ...
        C: 7 FETCH 1:* (EMAILID THREADID)
        S: * 1 FETCH (EMAILID (<two>) THREADID (<thread>))
        S: * 2 FETCH (EMAILID (<three>) THREADID (<other>))
        S: 7 OK ...
    """)
    emails = [email for email, _ in ids(stage, "INBOX") + ids(stage, "foo")]
    assert len(set(emails)) == 3


def test_the_examples_of_section_6(stage: Stage) -> None:
    """SEARCH by both, exactly."""
    put(
        stage.world,
        stage.world.alice,
        "INBOX",
        [mail("one"), mail("two", "References: <one@example.org>"), mail("three")],
    )
    (email, thread), _, (_, other) = ids(stage, "INBOX")
    stage.run(f"""
        C: 27 SEARCH EMAILID {email}
        S: * SEARCH 1
        S: 27 OK ...
        C: 28 SEARCH THREADID {thread}
        S: * SEARCH 1 2
        S: 28 OK ...
        C: 29 UID SEARCH OR EMAILID "{email}" THREADID {other}
        S: * SEARCH 1 3
        S: 29 OK ...
        C: 30 SEARCH NOT THREADID {thread}
        S: * SEARCH 3
        S: 30 OK ...
        C: 31 SEARCH EMAILID {thread}
        S: * SEARCH
        S: 31 OK ...
        C: 32 SEARCH THREADID {thread.swapcase()}
        S: * SEARCH
        S: 32 OK ...
        C: 33 SEARCH EMAILID {"a" * 255} EMAILID M
        S: * SEARCH
        S: 33 OK ...
    """)


@pytest.mark.parametrize(
    "wrong", ["EMAILID", "THREADID ()", 'EMAILID ""', "EMAILID a.b", f"EMAILID {'a' * 256}"]
)
def test_what_is_no_object_id_is_bad(stage: Stage, wrong: str) -> None:
    stage.run(f"""
        C: a SELECT INBOX
        S: ~
        S: a OK ...
        C: b SEARCH {wrong}
        S: b BAD ...
    """)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_thread_needs_no_order(stage: Stage, order: tuple[int, ...]) -> None:
    """Replies that come before what they answer belong to it all the same."""
    mails = [
        mail("root"),
        mail("reply", 'References: <"root"@example.org>'),
        mail("again", "References: <root@example.org> <reply@example.org>"),
    ]
    for at in order:
        put(stage.world, stage.world.alice, "INBOX", [mails[at]])
    assert len({thread for _, thread in ids(stage, "INBOX")}) == 1


def test_mails_without_any_id_stand_alone(stage: Stage) -> None:
    put(
        stage.world,
        stage.world.alice,
        "INBOX",
        [b"Subject: same\r\n\r\none\r\n", b"Subject: same\r\n\r\ntwo\r\n"],
    )
    (_, first), (_, second) = ids(stage, "INBOX")
    assert first != second


def test_an_id_tells_nothing_of_others_mails(stage: Stage) -> None:
    """Whoever knows two Message-IDs can't find out by mails of their own whether somebody has those
    mails, nor that one answers the other: their THREADIDs are the same with and without."""
    made = [
        mail("probe1", "References: <private1@example.org>"),
        mail("probe2", "References: <private2@example.org>"),
        mail("probe3", "In-Reply-To: <private2@example.org>"),
    ]
    put(stage.world, stage.world.bob, "INBOX", made)
    before = ids(stage, "INBOX", "bob")
    put(
        stage.world,
        stage.world.alice,
        "INBOX",
        [mail("private1"), mail("private2", "In-Reply-To: <private1@example.org>")],
    )
    put(stage.world, stage.world.bob, "Archive", [one + b"more\r\n" for one in made])
    after = ids(stage, "Archive", "bob")
    assert [thread for _, thread in after] == [thread for _, thread in before]
    assert before[0][1] != before[1][1] == before[2][1]


def test_a_message_that_was_expunged_meanwhile_keeps_its_ids(stage: Stage) -> None:
    """Until the session has been told (RFC 2180)."""
    put(stage.world, stage.world.alice, "INBOX", [mail("one")])
    stage.run("""
        C: a SELECT INBOX
        S: ~
        S: a OK ...
        alice2 C: a SELECT INBOX
        alice2 S: ~
        alice2 S: a OK ...
        alice2 C: b STORE 1 +FLAGS.SILENT (\\Deleted)
        alice2 S: b OK ...
        C: b FETCH 1 (EMAILID THREADID PREVIEW)
        S: * 1 FETCH (EMAILID (<email>) THREADID (<thread>) PREVIEW "text")
        S: ~
        S: b OK ...
        alice2 C: c EXPUNGE
        alice2 S: * 1 EXPUNGE
        alice2 S: c OK ...
        C: c FETCH 1 (EMAILID THREADID PREVIEW)
        S: * 1 FETCH (EMAILID (<email>) THREADID (<thread>) PREVIEW "text")
        S: c OK ...
    """)


def test_before_an_upgrade_is_through_there_is_no_threadid(stage: Stage) -> None:
    """NIL (RFC 8474 5.2), which a client may see become one."""
    put(stage.world, stage.world.alice, "INBOX", [mail("one")])
    stage.world.db.write(lambda tx: tx.connection.execute(update(message).values(thread_id=None)))
    stage.run("""
        C: a SELECT INBOX
        S: ~
        S: a OK ...
        C: b FETCH 1 THREADID
        S: * 1 FETCH (THREADID NIL)
        S: b OK ...
    """)
