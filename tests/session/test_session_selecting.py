"""SELECT, EXAMINE, CHECK, CLOSE, UNSELECT, NOOP as dialogues."""

from __future__ import annotations

from transcript import Stage

MAIL = b"From: erika@example.net\r\nSubject: Hello\r\n\r\nText\r\n"


def test_select_tells_what_is_there(stage: Stage) -> None:
    """RFC 3501 6.3.1; what one SELECT showed as recent the next doesn't."""
    stage.run(
        r"""
        C: a APPEND INBOX (\Seen) {#mail+}
        C: #mail
        S: a OK [APPENDUID <validity> 1] ...
        C: a APPEND INBOX {#mail+}
        C: #mail
        S: a OK [APPENDUID <validity> 2] ...
        C: a SELECT inbox
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 2 EXISTS
        S: * 2 RECENT
        S: * OK [UNSEEN 2] ...
        S: * OK [UIDVALIDITY <validity>] ...
        S: * OK [UIDNEXT 3] ...
        S: * OK [HIGHESTMODSEQ 3] ...
        S: * OK [MAILBOXID (...)] ...
        S: a OK [READ-WRITE] ...
        C: a SELECT INBOX
        S: * OK [CLOSED] ...
        S: * FLAGS ...
        S: * OK [PERMANENTFLAGS ...
        S: * 2 EXISTS
        S: * 0 RECENT
        S: ~
        S: a OK [READ-WRITE] ...
    """,
        mail=MAIL,
    )


def test_examine_changes_nothing(stage: Stage) -> None:
    r"""No \Seen, no \Recent taken, no STORE, no EXPUNGE; CLOSE leaves what is \Deleted."""
    stage.run(
        r"""
        C: a APPEND INBOX (\Deleted) {#mail+}
        C: #mail
        S: a OK ...
        C: a EXAMINE INBOX
        S: * FLAGS ...
        S: * OK [PERMANENTFLAGS ()] ...
        S: * 1 EXISTS
        S: * 1 RECENT
        S: ~
        S: a OK [READ-ONLY] ...
        C: a FETCH 1 BODY[TEXT]
        S: * 1 FETCH (BODY[TEXT] {6}
        S: Text
        S: )
        S: a OK ...
        C: a FETCH 1 FLAGS
        S: * 1 FETCH (FLAGS (\Deleted \Recent))
        S: a OK ...
        C: a STORE 1 +FLAGS (\Seen)
        S: a NO [CANNOT] ...
        C: a EXPUNGE
        S: a NO [CANNOT] ...
        C: a UID MOVE 1 Trash
        S: a NO [CANNOT] ...
        C: a CLOSE
        S: a OK ...
        C: a SELECT INBOX
        S: * FLAGS ...
        S: * OK ...
        S: * 1 EXISTS
        S: * 1 RECENT
        S: ~
        S: a OK [READ-WRITE] ...
    """,
        mail=MAIL,
    )


def test_a_missing_folder_deselects(stage: Stage) -> None:
    """RFC 3501 6.3.1: what was selected before is so no longer, and nothing is expunged."""
    stage.run(
        r"""
        C: a APPEND INBOX (\Deleted) {#mail+}
        C: #mail
        S: a OK ...
        C: a SELECT INBOX
        S: ~
        S: a OK ...
        C: a SELECT Nowhere
        S: * OK [CLOSED] ...
        S: a NO [NONEXISTENT] ...
        C: a FETCH 1 FLAGS
        S: a BAD Select a folder first.
        C: a STATUS INBOX (MESSAGES)
        S: * STATUS INBOX (MESSAGES 1)
        S: a OK ...
    """,
        mail=MAIL,
    )


def test_close_expunges_silently(stage: Stage) -> None:
    stage.run(
        r"""
        C: a APPEND INBOX (\Deleted) {#mail+}
        C: #mail
        S: a OK ...
        C: a SELECT INBOX
        S: ~
        S: a OK ...
        C: a CLOSE
        S: a OK ...
        C: a CLOSE
        S: a BAD Select a folder first.
        C: a STATUS INBOX (MESSAGES)
        S: * STATUS INBOX (MESSAGES 0)
        S: a OK ...
    """,
        mail=MAIL,
    )


def test_unselect_expunges_nothing(stage: Stage) -> None:
    stage.run(
        r"""
        C: a UNSELECT
        S: a BAD Select a folder first.
        C: a APPEND INBOX (\Deleted) {#mail+}
        C: #mail
        S: a OK ...
        C: a SELECT INBOX
        S: ~
        S: a OK ...
        C: a UNSELECT
        S: a OK ...
        C: a STATUS INBOX (MESSAGES)
        S: * STATUS INBOX (MESSAGES 1)
        S: a OK ...
    """,
        mail=MAIL,
    )


def test_headings_are_read_only_and_empty(stage: Stage) -> None:
    r"""Selectable, no \Noselect (clients lose mail there), and nothing can be kept in them."""
    stage.run("""
        C: a SELECT Trackers
        S: * FLAGS ...
        S: * OK [PERMANENTFLAGS ()] ...
        S: * 0 EXISTS
        S: * 0 RECENT
        S: ~
        S: a OK [READ-ONLY] ...
        carol C: a SELECT Trackers/Support
        carol S: * FLAGS ...
        carol S: * OK [PERMANENTFLAGS (\\Seen)] ...
        carol S: ~
        carol S: a OK [READ-WRITE] ...
    """)


def test_commands_on_messages_need_a_selected_folder(stage: Stage) -> None:
    """Each in its wrong states: BAD, and the session lives on."""
    for command in (
        "CHECK",
        "CLOSE",
        "UNSELECT",
        "EXPUNGE",
        "UID EXPUNGE 1",
        "FETCH 1 FLAGS",
        "UID FETCH 1 FLAGS",
        "STORE 1 +FLAGS (x)",
        "SEARCH ALL",
        "COPY 1 INBOX",
        "UID MOVE 1 INBOX",
    ):
        stage.run(f"""
            C: a {command}
            S: a BAD Select a folder first.
        """)
    stage.run("""
        new S: * OK ...
        new C: a FETCH 1 FLAGS
        new S: a BAD Sign in first.
        new C: a IDLE
        new S: a BAD Sign in first.
        new C: a NOOP
        new S: a OK ...
    """)


def test_check_and_noop_in_any_case(stage: Stage) -> None:
    stage.run("""
        C: a noop
        S: a OK ...
        C: a SeLeCt "InBoX"
        S: ~
        S: a OK ...
        C: a cHeCk
        S: a OK ...
        C: a NOOP x
        S: a BAD ...
        C: a CHECK x
        S: a BAD ...
    """)
