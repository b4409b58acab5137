"""RFC 3501's own examples (sections 6 and 8), and duties that no other dialogue holds."""

from __future__ import annotations

from transcript import Stage

SUMMARY = b"""\
Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r
From: Terry Gray <gray@cac.washington.edu>\r
Subject: IMAP4rev1 WG mtg summary and minutes\r
To: imap@cac.washington.edu\r
cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\r
Message-Id: <B27397-0100000@cac.washington.edu>\r
MIME-Version: 1.0\r
Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r
\r
Minutes\r
"""
TERRY = '(("Terry Gray" NIL "gray" "cac.washington.edu"))'
FULL = (
    'RFC822.SIZE 351 ENVELOPE ("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" '
    f'"IMAP4rev1 WG mtg summary and minutes" {TERRY} {TERRY} {TERRY} '
    '((NIL NIL "imap" "cac.washington.edu")) ((NIL NIL "minutes" "CNRI.Reston.VA.US")'
    '("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL "<B27397-0100000@cac.washington.edu>") '
    'BODY ("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 9 1)'
)
FORWARDED = b"""\
Subject: outer\r
Content-Type: multipart/mixed; boundary=X\r
\r
--X\r
Content-Type: text/plain\r
\r
one\r
--X\r
Content-Type: message/rfc822\r
\r
Subject: inner\r
Content-Type: multipart/mixed; boundary=Y\r
\r
--Y\r
Content-Type: text/plain\r
Content-ID: <two>\r
\r
two\r
--Y--\r
--X--\r
"""


def test_the_sample_connection_holds(stage: Stage) -> None:
    """Section 8; the header has its 342 octets, the body is shorter."""
    dialogue = r"""
        C: a0 APPEND INBOX (\Seen) "17-Jul-1996 02:44:25 -0700" {#mail+}
        C: #mail
        S: a0 OK [APPENDUID <validity> 1] ...
        C: a002 select inbox
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS ...] ...
        S: * 1 EXISTS
        S: * 1 RECENT
        S: * OK [UIDVALIDITY <validity>] ...
        S: * OK [UIDNEXT 2] ...
        S: * OK [HIGHESTMODSEQ 2] ...
        S: * OK [MAILBOXID (...)] ...
        S: a002 OK [READ-WRITE] ...
        C: a003 fetch 1 full
        S: * 1 FETCH (FLAGS (\Seen \Recent) INTERNALDATE "17-Jul-1996 02:44:25 -0700" FULL)
        S: a003 OK ...
        C: a004 fetch 1 body[header]
        S: * 1 FETCH (BODY[HEADER] {342}
        S: Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)
        S: From: Terry Gray <gray@cac.washington.edu>
        S: Subject: IMAP4rev1 WG mtg summary and minutes
        S: To: imap@cac.washington.edu
        S: cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>
        S: Message-Id: <B27397-0100000@cac.washington.edu>
        S: MIME-Version: 1.0
        S: Content-Type: TEXT/PLAIN; CHARSET=US-ASCII
        S:
        S: )
        S: a004 OK ...
        C: a005 store 1 +flags \deleted
        S: * 1 FETCH (FLAGS (\Deleted \Seen \Recent))
        S: a005 OK ...
        C: a006 logout
        S: * BYE ...
        S: a006 OK ...
        S: closed
    """
    stage.run(dialogue.replace("FULL", FULL), mail=SUMMARY)


def test_fetch_macros_stand_alone_and_partials_end_with_the_text(stage: Stage) -> None:
    r"""6.4.5: ALL, FAST and FULL aren't items; beyond the end is an empty string; RFC822.HEADER
    doesn't set \Seen, RFC822.TEXT does."""
    stage.run(
        r"""
        C: a APPEND INBOX " 7-Feb-1994 21:52:25 -0800" {#mail+}
        C: #mail
        S: a OK ...
        C: a SELECT INBOX
        S: ~
        S: a OK ...
        C: a FETCH 1 FAST
        S: * 1 FETCH (FLAGS (\Recent) INTERNALDATE " 7-Feb-1994 21:52:25 -0800" RFC822.SIZE 351)
        S: a OK ...
        C: a FETCH 1 (FLAGS FAST)
        S: a BAD ...
        C: a FETCH 1 (BODY.PEEK[]<347.99> BODY.PEEK[]<351.1> RFC822.HEADER)
        S: * 1 FETCH (BODY[]<347> {4}
        S: es
        S:  BODY[]<351> {0}
        S:  RFC822.HEADER {342}
        S: ~
        S: )
        S: a OK ...
        C: a FETCH 1 (RFC822.TEXT FLAGS)
        S: * 1 FETCH (RFC822.TEXT {9}
        S: Minutes
        S:  FLAGS (\Seen \Recent))
        S: a OK ...
    """,
        mail=SUMMARY,
    )


def test_parts_of_a_forwarded_message(stage: Stage) -> None:
    """6.4.5: HEADER and TEXT of message/rfc822 alone, MIME of any part, numbers that go on inside
    the message."""
    stage.run(
        r"""
        C: a APPEND INBOX {#mail+}
        C: #mail
        S: a OK ...
        C: a EXAMINE INBOX
        S: ~
        S: a OK ...
        C: a FETCH 1 (BODY[1] BODY[2.HEADER] BODY[2.MIME] BODY[2.1] BODY[2.1.MIME] BODY[2.2])
        S: * 1 FETCH (BODY[1] {3}
        S: one BODY[2.HEADER] {61}
        S: Subject: inner
        S: Content-Type: multipart/mixed; boundary=Y
        S:
        S:  BODY[2.MIME] {32}
        S: Content-Type: message/rfc822
        S:
        S:  BODY[2.1] {3}
        S: two BODY[2.1.MIME] {47}
        S: Content-Type: text/plain
        S: Content-ID: <two>
        S:
        S:  BODY[2.2] NIL)
        S: a OK ...
        C: a FETCH 1 BODY[MIME]
        S: a BAD ...
        C: a FETCH 1 BODY[0]
        S: a BAD ...
    """,
        mail=FORWARDED,
    )


def test_list_and_lsub_examples(stage: Stage) -> None:
    """6.3.8 and 6.3.9: the delimiter for an empty name, `%` for one level, `*` for all, other roots
    are empty; a parent that is in LSUB already is told once."""
    stage.run(r"""
        C: A101 LIST "" ""
        S: * LIST (\Noselect) "/" ""
        S: A101 OK ...
        C: A102 LIST "#news." "comp.mail.*"
        S: A102 OK ...
        C: A3 CREATE foo/bar
        S: A3 OK ...
        C: A3 LIST foo/ %
        S: * LIST (\HasNoChildren) "/" foo/bar
        S: A3 OK ...
        C: A3 LIST "" f%
        S: * LIST (\HasChildren) "/" foo
        S: A3 OK ...
        C: A3 LIST "" "%/bar"
        S: * LIST (\HasNoChildren) "/" foo/bar
        S: A3 OK ...
        C: A4 SUBSCRIBE foo
        S: A4 OK ...
        C: A4 SUBSCRIBE foo/bar
        S: A4 OK ...
        C: A4 DELETE foo/bar
        S: A4 OK ...
        C: A4 DELETE foo
        S: A4 OK ...
        C: A5 LSUB "" f%
        S: * LSUB (\Noselect) "/" foo
        S: A5 OK ...
    """)


def test_rename_examples(stage: Stage) -> None:
    """6.3.5: children go along, missing parents are made, INBOX stays and gives its messages, and a
    name that is subscribed without a folder stays so (6.3.6)."""
    stage.run(
        r"""
        C: A682 CREATE foo/bar
        S: A682 OK ...
        C: A683 RENAME foo zap/zowie
        S: A683 OK ...
        C: A684 LIST "" z*
        S: * LIST (\HasChildren) "/" zap
        S: * LIST (\HasChildren) "/" zap/zowie
        S: * LIST (\HasNoChildren) "/" zap/zowie/bar
        S: A684 OK ...
        C: Z430 APPEND INBOX (\Flagged) "17-Jul-1996 02:44:25 -0700" {#mail+}
        C: #mail
        S: Z430 OK ...
        C: Z432 RENAME INBOX old-mail
        S: Z432 OK ...
        C: Z433 LIST "" INBOX
        S: * LIST (\HasNoChildren) "/" INBOX
        S: Z433 OK ...
        C: Z434 EXAMINE old-mail
        S: ~
        S: Z434 OK ...
        C: Z435 FETCH 1 (FLAGS INTERNALDATE)
        S: * 1 FETCH (FLAGS (\Flagged \Recent) INTERNALDATE "17-Jul-1996 02:44:25 -0700")
        S: Z435 OK ...
        C: Z436 SUBSCRIBE old-mail
        S: Z436 OK ...
        C: Z437 DELETE old-mail
        S: Z437 OK ...
        C: Z438 RENAME zap/zowie old-mail
        S: Z438 OK ...
        C: Z439 LSUB "" old*
        S: * LSUB (\HasChildren) "/" old-mail
        S: Z439 OK ...
    """,
        mail=SUMMARY,
    )


def test_unsubscribe_of_what_is_not_subscribed_is_done(stage: Stage) -> None:
    """6.3.7. Thunderbird deletes a folder so; a NO would be shown to its user."""
    stage.run(r"""
        C: 1 CREATE Projects/Newer
        S: 1 OK ...
        C: 2 subscribe "Projects/Newer"
        S: 2 OK ...
        C: 3 rename "Projects/Newer" "Trash/Newer"
        S: 3 OK ...
        C: 4 subscribe "Trash/Newer"
        S: 4 OK ...
        C: 5 unsubscribe "Projects/Newer"
        S: 5 OK ...
        C: 6 LSUB "" *Newer
        S: * LSUB (\HasNoChildren) "/" Trash/Newer
        S: 6 OK ...
    """)


def test_search_examples(stage: Stage) -> None:
    """6.4.4, and keys that stand for all or nothing."""
    stage.run(
        r"""
        C: A0 APPEND INBOX (\Flagged) "17-Jul-1996 23:44:25 -0700" {#mail+}
        C: #mail
        S: A0 OK ...
        C: A0 EXAMINE INBOX
        S: ~
        S: A0 OK ...
        C: A282 SEARCH FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"
        S: * SEARCH 1
        S: A282 OK ...
        C: A283 SEARCH TEXT "string not in mailbox"
        S: * SEARCH
        S: A283 OK ...
        C: A284 SEARCH CHARSET UTF-8 TEXT {#word}
        S: + ...
        C: #word
        S: * SEARCH 1
        S: A284 OK ...
        C: A285 SEARCH ON "17-Jul-1996" SENTON 17-Jul-1996 BEFORE 18-Jul-1996
        S: * SEARCH 1
        S: A285 OK ...
        C: A286 SEARCH NEW 1:* UID 1,7:9 (OR TO imap CC nobody) UNKEYWORD x HEADER cc ""
        S: * SEARCH 1
        S: A286 OK ...
        C: A287 SEARCH HEADER X-None ""
        S: * SEARCH
        S: A287 OK ...
        C: A288 SEARCH LARGER 350 SMALLER 352 BODY "" SUBJECT ""
        S: * SEARCH 1
        S: A288 OK ...
        C: A289 SEARCH LARGER 351
        S: * SEARCH
        S: A289 OK ...
        C: A290 SEARCH ()
        S: A290 BAD ...
        C: A291 SEARCH KEYWORD \Seen
        S: A291 BAD ...
    """,
        mail=SUMMARY,
        word=b"KLENSIN",
    )


def test_copy_keeps_flags_and_date(stage: Stage) -> None:
    r"""6.4.7: and the copy is \Recent."""
    stage.run(
        r"""
        C: A1 APPEND INBOX (\Seen \Answered $Forwarded) "17-Jul-1996 02:44:25 -0700" {#mail+}
        C: #mail
        S: A1 OK ...
        C: A2 SELECT INBOX
        S: ~
        S: A2 OK ...
        C: A3 COPY 1 Archive
        S: A3 OK [COPYUID ...] ...
        C: A4 SELECT Archive
        S: ~
        S: A4 OK ...
        C: A5 UID FETCH 1:* (FLAGS INTERNALDATE)
        S: * 1 FETCH (UID 1 FLAGS (\Answered \Seen $Forwarded \Recent) INTERNALDATE "17-Jul-...")
        S: A5 OK ...
    """,
        mail=SUMMARY,
    )
