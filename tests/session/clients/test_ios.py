"""Mail on iPhone and iPad, as it plays a session: several commands in one packet, the folders with their
counts in one LIST, CONDSTORE with a mod-sequence that doesn't exist, and pieces of mails."""

from __future__ import annotations

from transcript import Stage

PACKET = (
    b"A4 NAMESPACE\r\n"
    b'A5 LIST "" "*" RETURN (STATUS (MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ) SPECIAL-USE)'
)


def test_ios(stage: Stage) -> None:
    """From the first connection to the end: it looks around, reads, drags and is refused."""
    stage.run(
        r"""
        S: * OK [CAPABILITY ...] ...
        C: A1 CAPABILITY
        S: * CAPABILITY ...
        S: A1 OK ...
        C: A2 AUTHENTICATE PLAIN AGFsaWNlQFN0YW5kYXJkAGRlbW8=
        S: A2 OK [CAPABILITY ...] ...
        C: A3 ID ("name" "com.apple.email.maild" "version" "3864.600.51.2.1" "os" "iOS" "os-version" "26.5 (23F77)" "vendor" "Apple Inc" "event" NIL)
        S: * ID ("name" "imapgate" "version" "1.0")
        S: A3 OK ...
        C: #packet
        S: * NAMESPACE (("" "/")) NIL (("Trackers" "/")("Categories" "/")("Milestones" "/"))
        S: A4 OK ...
        S: * LIST (\HasNoChildren) "/" INBOX
        S: * STATUS INBOX (MESSAGES 3 UIDNEXT 4 UIDVALIDITY <v1> UNSEEN 2 HIGHESTMODSEQ 2)
        S: * LIST (\HasNoChildren \Archive) "/" Archive
        S: * STATUS Archive (MESSAGES 0 UIDNEXT 1 UIDVALIDITY <v2> UNSEEN 0 HIGHESTMODSEQ 1)
        S: * LIST (\HasChildren) "/" Categories
        S: * STATUS Categories (MESSAGES 0 UIDNEXT 1 UIDVALIDITY <v3> UNSEEN 0 HIGHESTMODSEQ 1)
        S: * LIST (\HasNoChildren) "/" "Categories/VIP customers"
        S: * STATUS "Categories/VIP customers" (MESSAGES 0 UIDNEXT 1 UIDVALIDITY <v4> UNSEEN 0 HIGHESTMODSEQ 1)
        S: * LIST (\HasNoChildren \Drafts) "/" Drafts
        S: * STATUS Drafts (MESSAGES 0 UIDNEXT 1 UIDVALIDITY <v5> UNSEEN 0 HIGHESTMODSEQ 1)
        S: * LIST (\HasNoChildren \Junk) "/" Junk
        S: * STATUS Junk (MESSAGES 0 UIDNEXT 1 UIDVALIDITY <v6> UNSEEN 0 HIGHESTMODSEQ 1)
        S: * LIST (\HasChildren) "/" Milestones
        S: * STATUS Milestones (MESSAGES 0 UIDNEXT 1 UIDVALIDITY <v7> UNSEEN 0 HIGHESTMODSEQ 1)
        S: * LIST (\HasNoChildren) "/" "Milestones/Release 1.0"
        S: * STATUS "Milestones/Release 1.0" (MESSAGES 0 UIDNEXT 1 UIDVALIDITY <v8> UNSEEN 0 HIGHESTMODSEQ 1)
        S: * LIST (\HasNoChildren) "/" "Recovered Messages"
        S: * STATUS "Recovered Messages" (MESSAGES 0 UIDNEXT 1 UIDVALIDITY <v9> UNSEEN 0 HIGHESTMODSEQ 1)
        S: * LIST (\HasNoChildren \Sent) "/" Sent
        S: * STATUS Sent (MESSAGES 0 UIDNEXT 1 UIDVALIDITY <v10> UNSEEN 0 HIGHESTMODSEQ 1)
        S: * LIST (\HasChildren) "/" Trackers
        S: * STATUS Trackers (MESSAGES 0 UIDNEXT 1 UIDVALIDITY <v11> UNSEEN 0 HIGHESTMODSEQ 1)
        S: * LIST (\HasNoChildren) "/" Trackers/Archive
        S: * STATUS Trackers/Archive (MESSAGES 0 UIDNEXT 1 UIDVALIDITY <v12> UNSEEN 0 HIGHESTMODSEQ 1)
        S: * LIST (\HasNoChildren) "/" "Trackers/B&APw-ro &- Ablage"
        S: * STATUS "Trackers/B&APw-ro &- Ablage" (MESSAGES 0 UIDNEXT 1 UIDVALIDITY <v13> UNSEEN 0 HIGHESTMODSEQ 1)
        S: * LIST (\HasNoChildren) "/" Trackers/E-Mails
        S: * STATUS Trackers/E-Mails (MESSAGES 0 UIDNEXT 1 UIDVALIDITY <v14> UNSEEN 0 HIGHESTMODSEQ 1)
        S: * LIST (\HasNoChildren) "/" Trackers/Meetings
        S: * STATUS Trackers/Meetings (MESSAGES 0 UIDNEXT 1 UIDVALIDITY <v15> UNSEEN 0 HIGHESTMODSEQ 1)
        S: * LIST (\HasNoChildren) "/" Trackers/Sales
        S: * STATUS Trackers/Sales (MESSAGES 0 UIDNEXT 1 UIDVALIDITY <v16> UNSEEN 0 HIGHESTMODSEQ 1)
        S: * LIST (\HasNoChildren) "/" Trackers/Support
        S: * STATUS Trackers/Support (MESSAGES 1 UIDNEXT 2 UIDVALIDITY <v17> UNSEEN 1 HIGHESTMODSEQ 2)
        S: * LIST (\HasNoChildren \Trash) "/" Trash
        S: * STATUS Trash (MESSAGES 0 UIDNEXT 1 UIDVALIDITY <v18> UNSEEN 0 HIGHESTMODSEQ 1)
        S: A5 OK ...
        C: A6 SELECT "INBOX" (CONDSTORE)
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 3 EXISTS
        S: * 3 RECENT
        S: * OK [UNSEEN 2] ...
        S: * OK [UIDVALIDITY <v1>] ...
        S: * OK [UIDNEXT 4] ...
        S: ~
        S: A6 OK [READ-WRITE] ...
        C: A7 UID SEARCH RETURN (ALL) UID 1:*
        S: * ESEARCH (TAG "A7") UID ALL 1:3
        S: A7 OK ...
        C: A8 UID FETCH 1:3 (FLAGS UID) (CHANGEDSINCE 0)
        S: * 1 FETCH (FLAGS (\Seen \Recent) UID 1 MODSEQ (2))
        S: * 2 FETCH (FLAGS (\Recent) UID 2 MODSEQ (2))
        S: * 3 FETCH (FLAGS (\Recent) UID 3 MODSEQ (2))
        S: A8 OK ...
        C: A9 UID FETCH 3 (INTERNALDATE UID RFC822.SIZE FLAGS BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (date subject from to cc message-id in-reply-to references content-type x-priority list-id)])
        S: * 3 FETCH (INTERNALDATE " 6-Jan-2025 10:01:00 +0200" UID 3 RFC822.SIZE 165 FLAGS (\Recent) BODYSTRUCTURE ("TEXT" "PLAIN" ("CHARSET" "us-ascii") NIL NIL "7BIT" 17 1 NIL NIL NIL NIL) BODY[HEADER.FIELDS (date subject from to cc message-id in-reply-to references content-type x-priority list-id)] {148}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Thanks
        S: Date: Mon, 06 Jan 2025 10:01:00 +0200
        S: Message-ID: <thanks@example.net>
        S:
        S: )
        S: A9 OK ...
        C: A10 UID FETCH 2:3 (UID BODY.PEEK[]<0.160>)
        S: * 2 FETCH (UID 2 BODY[]<0> {160}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Photo
        S: Date: Mon, 06 Jan 2025 10:02:00 +0200
        S: Message-ID: <photo@example.net>
        S: MIME-Version: 1.)
        S: * 3 FETCH (UID 3 BODY[]<0> {160}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Thanks
        S: Date: Mon, 06 Jan 2025 10:01:00 +0200
        S: Message-ID: <thanks@example.net>
        S:
        S: It is cold n)
        S: A10 OK ...
        C: A11 UID STORE 3 +FLAGS.SILENT (\Seen)
        S: * 3 FETCH (UID 3 MODSEQ (3))
        S: A11 OK ...
        C: A12 IDLE
        S: + ...
        C: DONE
        S: A12 OK ...
        C: A13 UID MOVE 3 "Trackers/Support"
        S: * OK [COPYUID <v17> 3 2] ...
        S: * 3 EXPUNGE
        S: A13 OK Filed as #10000002 in Support.
        # Refused: the mail comes back at the next refresh.
        C: A14 UID MOVE 1 "Trackers/Archive"
        S: A14 NO [CANNOT] Not filed: group "Archive" has no e-mail creator. Your mail stays where it was.
        C: A15 UID FETCH 1:3 (FLAGS UID) (CHANGEDSINCE 1)
        S: * 1 FETCH (FLAGS (\Seen \Recent) UID 1 MODSEQ (2))
        S: * 2 FETCH (FLAGS (\Recent) UID 2 MODSEQ (2))
        S: A15 OK ...
        C: A16 LOGOUT
        S: * BYE Goodbye.
        S: A16 OK ...
        S: closed
    """,
        packet=PACKET,
    )
