"""FairEmail (Jakarta Mail), as it plays a session: message numbers, everything about a mail in one FETCH,
pieces of parts, and a copy that is an APPEND with a Message-ID of its own."""

from __future__ import annotations

from desk_mails import GADGET
from transcript import Stage


def test_fairemail(stage: Stage) -> None:
    """From the first connection to the end: it reads, moves, copies and is refused."""
    stage.run(
        r"""
        S: * OK [CAPABILITY ...] ...
        C: A0 CAPABILITY
        S: * CAPABILITY ...
        S: A0 OK ...
        C: A1 AUTHENTICATE PLAIN AGFsaWNlQFN0YW5kYXJkAGRlbW8=
        S: A1 OK [CAPABILITY ...] ...
        C: A2 CAPABILITY
        S: * CAPABILITY ...
        S: A2 OK ...
        C: A3 ID ("name" "FairEmail" "version" "1.2230")
        S: * ID ("name" "imapgate" "version" "1.0")
        S: A3 OK ...
        C: A4 LIST "" ""
        S: * LIST (\Noselect) "/" ""
        S: A4 OK ...
        C: A5 LIST "" "*"
        S: * LIST (\HasNoChildren) "/" INBOX
        S: * LIST (\HasNoChildren \Archive) "/" Archive
        S: * LIST (\HasChildren) "/" Categories
        S: * LIST (\HasNoChildren) "/" "Categories/VIP customers"
        S: * LIST (\HasNoChildren \Drafts) "/" Drafts
        S: * LIST (\HasNoChildren \Junk) "/" Junk
        S: * LIST (\HasChildren) "/" Milestones
        S: * LIST (\HasNoChildren) "/" "Milestones/Release 1.0"
        S: * LIST (\HasNoChildren) "/" "Recovered Messages"
        S: * LIST (\HasNoChildren \Sent) "/" Sent
        S: * LIST (\HasChildren) "/" Trackers
        S: * LIST (\HasNoChildren) "/" Trackers/Archive
        S: * LIST (\HasNoChildren) "/" "Trackers/B&APw-ro &- Ablage"
        S: * LIST (\HasNoChildren) "/" Trackers/E-Mails
        S: * LIST (\HasNoChildren) "/" Trackers/Meetings
        S: * LIST (\HasNoChildren) "/" Trackers/Sales
        S: * LIST (\HasNoChildren) "/" Trackers/Support
        S: * LIST (\HasNoChildren \Trash) "/" Trash
        S: A5 OK ...
        C: A6 LSUB "" "*"
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
        S: A6 OK ...
        C: A7 STATUS INBOX (MESSAGES RECENT UNSEEN UIDNEXT UIDVALIDITY)
        S: * STATUS INBOX (MESSAGES 3 RECENT 3 UNSEEN 2 UIDNEXT 4 UIDVALIDITY <v1>)
        S: A7 OK ...
        C: A8 SELECT INBOX
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 3 EXISTS
        S: * 3 RECENT
        S: * OK [UNSEEN 2] ...
        S: * OK [UIDVALIDITY <v1>] ...
        S: * OK [UIDNEXT 4] ...
        S: ~
        S: A8 OK [READ-WRITE] ...
        C: A9 SEARCH SINCE 1-Jan-2025 ALL
        S: * SEARCH 1 2 3
        S: A9 OK ...
        C: A10 UID FETCH 1:* (UID)
        S: * 1 FETCH (UID 1)
        S: * 2 FETCH (UID 2)
        S: * 3 FETCH (UID 3)
        S: A10 OK ...
        C: A11 FETCH 2:3 (ENVELOPE INTERNALDATE RFC822.SIZE FLAGS BODYSTRUCTURE UID BODY.PEEK[HEADER])
        S: * 2 FETCH (ENVELOPE ("Mon, 06 Jan 2025 10:02:00 +0200" "Photo" (("Erika" NIL "erika" "example.net")) (("Erika" NIL "erika" "example.net")) (("Erika" NIL "erika" "example.net")) ((NIL NIL "alice" "example.org")) NIL NIL NIL "<photo@example.net>") INTERNALDATE " 6-Jan-2025 10:01:00 +0200" RFC822.SIZE 416 FLAGS (\Recent) BODYSTRUCTURE (("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" 7 0 NIL NIL NIL NIL)("IMAGE" "PNG" ("NAME" "hot.png") NIL NIL "BASE64" 4 NIL ("ATTACHMENT" ("FILENAME" "hot.png")) NIL NIL) "MIXED" ("BOUNDARY" "=") NIL NIL NIL) UID 2 BODY[HEADER] {210}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Photo
        S: Date: Mon, 06 Jan 2025 10:02:00 +0200
        S: Message-ID: <photo@example.net>
        S: MIME-Version: 1.0
        S: Content-Type: multipart/mixed; boundary="="
        S:
        S: )
        S: * 3 FETCH (ENVELOPE ("Mon, 06 Jan 2025 10:01:00 +0200" "Thanks" (("Erika" NIL "erika" "example.net")) (("Erika" NIL "erika" "example.net")) (("Erika" NIL "erika" "example.net")) ((NIL NIL "alice" "example.org")) NIL NIL NIL "<thanks@example.net>") INTERNALDATE " 6-Jan-2025 10:01:00 +0200" RFC822.SIZE 165 FLAGS (\Recent) BODYSTRUCTURE ("TEXT" "PLAIN" ("CHARSET" "us-ascii") NIL NIL "7BIT" 17 1 NIL NIL NIL NIL) UID 3 BODY[HEADER] {148}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Thanks
        S: Date: Mon, 06 Jan 2025 10:01:00 +0200
        S: Message-ID: <thanks@example.net>
        S:
        S: )
        S: A11 OK ...
        C: A12 FETCH 2 (BODY.PEEK[1]<0.65536>)
        S: * 2 FETCH (BODY[1]<0> {7}
        S: See it.)
        S: A12 OK ...
        C: A13 FETCH 2 (BODY.PEEK[2]<0.65536>)
        S: * 2 FETCH (BODY[2]<0> {4}
        S: UE5H)
        S: A13 OK ...
        C: A14 STORE 3 +FLAGS (\Seen)
        S: * 3 FETCH (FLAGS (\Seen \Recent))
        S: A14 OK ...
        C: A15 IDLE
        S: + ...
        C: DONE
        S: A15 OK ...
        C: A16 MOVE 3 Trackers/Support
        S: * OK [COPYUID <v2> 3 2] ...
        S: * 3 EXPUNGE
        S: A16 OK Filed as #10000002 in Support.
        # A copy inside the account is another mail: FairEmail gives it a Message-ID of its own.
        C: A17 FETCH 1 (BODY.PEEK[])
        S: * 1 FETCH (BODY[] {160}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Gadget
        S: Date: Mon, 06 Jan 2025 10:01:00 +0200
        S: Message-ID: <gadget@example.net>
        S:
        S: It is hot.
        S: )
        S: A17 OK ...
        C: A18 APPEND Trackers/Support (\Seen) " 6-Jan-2025 10:01:00 +0200" {#copy}
        S: + ...
        C: #copy
        S: A18 OK [APPENDUID <v2> 3] Filed as #10000003 in Support.
        # Refused: the user sees the sentence, and the mail stays.
        C: A19 MOVE 1 Trackers/Archive
        S: A19 NO [CANNOT] Not filed: group "Archive" has no e-mail creator. Your mail stays where it was.
        C: A20 APPEND Trackers/Archive () " 6-Jan-2025 10:01:00 +0200" {#copy}
        S: + ...
        C: #copy
        S: A20 NO [CANNOT] Not filed: group "Archive" has no e-mail creator. Your mail stays where it was; a copy is in Recovered Messages.
        C: A21 MOVE 2 Trash
        S: * OK [COPYUID <v3> 2 1] ...
        S: * 2 EXPUNGE
        S: A21 OK ...
        C: A22 NOOP
        S: A22 OK ...
        C: A23 CLOSE
        S: A23 OK ...
        C: A24 LOGOUT
        S: * BYE Goodbye.
        S: A24 OK ...
        S: closed
    """,
        copy=GADGET.replace(b"<gadget@", b"<fairemail@"),
    )
