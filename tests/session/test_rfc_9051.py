"""IMAP4rev2 (RFC 9051): its own examples, and what ENABLE changes for a client."""

from __future__ import annotations

from dataclasses import replace

from transcript import Stage
from world import World

from imapgate.limits import Limits

MAIL = b"Subject: x\r\n\r\nabc\r\n"

COMPOSED = "B\u00fcro"
REV2 = """
    C: e ENABLE IMAP4rev2
    S: * ENABLED IMAP4rev2
    S: e OK ...
"""


def test_enable_changes_no_capability(stage: Stage) -> None:
    """6.3.1: what is unknown is passed over; each is told once."""
    stage.run(
        """
        C: t1 CAPABILITY
        S: * CAPABILITY IMAP4rev1 IMAP4rev2 ...
        S: t1 OK ...
        C: t2 ENABLE X-GOOD-IDEA imap4REV2 utf8=accept IMAP4rev2
        S: * ENABLED IMAP4rev2 UTF8=ACCEPT
        S: t2 OK ...
        C: t3 CAPABILITY
        S: * CAPABILITY IMAP4rev1 IMAP4rev2 ...
        S: t3 OK ...
        C: t4 ENABLE IMAP4rev2
        S: * ENABLED
        S: t4 OK ...
        C: t5 ENABLE
        S: t5 BAD ...
    """
    )
    before = stage.client("bob")
    before.send(b"a CAPABILITY\r\n")
    after = stage.client("alice")
    after.send(b"a CAPABILITY\r\n")
    assert before.read() == after.read()
    before.lines.clear()
    after.lines.clear()


def test_select_tells_list_and_neither_recent_nor_unseen(stage: Stage) -> None:
    """6.3.2: the required responses, and [CLOSED] before those of the next folder, also where that
    can't be opened; none where nothing was selected."""
    stage.run(
        rf"""
        {REV2}
        C: a APPEND INBOX {{#mail+}}
        C: #mail
        S: a OK ...
        C: A142 SELECT inbox
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (...)] ...
        S: * 1 EXISTS
        S: * OK [UIDVALIDITY <inbox>] ...
        S: * OK [UIDNEXT 2] ...
        S: * OK [HIGHESTMODSEQ 2] ...
        S: * OK [MAILBOXID (...)] ...
        S: * LIST (\HasNoChildren \Subscribed) "/" INBOX
        S: A142 OK [READ-WRITE] ...
        C: A143 SELECT Drafts
        S: * OK [CLOSED] ...
        S: ~
        S: * LIST (\HasNoChildren \Drafts \Subscribed) "/" Drafts
        S: A143 OK [READ-WRITE] ...
        C: A144 EXAMINE Nowhere
        S: * OK [CLOSED] ...
        S: A144 NO [NONEXISTENT] ...
        C: A145 FETCH 1 FLAGS
        S: A145 BAD ...
        C: A146 EXAMINE INBOX
        S: * FLAGS (...)
        S: * OK [PERMANENTFLAGS ()] ...
        S: * 1 EXISTS
        S: ~
        S: * LIST (\HasNoChildren \Subscribed) "/" INBOX
        S: A146 OK [READ-ONLY] ...
        C: A147 UNSELECT
        S: A147 OK ...
        C: A148 SELECT INBOX
        S: * FLAGS (...)
        S: ~
        S: A148 OK ...
    """,
        mail=MAIL,
    )


def test_nothing_is_recent_nor_stops_being_so(stage: Stage) -> None:
    """Appendix E 12: no RECENT, no \\Recent, and what a session of IMAP4rev1 sees as \\Recent stays
    that."""
    stage.run(
        rf"""
        {REV2}
        C: a APPEND INBOX {{#mail+}}
        C: #mail
        S: a OK ...
        C: a SELECT INBOX
        S: ~
        S: a OK ...
        C: a APPEND INBOX {{#mail+}}
        C: #mail
        S: * 2 EXISTS
        S: a OK ...
        C: a FETCH 1:2 FLAGS
        S: * 1 FETCH (FLAGS ())
        S: * 2 FETCH (FLAGS ())
        S: a OK ...
        C: a STORE 1 +FLAGS (\Flagged)
        S: * 1 FETCH (FLAGS (\Flagged))
        S: a OK ...
        C: a UNSELECT
        S: a OK ...
        alice2 C: a SELECT INBOX
        alice2 S: ~
        alice2 S: * 2 RECENT
        alice2 S: ~
        alice2 S: a OK ...
        alice2 C: a ENABLE IMAP4rev2
        alice2 S: * ENABLED IMAP4rev2
        alice2 S: a OK ...
        alice2 C: a FETCH 2 FLAGS
        alice2 S: * 2 FETCH (FLAGS ())
        alice2 S: a OK ...
    """,
        mail=MAIL,
    )


def test_a_fetch_that_nobody_asked_for_has_the_uid(stage: Stage) -> None:
    """7.5.2; a session of IMAP4rev1 beside it is told as before."""
    stage.run(
        rf"""
        {REV2}
        C: a APPEND INBOX {{#mail+}}
        C: #mail
        S: a OK ...
        C: a SELECT INBOX
        S: ~
        S: a OK ...
        alice2 C: a EXAMINE INBOX
        alice2 S: ~
        alice2 S: a OK ...
        alice3 C: a SELECT INBOX
        alice3 S: ~
        alice3 S: a OK ...
        alice3 C: a STORE 1 +FLAGS.SILENT (\Flagged)
        alice3 S: a OK ...
        C: a NOOP
        S: * 1 FETCH (UID 1 FLAGS (\Flagged))
        S: a OK ...
        alice2 C: a NOOP
        alice2 S: * 1 FETCH (FLAGS (\Flagged \Recent))
        alice2 S: a OK ...
    """,
        mail=MAIL,
    )


def test_names_are_utf8_once_enabled(stage: Stage) -> None:
    """5.1, appendix A: modified UTF-7 before; `&` stands for itself after; no UTF-8 in quotes for
    who hasn't asked. What isn't UTF-8 is BAD, and nothing is made."""
    stage.run(
        rf"""
        C: a CREATE "B&APw-ro &- Co"
        S: a OK ...
        alice2 C: e ENABLE IMAP4rev2
        alice2 S: * ENABLED IMAP4rev2
        alice2 S: e OK ...
        alice2 C: a LIST "" "B*"
        alice2 S: * LIST (\HasNoChildren) "/" "{COMPOSED} & Co"
        alice2 S: a OK ...
        alice2 C: a STATUS "{COMPOSED} & Co" (MESSAGES)
        alice2 S: * STATUS "{COMPOSED} & Co" (MESSAGES 0)
        alice2 S: a OK ...
        alice2 C: a CREATE R&D-x
        alice2 S: a OK ...
        C: a LIST "" "B*"
        S: * LIST (\HasNoChildren) "/" "B&APw-ro &- Co"
        S: a OK ...
        C: a LIST "" R*D-x
        S: * LIST (\HasNoChildren) "/" R&-D-x
        S: a OK ...
        C: a LIST "" Tr*Ab*
        S: * LIST (\HasNoChildren) "/" "Trackers/B&APw-ro &- Ablage"
        S: a OK ...
    """
    )
    client = stage.client("alice2")
    client.send(b'a CREATE "B\xfcro"\r\na CREATE B\xfcro\r\na LIST "" "B*"\r\n')
    said = list(client.read())
    client.lines.clear()
    assert said[0].startswith("a BAD Expected a mailbox name in UTF-8 at character 10"), said
    assert said[1].startswith("a BAD Expected a mailbox name in UTF-8 at character 10"), said
    assert len(said) == 4, said


def test_what_idle_tells_is_as_elsewhere(stage: Stage) -> None:
    """6.3.13: a colleague's flag and a new mail."""
    stage.run(
        rf"""
        {REV2}
        bob C: a APPEND Trackers/Support {{#mail+}}
        bob C: #mail
        bob S: a OK ...
        C: a SELECT Trackers/Support
        S: ~
        S: a OK ...
        C: a IDLE
        S: + ...
        bob C: a SELECT Trackers/Support
        bob S: ~
        bob S: a OK ...
        bob C: a STORE 1 +FLAGS.SILENT (\Flagged)
        bob S: a OK ...
        S: * 1 FETCH (UID 1 FLAGS (\Flagged))
        bob C: a APPEND Trackers/Support {{#two+}}
        bob C: #two
        bob S: ~
        bob S: a OK ...
        S: * 2 EXISTS
        C: DONE
        S: a OK ...
    """,
        mail=MAIL,
        two=MAIL + b"2\r\n",
    )


def test_obsolete_commands_go_on_working(stage: Stage) -> None:
    """Appendix E 17 to 19: a client that speaks both may use them still."""
    stage.run(
        rf"""
        {REV2}
        C: a LSUB "" Drafts
        S: * LSUB (\HasNoChildren \Drafts) "/" Drafts
        S: a OK ...
        C: a STATUS INBOX (RECENT)
        S: * STATUS INBOX (RECENT 0)
        S: a OK ...
        C: a SELECT INBOX
        S: ~
        S: a OK ...
        C: a CHECK
        S: a OK ...
    """
    )


def test_all_that_was_folded_in_is_there(stage: Stage) -> None:
    """Appendix E 2 and 3: what a client of IMAP4rev1 finds by name, one of IMAP4rev2 relies on."""
    client = stage.client("alice")
    client.send(b"a CAPABILITY\r\n")
    there = set(client.read()[0].split())
    client.lines.clear()
    assert there >= {
        "IMAP4rev2", "NAMESPACE", "UNSELECT", "UIDPLUS", "ESEARCH", "SEARCHRES", "ENABLE", "IDLE",
        "SASL-IR", "LIST-EXTENDED", "LIST-STATUS", "MOVE", "LITERAL-", "BINARY", "SPECIAL-USE",
        "STATUS=SIZE",
    }  # fmt: skip


def test_a_search_is_answered_by_esearch(stage: Stage) -> None:
    """6.4.4: always, and by UID with the indicator; RECENT is nothing any more."""
    stage.run(
        rf"""
        {REV2}
        C: a APPEND INBOX {{#mail+}}
        C: #mail
        S: a OK ...
        C: a SELECT INBOX
        S: ~
        S: a OK ...
        C: A282 SEARCH ALL
        S: * ESEARCH (TAG "A282") ALL 1
        S: A282 OK ...
        C: A283 UID SEARCH RETURN (COUNT) RECENT
        S: * ESEARCH (TAG "A283") UID COUNT 0
        S: A283 OK ...
        C: A284 SEARCH NEW
        S: * ESEARCH (TAG "A284")
        S: A284 OK ...
    """,
        mail=MAIL,
    )


def test_no_new_keyword_is_offered_where_none_can_be_made(world: World) -> None:
    """7.1 PERMANENTFLAGS: without `\\*` once the folder has as many as it may."""
    stage = Stage(world, replace(Limits(), keywords=2, login_delay=0.0))
    stage.run(
        rf"""
        {REV2}
        C: a APPEND INBOX (one) {{#mail+}}
        C: #mail
        S: a OK ...
        C: a SELECT INBOX
        S: ~
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen one \*)] ...
        S: ~
        S: a OK ...
        C: a STORE 1 +FLAGS.SILENT (two)
        S: * FLAGS (... one two)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen one two)] ...
        S: a OK ...
        C: a EXAMINE INBOX
        S: ~
        S: * OK [PERMANENTFLAGS ()] ...
        S: ~
        S: a OK ...
        C: a SELECT INBOX
        S: ~
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen one two)] ...
        S: ~
        S: a OK ...
    """,
        mail=MAIL,
    )
    stage.close()
