"""Apple Mail on macOS, as it plays a session: two-part tags, ID before sign-in, mixed sets, sections and
pieces of them, keywords of its own, and everything once more after a broken connection."""

from __future__ import annotations

from desk_mails import DROPPED
from transcript import Stage


def test_apple_mail(stage: Stage) -> None:
    """From the first connection to the end: it reads, flags, drags and is refused."""
    stage.run(
        r"""
        S: * OK [CAPABILITY ...] ...
        C: 1.1 CAPABILITY
        S: * CAPABILITY ...
        S: 1.1 OK ...
        C: 2.1 ID ("name" "Mac OS X Mail" "version" "16.0 (3731.700.6)" "os" "Mac OS X" "vendor" "Apple Inc.")
        S: * ID ("name" "imapgate" "version" "1.0")
        S: 2.1 OK ...
        C: 3.1 AUTHENTICATE PLAIN
        S: + ...
        C: AGFsaWNlQFN0YW5kYXJkAGRlbW8=
        S: 3.1 OK [CAPABILITY ...] ...
        C: 4.1 LIST "" ""
        S: * LIST (\Noselect) "/" ""
        S: 4.1 OK ...
        C: 5.1 LSUB "" *
        S: * LSUB (\HasNoChildren) "/" INBOX
        S: * LSUB (\HasNoChildren \Archive) "/" Archive
        S: * LSUB (\HasChildren) "/" Categories
        S: * LSUB (\HasNoChildren) "/" "Categories/VIP customers"
        S: * LSUB (\HasNoChildren \Drafts) "/" Drafts
        S: * LSUB (\HasNoChildren \Junk) "/" Junk
        S: * LSUB (\HasNoChildren) "/" "Recovered Messages"
        S: * LSUB (\HasNoChildren \Sent) "/" Sent
        S: * LSUB (\HasChildren) "/" Trackers
        S: * LSUB (\HasNoChildren) "/" "Trackers/B&APw-ro &- Ablage"
        S: * LSUB (\HasNoChildren) "/" Trackers/E-Mails
        S: * LSUB (\HasNoChildren) "/" Trackers/Sales
        S: * LSUB (\HasNoChildren) "/" Trackers/Support
        S: * LSUB (\HasNoChildren \Trash) "/" Trash
        S: 5.1 OK ...
        C: 6.1 STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)
        S: * STATUS INBOX (MESSAGES 3 UIDNEXT 4 UIDVALIDITY <v1> UNSEEN 2)
        S: 6.1 OK ...
        C: 7.1 SELECT INBOX
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 3 EXISTS
        S: * 3 RECENT
        S: * OK [UNSEEN 2] ...
        S: * OK [UIDVALIDITY <v1>] ...
        S: * OK [UIDNEXT 4] ...
        S: ~
        S: 7.1 OK [READ-WRITE] ...
        C: 8.1 FETCH 1:3 (FLAGS UID)
        S: * 1 FETCH (FLAGS (\Seen \Recent) UID 1)
        S: * 2 FETCH (FLAGS (\Recent) UID 2)
        S: * 3 FETCH (FLAGS (\Recent) UID 3)
        S: 8.1 OK ...
        C: 9.1 FETCH 1,3 (INTERNALDATE UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (date subject from x-priority x-uniform-type-identifier list-id)])
        S: * 1 FETCH (INTERNALDATE " 6-Jan-2025 10:01:00 +0200" UID 1 RFC822.SIZE 160 FLAGS (\Seen \Recent) BODY[HEADER.FIELDS (date subject from x-priority x-uniform-type-identifier list-id)] {91}
        S: From: Erika <erika@example.net>
        S: Subject: Gadget
        S: Date: Mon, 06 Jan 2025 10:01:00 +0200
        S:
        S: )
        S: * 3 FETCH (INTERNALDATE " 6-Jan-2025 10:01:00 +0200" UID 3 RFC822.SIZE 165 FLAGS (\Recent) BODY[HEADER.FIELDS (date subject from x-priority x-uniform-type-identifier list-id)] {91}
        S: From: Erika <erika@example.net>
        S: Subject: Thanks
        S: Date: Mon, 06 Jan 2025 10:01:00 +0200
        S:
        S: )
        S: 9.1 OK ...
        C: 10.1 UID FETCH 2 (BODYSTRUCTURE BODY.PEEK[HEADER])
        S: * 2 FETCH (UID 2 BODYSTRUCTURE (("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" 7 0 NIL NIL NIL NIL)("IMAGE" "PNG" ("NAME" "hot.png") NIL NIL "BASE64" 4 NIL ("ATTACHMENT" ("FILENAME" "hot.png")) NIL NIL) "MIXED" ("BOUNDARY" "=") NIL NIL NIL) BODY[HEADER] {210}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Photo
        S: Date: Mon, 06 Jan 2025 10:02:00 +0200
        S: Message-ID: <photo@example.net>
        S: MIME-Version: 1.0
        S: Content-Type: multipart/mixed; boundary="="
        S:
        S: )
        S: 10.1 OK ...
        C: 11.1 UID FETCH 2 (BODY.PEEK[2]<0.3> BODY.PEEK[1])
        S: * 2 FETCH (UID 2 BODY[2]<0> {3}
        S: UE5 BODY[1] {7}
        S: See it.)
        S: 11.1 OK ...
        C: 12.1 UID FETCH 2 BODY.PEEK[2]<3.2925661>
        S: * 2 FETCH (UID 2 BODY[2]<3> {1}
        S: H)
        S: 12.1 OK ...
        C: 13.1 UID STORE 1,2:3 +FLAGS.SILENT (\Seen $NotJunk)
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $NotJunk)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen $NotJunk \*)] ...
        S: 13.1 OK ...
        C: 14.1 UID STORE 3 +FLAGS (\Flagged $MailFlagBit0)
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $NotJunk $MailFlagBit0)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen $NotJunk $MailFlagBit0 \*)] ...
        S: * 3 FETCH (UID 3 FLAGS (\Flagged \Seen $MailFlagBit0 $NotJunk \Recent))
        S: 14.1 OK ...
        C: 15.1 IDLE
        S: + ...
        C: DONE
        S: 15.1 OK ...
        C: 16.1 CHECK
        S: 16.1 OK ...
        C: 17.1 CREATE "Sent Messages"
        S: 17.1 OK [MAILBOXID (...)] ...
        C: 18.1 UID MOVE 3 Trackers/Support
        S: * OK [COPYUID <v2> 3 2] ...
        S: * 3 EXPUNGE
        S: 18.1 OK Filed as #10000002 in Support.
        # Refused: it puts the mail back.
        C: 19.1 UID MOVE 1 Trackers/Archive
        S: 19.1 NO [CANNOT] Not filed: group "Archive" has no e-mail creator. Your mail stays where it was.
        C: 20.1 NOOP
        S: 20.1 OK ...
        C: 21.1 UID MOVE 2 Trash
        S: * OK [COPYUID <v3> 2 1] ...
        S: * 2 EXPUNGE
        S: 21.1 OK ...
        C: 22.1 UNSELECT
        S: 22.1 OK ...
        C: 23.1 LOGOUT
        S: * BYE Goodbye.
        S: 23.1 OK ...
        S: closed
    """
    )


def test_apple_mail_repeats_what_it_had_begun(stage: Stage) -> None:
    """A mail of another account; the connection breaks before it has read the answer, and the same drop comes once more."""
    stage.run(
        r"""
        S: * OK [CAPABILITY ...] ...
        C: 1.1 LOGIN alice@Standard demo
        S: 1.1 OK [CAPABILITY ...] ...
        C: 2.1 APPEND Trackers/Support (\Seen NotJunk $NotJunk) "06-Jan-2025 10:01:00 +0200" {#dropped}
        S: + ...
        C: #dropped
        S: 2.1 OK [APPENDUID <v1> 2] Filed as #10000002 in Support.
        alice -- lost
        alice2 C: 1.2 APPEND Trackers/Support (\Seen NotJunk $NotJunk) "06-Jan-2025 10:01:00 +0200" {#dropped}
        alice2 S: + ...
        alice2 C: #dropped
        alice2 S: 1.2 OK [APPENDUID <v1> 2] Filed as #10000002 in Support.
        alice2 C: 2.2 SELECT Trackers/Support
        alice2 S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $NotJunk NotJunk)
        alice2 S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen $NotJunk NotJunk \*)] ...
        alice2 S: * 2 EXISTS
        alice2 S: * 2 RECENT
        alice2 S: * OK [UNSEEN 1] ...
        alice2 S: * OK [UIDVALIDITY <v1>] ...
        alice2 S: * OK [UIDNEXT 3] ...
        alice2 S: ~
        alice2 S: 2.2 OK [READ-WRITE] ...
        alice2 C: 3.2 FETCH 1:2 (FLAGS UID)
        alice2 S: * 1 FETCH (FLAGS (\Recent) UID 1)
        alice2 S: * 2 FETCH (FLAGS (\Seen $NotJunk NotJunk \Recent) UID 2)
        alice2 S: 3.2 OK ...
        alice2 C: 4.2 LOGOUT
        alice2 S: * BYE Goodbye.
        alice2 S: 4.2 OK ...
        alice2 S: closed
    """,
        dropped=DROPPED,
    )


def test_apple_mail_comes_back(stage: Stage) -> None:
    """With QRESYNC it asks for what changed and what vanished since it was there."""
    stage.run(
        r"""
        S: * OK [CAPABILITY ...] ...
        C: 1.1 LOGIN alice@Standard demo
        S: 1.1 OK [CAPABILITY ...] ...
        C: 2.1 ENABLE QRESYNC
        S: * ENABLED QRESYNC
        S: 2.1 OK ...
        C: 3.1 SELECT INBOX (CONDSTORE)
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 3 EXISTS
        S: * 3 RECENT
        S: * OK [UNSEEN 2] ...
        S: * OK [UIDVALIDITY <v1>] ...
        S: * OK [UIDNEXT 4] ...
        S: ~
        S: 3.1 OK [READ-WRITE] ...
        C: 4.1 FETCH 1:3 (FLAGS UID MODSEQ)
        S: * 1 FETCH (FLAGS (\Seen \Recent) UID 1 MODSEQ (2))
        S: * 2 FETCH (FLAGS (\Recent) UID 2 MODSEQ (2))
        S: * 3 FETCH (FLAGS (\Recent) UID 3 MODSEQ (2))
        S: 4.1 OK ...
        C: 5.1 UNSELECT
        S: 5.1 OK ...
        alice2 C: 1.2 SELECT INBOX
        alice2 S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        alice2 S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        alice2 S: * 3 EXISTS
        alice2 S: * 0 RECENT
        alice2 S: * OK [UNSEEN 2] ...
        alice2 S: * OK [UIDVALIDITY <v1>] ...
        alice2 S: * OK [UIDNEXT 4] ...
        alice2 S: ~
        alice2 S: 1.2 OK [READ-WRITE] ...
        alice2 C: 2.2 UID STORE 2 +FLAGS.SILENT (\Seen)
        alice2 S: 2.2 OK ...
        alice2 C: 3.2 UID MOVE 1 Trash
        alice2 S: * OK [COPYUID <v2> 1 1] ...
        alice2 S: * 1 EXPUNGE
        alice2 S: 3.2 OK ...
        alice2 C: 4.2 LOGOUT
        alice2 S: * BYE Goodbye.
        alice2 S: 4.2 OK ...
        alice2 S: closed
        C: 6.1 SELECT INBOX (CONDSTORE)
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 2 EXISTS
        S: * 0 RECENT
        S: * OK [UNSEEN 2] ...
        S: * OK [UIDVALIDITY <v1>] ...
        S: * OK [UIDNEXT 4] ...
        S: ~
        S: 6.1 OK [READ-WRITE] ...
        C: 7.1 UID FETCH 1:3 (FLAGS UID) (CHANGEDSINCE 2 VANISHED)
        S: * VANISHED (EARLIER) 1
        S: * 1 FETCH (FLAGS (\Seen) UID 2 MODSEQ (3))
        S: 7.1 OK ...
        C: 8.1 STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ)
        S: * STATUS INBOX (MESSAGES 2 UIDNEXT 4 UIDVALIDITY <v1> UNSEEN 1 HIGHESTMODSEQ 4)
        S: 8.1 OK ...
        C: 9.1 LOGOUT
        S: * BYE Goodbye.
        S: 9.1 OK ...
        S: closed
    """
    )
