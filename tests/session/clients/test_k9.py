"""K-9 Mail and Thunderbird for Android, as they play a session: newest first, no date in APPEND, and no
word to anybody about a refusal."""

from __future__ import annotations

from desk_mails import DROPPED
from transcript import Stage


def test_k9(stage: Stage) -> None:
    """From the first connection to the end: it reads, drags, is refused and goes on."""
    stage.run(
        r"""
        S: * OK [CAPABILITY ...] ...
        C: 1 AUTHENTICATE PLAIN AGFsaWNlQFN0YW5kYXJkAGRlbW8=
        S: 1 OK [CAPABILITY ...] ...
        C: 2 ID ("name" "Thunderbird for Android" "version" "9.0")
        S: * ID ("name" "imapgate" "version" "1.0")
        S: 2 OK ...
        C: 3 NAMESPACE
        S: * NAMESPACE (("" "/")) NIL (("Trackers" "/")("Categories" "/")("Milestones" "/"))
        S: 3 OK ...
        C: 4 LIST "" "*" RETURN (SPECIAL-USE)
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
        S: 4 OK ...
        C: 5 LSUB "" "*"
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
        S: 5 OK ...
        C: 6 SELECT "INBOX"
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 3 EXISTS
        S: * 3 RECENT
        S: * OK [UNSEEN 2] ...
        S: * OK [UIDVALIDITY <v1>] ...
        S: * OK [UIDNEXT 4] ...
        S: ~
        S: 6 OK [READ-WRITE] ...
        C: 7 UID SEARCH 1:3 NOT DELETED
        S: * SEARCH 1 2 3
        S: 7 OK ...
        C: 8 UID FETCH 3,2,1 (UID FLAGS)
        S: * 1 FETCH (UID 1 FLAGS (\Seen \Recent))
        S: * 2 FETCH (UID 2 FLAGS (\Recent))
        S: * 3 FETCH (UID 3 FLAGS (\Recent))
        S: 8 OK ...
        C: 9 UID FETCH 3,2 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (date subject from content-type to cc bcc reply-to message-id references in-reply-to list-post list-unsubscribe sender X-K9mail-Identity Chat-Version)])
        S: * 2 FETCH (UID 2 FLAGS (\Recent) INTERNALDATE " 6-Jan-2025 10:01:00 +0200" RFC822.SIZE 416 BODY[HEADER.FIELDS (date subject from content-type to cc bcc reply-to message-id references in-reply-to list-post list-unsubscribe sender X-K9mail-Identity Chat-Version)] {191}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Photo
        S: Date: Mon, 06 Jan 2025 10:02:00 +0200
        S: Message-ID: <photo@example.net>
        S: Content-Type: multipart/mixed; boundary="="
        S:
        S: )
        S: * 3 FETCH (UID 3 FLAGS (\Recent) INTERNALDATE " 6-Jan-2025 10:01:00 +0200" RFC822.SIZE 165 BODY[HEADER.FIELDS (date subject from content-type to cc bcc reply-to message-id references in-reply-to list-post list-unsubscribe sender X-K9mail-Identity Chat-Version)] {148}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Thanks
        S: Date: Mon, 06 Jan 2025 10:01:00 +0200
        S: Message-ID: <thanks@example.net>
        S:
        S: )
        S: 9 OK ...
        C: 10 UID FETCH 3 (UID BODY.PEEK[])
        S: * 3 FETCH (UID 3 BODY[] {165}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Thanks
        S: Date: Mon, 06 Jan 2025 10:01:00 +0200
        S: Message-ID: <thanks@example.net>
        S:
        S: It is cold now.
        S: )
        S: 10 OK ...
        C: 11 UID FETCH 2 (UID BODYSTRUCTURE)
        S: * 2 FETCH (UID 2 BODYSTRUCTURE (("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" 7 0 NIL NIL NIL NIL)("IMAGE" "PNG" ("NAME" "hot.png") NIL NIL "BASE64" 4 NIL ("ATTACHMENT" ("FILENAME" "hot.png")) NIL NIL) "MIXED" ("BOUNDARY" "=") NIL NIL NIL))
        S: 11 OK ...
        C: 12 UID FETCH 2 (UID BODY.PEEK[1])
        S: * 2 FETCH (UID 2 BODY[1] {7}
        S: See it.)
        S: 12 OK ...
        C: 13 UID FETCH 2 (UID BODY.PEEK[TEXT]<0.10>)
        S: * 2 FETCH (UID 2 BODY[TEXT]<0> {10}
        S: --=
        S: Conte)
        S: 13 OK ...
        C: 14 UID STORE 3 +FLAGS.SILENT (\Seen)
        S: 14 OK ...
        C: 15 UID SEARCH *:*
        S: * SEARCH 3
        S: 15 OK ...
        C: 16 SEARCH 1:* UNSEEN NOT DELETED
        S: * SEARCH 2
        S: 16 OK ...
        C: 17 UID MOVE 3 "Trackers/Support"
        S: * OK [COPYUID <v2> 3 2] ...
        S: * 3 EXPUNGE
        S: 17 OK Filed as #10000002 in Support.
        # Refused: it says nothing to its user, so nothing may have changed.
        C: 18 UID MOVE 1 "Trackers/Archive"
        S: 18 NO [CANNOT] Not filed: group "Archive" has no e-mail creator. Your mail stays where it was.
        C: 19 NOOP
        S: 19 OK ...
        C: 20 UID MOVE 2 "Trash"
        S: * OK [COPYUID <v3> 2 1] ...
        S: * 2 EXPUNGE
        S: 20 OK ...
        # A mail of another account has no date.
        C: 21 APPEND "Trackers/Support" (\Seen) {#dropped}
        S: + ...
        C: #dropped
        S: 21 OK [APPENDUID <v2> 3] Filed as #10000003 in Support.
        C: 22 APPEND "Trackers/Archive" (\Seen) {#dropped}
        S: + ...
        C: #dropped
        S: 22 NO [CANNOT] Not filed: group "Archive" has no e-mail creator. Your mail stays where it was; a copy is in Recovered Messages.
        C: 23 STATUS "Recovered Messages" (UIDVALIDITY)
        S: * STATUS "Recovered Messages" (UIDVALIDITY <v4>)
        S: 23 OK ...
        C: 24 IDLE
        S: + ...
        C: DONE
        S: 24 OK ...
        C: 25 LOGOUT
        S: * BYE Goodbye.
        S: 25 OK ...
        S: closed
    """,
        dropped=DROPPED,
    )


def test_k9_deletes_without_a_trash(stage: Stage) -> None:
    """\\Deleted and UID EXPUNGE of its own mails alone."""
    stage.run(
        r"""
        S: * OK [CAPABILITY ...] ...
        C: 1 AUTHENTICATE PLAIN AGFsaWNlQFN0YW5kYXJkAGRlbW8=
        S: 1 OK [CAPABILITY ...] ...
        C: 2 SELECT "INBOX"
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 3 EXISTS
        S: * 3 RECENT
        S: * OK [UNSEEN 2] ...
        S: * OK [UIDVALIDITY <v1>] ...
        S: * OK [UIDNEXT 4] ...
        S: ~
        S: 2 OK [READ-WRITE] ...
        C: 3 UID STORE 1 +FLAGS.SILENT (\Deleted)
        S: 3 OK ...
        C: 4 UID STORE 3 +FLAGS.SILENT (\Deleted)
        S: 4 OK ...
        C: 5 UID EXPUNGE 3
        S: * 3 EXPUNGE
        S: 5 OK ...
        C: 6 UID SEARCH 1:2 NOT DELETED
        S: * SEARCH 2
        S: 6 OK ...
        C: 7 LOGOUT
        S: * BYE Goodbye.
        S: 7 OK ...
        S: closed
    """
    )
