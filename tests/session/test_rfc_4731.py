"""ESEARCH's own examples (RFC 4731; RFC 9051 6.4.4), and what they leave open."""

from __future__ import annotations

import pytest
from searched import fill, select
from transcript import Stage


@pytest.fixture
def inbox(stage: Stage) -> Stage:
    """20 mails under the UIDs 7 to 25 and 3800; 2, 10 and 11 are those that the examples find."""
    fill(stage.world, 20, uids={1: 7, 20: 3800}, smith=[1], old=[3])
    select(stage, Flagged="1:3,10:11", Seen="1:3", Deleted="6:20")
    return stage


def test_the_examples_of_section_3(inbox: Stage) -> None:
    """Section 3.1."""
    inbox.run("""
        C: A282 SEARCH RETURN (MIN COUNT) FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"
        S: * ESEARCH (TAG "A282") MIN 2 COUNT 3
        S: A282 OK ...
        C: A283 SEARCH RETURN () FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"
        S: * ESEARCH (TAG "A283") ALL 2,10:11
        S: A283 OK ...
        C: A284 SEARCH RETURN (MIN) UNSEEN
        S: * ESEARCH (TAG "A284") MIN 4
        S: A284 OK ...
        C: A285 UID SEARCH RETURN (MIN MAX) 1:5000
        S: * ESEARCH (TAG "A285") UID MIN 7 MAX 3800
        S: A285 OK ...
        C: A286 SEARCH RETURN (COUNT) DELETED
        S: * ESEARCH (TAG "A286") COUNT 15
        S: A286 OK ...
    """)


def test_options_in_any_order_case_and_together(inbox: Stage) -> None:
    """Section 3.1: one response for all of them."""
    inbox.run("""
        C: a1 UID SEARCH return (count ALL max MIN) FLAGGED
        S: * ESEARCH (TAG "a1") UID MIN 7 MAX 17 ALL 7:9,16:17 COUNT 5
        S: a1 OK ...
        C: a2 SEARCH RETURN (ALL) CHARSET UTF-8 SUBJECT 20
        S: * ESEARCH (TAG "a2") ALL 20
        S: a2 OK ...
        C: a3 SEARCH FLAGGED
        S: * SEARCH 1 2 3 10 11
        S: a3 OK ...
    """)


def test_nothing_found_has_neither_min_nor_max_nor_all(inbox: Stage) -> None:
    """Section 3.1: an ESEARCH all the same."""
    inbox.run("""
        C: a1 SEARCH RETURN (MIN MAX ALL COUNT) DRAFT
        S: * ESEARCH (TAG "a1") COUNT 0
        S: a1 OK ...
        C: a2 UID SEARCH RETURN () DRAFT
        S: * ESEARCH (TAG "a2") UID
        S: a2 OK ...
        C: a3 SELECT Archive
        S: ~
        S: a3 OK ...
        C: a4 SEARCH RETURN (MIN COUNT) ALL
        S: * ESEARCH (TAG "a4") COUNT 0
        S: a4 OK ...
    """)


def test_the_tag_is_the_commands_own(inbox: Stage) -> None:
    """RFC 4466 2.6.2: whatever characters it has, and of each of several pipelined."""
    alice = inbox.client("alice")
    alice.send(b"]a'b SEARCH RETURN (MIN) ALL\r\n7.& UID SEARCH RETURN (MAX) ALL\r\n")
    inbox.tell_news()
    inbox.run("""
        S: * ESEARCH (TAG "]a'b") MIN 1
        S: ]a'b OK ...
        S: * ESEARCH (TAG "7.&") UID MAX 3800
        S: 7.& OK ...
    """)


@pytest.mark.parametrize(
    "options",
    [
        *("RETURN", "RETURN ALL", "RETURN (ALL", "RETURN (FOO) ALL", "RETURN (MIN,MAX) ALL"),
        *("RETURN ((MIN)) ALL", "RETURN (MIN)", "RETURN (MIN)ALL", "RETURN (MIN MAX) ()"),
        *("RETURN (CONTEXT) ALL", "RETURN (UPDATE) ALL", 'RETURN ("MIN") ALL', "RETURN(MIN) ALL"),
        *("CHARSET UTF-8 RETURN (MIN) ALL", "RETURN (MIN) RETURN (MAX) ALL"),
    ],
)
def test_bad_options_are_bad(inbox: Stage, options: str) -> None:
    """RFC 9051 6.4.4: what isn't known is BAD; the session goes on."""
    inbox.run(f"""
        C: a1 SEARCH {options}
        S: a1 BAD Expected ...
        C: a2 SEARCH RETURN (COUNT) ALL
        S: * ESEARCH (TAG "a2") COUNT 20
        S: a2 OK ...
    """)


def test_every_search_of_imap4rev2_answers_esearch(inbox: Stage) -> None:
    """RFC 9051 6.4.4: without RETURN it is ALL."""
    inbox.run("""
        C: a0 ENABLE IMAP4rev2
        S: * ENABLED IMAP4rev2
        S: a0 OK ...
        C: a1 SEARCH FLAGGED
        S: * ESEARCH (TAG "a1") ALL 1:3,10:11
        S: a1 OK ...
        C: a2 UID SEARCH FLAGGED
        S: * ESEARCH (TAG "a2") UID ALL 7:9,16:17
        S: a2 OK ...
        C: a3 SEARCH DRAFT
        S: * ESEARCH (TAG "a3")
        S: a3 OK ...
        C: a4 SEARCH RETURN (COUNT) FLAGGED
        S: * ESEARCH (TAG "a4") COUNT 5
        S: a4 OK ...
    """)


def test_what_is_expunged_but_untold_keeps_its_number(inbox: Stage) -> None:
    """RFC 3501 7.4.1: ESEARCH by number tells no EXPUNGE; by UID it may, and what comes before it
    counts as before."""
    inbox.run("""
        alice2 C: b1 SELECT INBOX
        alice2 S: ~
        alice2 S: b1 OK ...
        C: a1 UID EXPUNGE 12:13
        S: * 7 EXPUNGE
        S: * 6 EXPUNGE
        S: a1 OK ...
        alice2 C: b2 SEARCH RETURN (MIN MAX COUNT) 6:*
        alice2 S: * ESEARCH (TAG "b2") MIN 6 MAX 20 COUNT 15
        alice2 S: b2 OK ...
        alice2 C: b3 UID SEARCH RETURN (MIN COUNT) UID 12:*
        alice2 S: * ESEARCH (TAG "b3") UID MIN 12 COUNT 15
        alice2 S: * 7 EXPUNGE
        alice2 S: * 6 EXPUNGE
        alice2 S: b3 OK ...
        alice2 C: b4 UID SEARCH RETURN (MIN COUNT) UID 12:*
        alice2 S: * ESEARCH (TAG "b4") UID MIN 14 COUNT 13
        alice2 S: b4 OK ...
    """)
