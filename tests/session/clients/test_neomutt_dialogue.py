"""neomutt, as it plays a session (recorded): UTF8=ACCEPT, STATUS of every subscribed folder between IDLEs,
COPY and CLOSE to move."""

from __future__ import annotations

from desk_mails import GADGET
from transcript import Stage


def test_neomutt_reads_and_saves(stage: Stage) -> None:
    """It opens INBOX, reads a mail and moves it into a group; another one is refused and stays."""
    stage.run(
        r"""
        S: * OK [CAPABILITY ...] ...
        C: a0000 AUTHENTICATE PLAIN YWxpY2VAU3RhbmRhcmQAYWxpY2VAU3RhbmRhcmQAZGVtbw==
        S: a0000 OK [CAPABILITY ...] ...
        C: a0001 CAPABILITY
        S: * CAPABILITY ...
        S: a0001 OK ...
        C: a0002 ENABLE UTF8=ACCEPT
        S: * ENABLED UTF8=ACCEPT
        S: a0002 OK ...
        C: a0003 LIST "" ""
        S: * LIST (\Noselect) "/" ""
        S: a0003 OK ...
        C: a0004 MYRIGHTS "INBOX"
        S: * MYRIGHTS INBOX lrswipkxtecd
        S: a0004 OK ...
        C: a0005 LSUB "" "*"
        S: * LSUB (\HasNoChildren) "/" INBOX
        S: * LSUB (\HasNoChildren \Archive) "/" Archive
        S: * LSUB (\HasChildren) "/" Categories
        S: * LSUB (\HasNoChildren) "/" "Categories/VIP customers"
        S: * LSUB (\HasNoChildren \Drafts) "/" Drafts
        S: * LSUB (\HasNoChildren \Junk) "/" Junk
        S: * LSUB (\HasNoChildren) "/" "Recovered Messages"
        S: * LSUB (\HasNoChildren \Sent) "/" Sent
        S: * LSUB (\HasChildren) "/" Trackers
        S: * LSUB (\HasNoChildren) "/" "Trackers/Büro & Ablage"
        S: * LSUB (\HasNoChildren) "/" Trackers/E-Mails
        S: * LSUB (\HasNoChildren) "/" Trackers/Sales
        S: * LSUB (\HasNoChildren) "/" Trackers/Support
        S: * LSUB (\HasNoChildren \Trash) "/" Trash
        S: a0005 OK ...
        C: a0006 SELECT "INBOX"
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 3 EXISTS
        S: * 3 RECENT
        S: * OK [UNSEEN 2] ...
        S: * OK [UIDVALIDITY <v1>] ...
        S: * OK [UIDNEXT 4] ...
        S: ~
        S: a0006 OK [READ-WRITE] ...
        C: a0007 FETCH 3 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (DATE FROM SENDER SUBJECT TO CC MESSAGE-ID REFERENCES CONTENT-TYPE CONTENT-DESCRIPTION IN-REPLY-TO REPLY-TO LINES LIST-POST LIST-SUBSCRIBE LIST-UNSUBSCRIBE X-LABEL X-ORIGINAL-TO)])
        S: * 3 FETCH (UID 3 FLAGS (\Recent) INTERNALDATE " 6-Jan-2025 10:01:00 +0200" RFC822.SIZE 165 BODY[HEADER.FIELDS (DATE FROM SENDER SUBJECT TO CC MESSAGE-ID REFERENCES CONTENT-TYPE CONTENT-DESCRIPTION IN-REPLY-TO REPLY-TO LINES LIST-POST LIST-SUBSCRIBE LIST-UNSUBSCRIBE X-LABEL X-ORIGINAL-TO)] {148}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Thanks
        S: Date: Mon, 06 Jan 2025 10:01:00 +0200
        S: Message-ID: <thanks@example.net>
        S:
        S: )
        S: a0007 OK ...
        C: a0008 STATUS "Trackers/Support" (UIDNEXT UIDVALIDITY UNSEEN RECENT MESSAGES)
        S: * STATUS Trackers/Support (UIDNEXT 2 UIDVALIDITY <v2> UNSEEN 1 RECENT 1 MESSAGES 1)
        S: a0008 OK ...
        C: a0013 IDLE
        S: + ...
        C: DONE
        S: a0013 OK ...
        C: a0014 UID FETCH 3 BODY.PEEK[]
        S: * 3 FETCH (UID 3 BODY[] {165}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Thanks
        S: Date: Mon, 06 Jan 2025 10:01:00 +0200
        S: Message-ID: <thanks@example.net>
        S:
        S: It is cold now.
        S: )
        S: a0014 OK ...
        C: a0015 UID STORE 3 +FLAGS.SILENT (\Seen)
        S: a0015 OK ...
        C: a0016 UID COPY 3 "Trackers/Support"
        S: a0016 OK [COPYUID <v2> 3 2] Filed as #10000002 in Support.
        C: a0017 UID STORE 3 +FLAGS.SILENT (\Deleted)
        S: a0017 OK ...
        # Refused: it tries with a FETCH and an APPEND, and keeps its mail after that.
        C: a0018 UID COPY 1 "Trackers/Archive"
        S: a0018 NO [CANNOT] Not filed: group "Archive" has no e-mail creator. Your mail stays where it was.
        C: a0019 UID FETCH 1 BODY.PEEK[]
        S: * 1 FETCH (UID 1 BODY[] {160}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Gadget
        S: Date: Mon, 06 Jan 2025 10:01:00 +0200
        S: Message-ID: <gadget@example.net>
        S:
        S: It is hot.
        S: )
        S: a0019 OK ...
        C: a0020 APPEND "Trackers/Archive" (\Seen) "06-Jan-2025 08:01:00 +0000" {#gadget}
        S: + ...
        C: #gadget
        S: a0020 NO [CANNOT] Not filed: group "Archive" has no e-mail creator. Your mail stays where it was; a copy is in Recovered Messages.
        C: a0021 STATUS "Trackers/Büro & Ablage" (UIDNEXT UIDVALIDITY UNSEEN RECENT MESSAGES)
        S: * STATUS "Trackers/Büro & Ablage" (UIDNEXT 1 UIDVALIDITY <v3> UNSEEN 0 RECENT 0 MESSAGES 0)
        S: a0021 OK ...
        C: a0022 CLOSE
        S: a0022 OK ...
        C: a0023 LOGOUT
        S: * BYE Goodbye.
        S: a0023 OK ...
        S: closed
    """,
        gadget=GADGET,
    )
