"""SORT's and THREAD's own examples (RFC 5256), and what they leave open."""

from __future__ import annotations

import pytest
from mailroom import put
from sqlalchemy import delete
from transcript import Stage

from storage.schema import message_order


def mail(subject: str, *fields: str, body: str = "text") -> bytes:
    head = "".join(f"{line}\r\n" for line in (f"Subject: {subject}", *fields))
    return f"{head}\r\n{body}\r\n".encode()


def select(stage: Stage, mails: list[bytes], *, at: list[int] | None = None) -> Stage:
    for n, one in enumerate(mails):
        when = 1_000_000_000 + n if at is None else at[n]
        put(stage.world, stage.world.alice, "INBOX", [one], internal_at=when)
    stage.run("""
        C: s SELECT INBOX
        S: ~
        S: s OK ...
    """)
    return stage


def test_the_examples_of_sort(stage: Stage) -> None:
    """Section 3: A282 to A284, on five mails that give A283's answer."""
    select(
        stage,
        [
            mail("pears", "Date: 1 Feb 2001 00:00:00 +0000"),
            mail("Re: pears", "Date: 1 Jan 2001 00:00:00 +0000"),
            mail("[list] apples (fwd)", "Date: 2 Jan 2001 00:00:00 +0000"),
            mail("APPLES", "Date: 1 Jan 2001 00:00:00 +0000"),
            mail("Re: Apples", "Date: 3 Jan 2001 00:00:00 +0000"),
        ],
    )
    stage.run("""
        C: A282 SORT (SUBJECT) UTF-8 SINCE 1-Feb-1994
        S: * SORT 3 4 5 1 2
        S: A282 OK ...
        C: A283 SORT (SUBJECT REVERSE DATE) UTF-8 ALL
        S: * SORT 5 3 4 1 2
        S: A283 OK ...
        C: A284 SORT (SUBJECT) US-ASCII TEXT "not in mailbox"
        S: * SORT
        S: A284 OK ...
    """)


@pytest.fixture
def sorted_out(stage: Stage) -> Stage:
    """Four mails that each key has in an order of its own."""
    return select(
        stage,
        [
            mail(
                "=?utf-8?q?=C3=96l?=",
                "From: Zoe <dora@example.org>",
                "To: Carl <carl@example.org>",
                "Cc: x@example.org",
                "Date: 31 Dec 2000 16:01:33 -0800",
                body="xx",
            ),
            mail("Re: zebra", "From: Adam <ADA@example.org>", "Date: 1 Jan 2001 00:01:32 +0000"),
            mail("", "To: Bea <zack@example.org>", "Cc: a@example.org", body="x" * 99),
            mail("oak", "From: bob@example.org", "To: zack@example.org", "Date: soon", body="xxx"),
        ],
        at=[1_200_000_000, 1_100_000_000, 900_000_000, 1_000_000_000],
    )


@pytest.mark.parametrize(
    ("criteria", "order"),
    [
        ("ARRIVAL", "3 4 2 1"),
        ("CC", "2 4 3 1"),
        ("DATE", "3 2 1 4"),  # 3 and 4 by INTERNALDATE
        ("FROM", "3 2 4 1"),
        ("SIZE", "4 2 1 3"),
        ("SUBJECT", "3 4 1 2"),
        ("TO", "2 1 3 4"),
        ("DISPLAYFROM", "3 2 4 1"),
        ("DISPLAYTO", "2 3 1 4"),
        ("REVERSE DATE", "4 1 2 3"),
        ("REVERSE CC", "1 3 2 4"),  # sequence numbers are never reversed
        ("REVERSE TO", "3 4 1 2"),
        ("TO REVERSE ARRIVAL", "2 1 4 3"),
        ("CC REVERSE SUBJECT", "2 4 3 1"),
    ],
)
def test_each_key(sorted_out: Stage, criteria: str, order: str) -> None:
    """Absent fields are empty and come first; equal ones are in the order of the folder."""
    sorted_out.run(f"""
        C: a SORT ({criteria}) UTF-8 ALL
        S: * SORT {order}
        S: a OK ...
    """)


def test_by_uid_and_with_keys_by_number(sorted_out: Stage) -> None:
    """UID SORT answers UIDs; numbers among the keys stay numbers."""
    sorted_out.run("""
        C: a STORE 1 +FLAGS.SILENT (\\Deleted)
        S: a OK ...
        C: b EXPUNGE
        S: * 1 EXPUNGE
        S: b OK ...
        C: c UID SORT (DATE) UTF-8 1:2
        S: * SORT 3 2
        S: c OK ...
        C: d SORT (DATE) UTF-8 UID 2:3
        S: * SORT 2 1
        S: d OK ...
        C: e UID THREAD ORDEREDSUBJECT UTF-8 UID 2:4
        S: * THREAD (3)(2)(4)
        S: e OK ...
        C: f THREAD ORDEREDSUBJECT UTF-8 UID 2:4
        S: * THREAD (2)(1)(3)
        S: f OK ...
    """)


@pytest.mark.parametrize("command", ["SORT (DATE)", "UID THREAD REFERENCES"])
def test_a_charset_that_is_unknown(sorted_out: Stage, command: str) -> None:
    sorted_out.run(f"""
        C: a {command} KOI8-R ALL
        S: a NO [BADCHARSET (US-ASCII UTF-8)] ...
        C: b {command} UTF-8 SUBJECT Öl
        S: b BAD ...
        C: c {command} UTF-8 SUBJECT "Öl"
        S: * ...
        S: c OK ...
        C: d {command} ALL
        S: d ...
        C: e {command} UTF-8
        S: e BAD ...
    """)


def conversation(stage: Stage) -> Stage:
    return select(
        stage,
        [
            mail("plan", "Message-ID: <1@x>"),
            mail("Re: plan", "Message-ID: <2@x>", "In-Reply-To: <1@x>"),
            mail("Re: plan", "Message-ID: <3@x>", "References: <1@x> <2@x>"),
            mail("other", "Message-ID: <4@x>", 'References: <"1"@x>'),
            mail("Fwd: lost", "Message-ID: <5@x>", "References: <0@x>"),
            mail("lost and found", "Message-ID: <6@x>", "References: <0@x>"),
            mail("[fwd: weather]"),
            mail("Weather"),
        ],
    )


def test_the_examples_of_thread(stage: Stage) -> None:
    """Section 3: A283 to A285 by what they ask for, on a conversation of our own."""
    conversation(stage)
    stage.run("""
        C: A283 THREAD ORDEREDSUBJECT UTF-8 SINCE 5-MAR-2000
        S: * THREAD (1 (2)(3))(4)(5)(6)(7 8)
        S: A283 OK ...
        C: A284 THREAD ORDEREDSUBJECT US-ASCII TEXT "gewp"
        S: * THREAD
        S: A284 OK ...
        C: A285 THREAD REFERENCES UTF-8 SINCE 5-MAR-2000
        S: * THREAD (1 (2 3)(4))((5)(6))(8 7)
        S: A285 OK ...
    """)


def test_what_is_not_found_joins_what_is(stage: Stage) -> None:
    """Section 4: siblings of a parent that doesn't match the criteria."""
    conversation(stage)
    stage.run("""
        C: a THREAD REFERENCES UTF-8 2,4
        S: * THREAD ((2)(4))
        S: a OK ...
        C: b THREAD REFERENCES UTF-8 1,3
        S: * THREAD (1 3)
        S: b OK ...
    """)


def test_a_reference_that_is_named_twice_counts_twice(stage: Stage) -> None:
    """Section 3, step 1: each reference is the parent of the next, as far as that makes no loop."""
    mails = [
        mail("one", "Message-ID: <1@x>"),
        mail("two", "Message-ID: <2@x>"),
        mail("three", "Message-ID: <3@x>", "References: <2@x>"),
        mail("four", "Message-ID: <4@x>", "References: <1@x> <lost@x> <3@x> <1@x>"),
    ]
    select(stage, mails).run("""
        C: a THREAD REFERENCES UTF-8 ALL
        S: * THREAD (2 3 1 4)
        S: a OK ...
    """)


@pytest.mark.parametrize("command", ["SORT (ARRIVAL)", "THREAD REFERENCES"])
def test_no_expunge_while_numbers_are_in_use(stage: Stage, command: str) -> None:
    """Section 3: only the UID forms may tell; until then the message is sorted as it was."""
    conversation(stage)
    stage.run(f"""
        alice2 C: a SELECT INBOX
        alice2 S: ~
        alice2 S: a OK ...
        alice2 C: b STORE 1 +FLAGS.SILENT (\\Deleted)
        alice2 S: b OK ...
        C: b NOOP
        S: ~
        S: b OK ...
        alice2 C: c EXPUNGE
        alice2 S: * 1 EXPUNGE
        alice2 S: c OK ...
        C: c {command} UTF-8 1:3
        S: * {"SORT 1 2 3" if command.startswith("SORT") else "THREAD (1 2 3)"}
        S: c OK ...
        C: d UID {command} UTF-8 UID 1:3
        S: * {"SORT 1 2 3" if command.startswith("SORT") else "THREAD (1 2 3)"}
        S: * 1 EXPUNGE
        S: d OK ...
        C: e {command} UTF-8 1:2
        S: * {"SORT 1 2" if command.startswith("SORT") else "THREAD (1 2)"}
        S: e OK ...
    """)


def test_an_empty_folder(stage: Stage) -> None:
    select(stage, [])
    stage.run("""
        C: a SORT (DATE) UTF-8 ALL
        S: * SORT
        S: a OK ...
        C: b THREAD REFERENCES UTF-8 ALL
        S: * THREAD
        S: b OK ...
    """)


def test_before_an_upgrade_is_through(stage: Stage) -> None:
    """What isn't ready yet has neither subject nor date header, and stands there all the same."""
    conversation(stage)
    gone = delete(message_order).where(message_order.c.stored_message_id == 2)
    stage.world.db.write(lambda tx: tx.connection.execute(gone))
    stage.run("""
        C: a SORT (SUBJECT ARRIVAL) UTF-8 1:3
        S: * SORT 2 1 3
        S: a OK ...
        C: b THREAD REFERENCES UTF-8 1:3
        S: * THREAD (1 3)(2)
        S: b OK ...
    """)


def test_only_in_a_selected_folder(stage: Stage) -> None:
    stage.run("""
        C: a SORT (DATE) UTF-8 ALL
        S: a BAD Select a folder first.
        C: b UID THREAD REFERENCES UTF-8 ALL
        S: b BAD Select a folder first.
    """)
