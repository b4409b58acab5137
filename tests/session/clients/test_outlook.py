"""Classic Outlook (Windows), as it plays a session: LSUB with special use, whole mails, COPY and delete
instead of MOVE, and it deletes even where the copy was refused."""

from __future__ import annotations

from desk_mails import DROPPED
from transcript import Stage


def test_outlook(stage: Stage) -> None:
    """From the first connection to the end, with drags that are filed and refused."""
    stage.run(
        r"""
        S: * OK [CAPABILITY ...] ...
        C: 0cb1 CAPABILITY
        S: * CAPABILITY ...
        S: 0cb1 OK ...
        C: r0pi LOGIN "alice@example.org" "demo"
        S: r0pi OK [CAPABILITY ...] ...
        C: zx3y NAMESPACE
        S: * NAMESPACE (("" "/")) NIL (("Trackers" "/")("Categories" "/")("Milestones" "/"))
        S: zx3y OK ...
        C: ilxl LIST "" ""
        S: * LIST (\Noselect) "/" ""
        S: ilxl OK ...
        C: l0d8 LSUB "" "*"
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
        S: l0d8 OK ...
        C: p8at SELECT "INBOX"
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 3 EXISTS
        S: * 3 RECENT
        S: * OK [UNSEEN 2] ...
        S: * OK [UIDVALIDITY <v1>] ...
        S: * OK [UIDNEXT 4] ...
        S: ~
        S: p8at OK [READ-WRITE] ...
        C: 4kq2 UID SEARCH 1:3 SINCE 01-Sep-2019
        S: * SEARCH 1 2 3
        S: 4kq2 OK ...
        C: 4kq3 UID FETCH 1:* (UID FLAGS)
        S: * 1 FETCH (UID 1 FLAGS (\Seen \Recent))
        S: * 2 FETCH (UID 2 FLAGS (\Recent))
        S: * 3 FETCH (UID 3 FLAGS (\Recent))
        S: 4kq3 OK ...
        C: 7v1m UID FETCH 3 (UID FLAGS RFC822.SIZE BODY.PEEK[] INTERNALDATE)
        S: * 3 FETCH (UID 3 FLAGS (\Recent) RFC822.SIZE 165 BODY[] {165}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Thanks
        S: Date: Mon, 06 Jan 2025 10:01:00 +0200
        S: Message-ID: <thanks@example.net>
        S:
        S: It is cold now.
        S:  INTERNALDATE " 6-Jan-2025 10:01:00 +0200")
        S: 7v1m OK ...
        C: 9s2k UID STORE 3 +FLAGS.SILENT (\Seen)
        S: 9s2k OK ...
        C: hq01 IDLE
        S: + ...
        C: DONE
        S: hq01 OK ...
        # It drags a mail into a group.
        C: d001 UID COPY 3 "Trackers/Support"
        S: d001 OK [COPYUID <v2> 3 2] Filed as #10000002 in Support.
        C: d002 UID STORE 3 +FLAGS.SILENT (\Deleted)
        S: d002 OK ...
        C: d003 EXPUNGE
        S: * 3 EXPUNGE
        S: d003 OK ...
        # A mail of its Exchange account, made anew, into the group; then it looks there and takes it out.
        C: e001 APPEND "Trackers/Support" (\Seen) "06-Jan-2025 10:01:00 +0200" {#dropped}
        S: + ...
        C: #dropped
        S: e001 OK [APPENDUID <v2> 3] Filed as #10000003 in Support.
        C: e002 SELECT "Trackers/Support"
        S: * OK [CLOSED] ...
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 3 EXISTS
        S: * 3 RECENT
        S: * OK [UNSEEN 1] ...
        S: * OK [UIDVALIDITY <v2>] ...
        S: * OK [UIDNEXT 4] ...
        S: ~
        S: e002 OK [READ-WRITE] ...
        C: e003 UID FETCH 1:* (UID FLAGS)
        S: * 1 FETCH (UID 1 FLAGS (\Recent))
        S: * 2 FETCH (UID 2 FLAGS (\Seen \Recent))
        S: * 3 FETCH (UID 3 FLAGS (\Seen \Recent))
        S: e003 OK ...
        C: e004 UID STORE 3 +FLAGS.SILENT (\Deleted)
        S: e004 OK ...
        C: e005 EXPUNGE
        S: * 3 EXPUNGE
        S: e005 OK ...
        C: f001 LOGOUT
        S: * BYE Goodbye.
        S: f001 OK ...
        S: closed
    """,
        dropped=DROPPED,
    )


def test_outlook_keeps_no_mail_that_was_refused(stage: Stage) -> None:
    """It deletes the source even after NO, without waiting: what was refused is in Recovered Messages."""
    stage.run(
        r"""
        S: * OK [CAPABILITY ...] ...
        C: a001 LOGIN "alice@example.org" "demo"
        S: a001 OK [CAPABILITY ...] ...
        C: a002 SELECT "INBOX"
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 3 EXISTS
        S: * 3 RECENT
        S: * OK [UNSEEN 2] ...
        S: * OK [UIDVALIDITY <v1>] ...
        S: * OK [UIDNEXT 4] ...
        S: ~
        S: a002 OK [READ-WRITE] ...
        C: d001 UID COPY 1 "Trackers/Archive"
        S: d001 NO [CANNOT] Not filed: group "Archive" has no e-mail creator. Your mail stays where it was.
        C: d002 UID STORE 1 +FLAGS.SILENT (\Deleted)
        S: d002 OK ...
        C: d003 EXPUNGE
        S: * 1 EXPUNGE
        S: d003 OK ...
        C: e001 APPEND "Trackers/Archive" (\Seen) "06-Jan-2025 10:01:00 +0200" {#dropped}
        S: + ...
        C: #dropped
        S: e001 NO [CANNOT] Not filed: group "Archive" has no e-mail creator. Your mail stays where it was; a copy is in Recovered Messages.
        C: e002 SELECT "Recovered Messages"
        S: * OK [CLOSED] ...
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $NoCreator $Refused)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen $NoCreator $Refused \*)] ...
        S: * 2 EXISTS
        S: * 2 RECENT
        S: * OK [UNSEEN 1] ...
        S: * OK [UIDVALIDITY <v2>] ...
        S: * OK [UIDNEXT 3] ...
        S: ~
        S: e002 OK [READ-WRITE] ...
        C: e003 UID FETCH 1:* (UID FLAGS)
        S: * 1 FETCH (UID 1 FLAGS ($Refused \Recent))
        S: * 2 FETCH (UID 2 FLAGS ($NoCreator \Recent))
        S: e003 OK ...
        C: e004 UID FETCH 1,2 (UID BODY.PEEK[])
        S: * 1 FETCH (UID 1 BODY[] {160}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Gadget
        S: Date: Mon, 06 Jan 2025 10:01:00 +0200
        S: Message-ID: <gadget@example.net>
        S:
        S: It is hot.
        S: )
        S: * 2 FETCH (UID 2 BODY[] {162}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Dropped
        S: Date: Mon, 06 Jan 2025 10:01:00 +0200
        S: Message-ID: <dropped@example.net>
        S:
        S: It is hot.
        S: )
        S: e004 OK ...
        C: e005 LOGOUT
        S: * BYE Goodbye.
        S: e005 OK ...
        S: closed
    """,
        dropped=DROPPED,
    )


def test_outlook_in_an_empty_folder(stage: Stage) -> None:
    """1:* where nothing is; XLIST, which older versions know and nobody offers, is no end of the session."""
    stage.run(
        r"""
        S: * OK [CAPABILITY ...] ...
        C: a001 LOGIN "alice@example.org" "demo"
        S: a001 OK [CAPABILITY ...] ...
        C: a002 XLIST "" "*"
        S: a002 BAD Expected a known command at character 6
        C: a003 SELECT "Drafts"
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 0 EXISTS
        S: * 0 RECENT
        S: * OK [UIDVALIDITY <v1>] ...
        S: * OK [UIDNEXT 1] ...
        S: ~
        S: a003 OK [READ-WRITE] ...
        C: a004 UID FETCH 1:* (UID FLAGS)
        S: a004 OK ...
        C: a005 UID SEARCH 1:* SINCE 01-Sep-2019
        S: * SEARCH
        S: a005 OK ...
        C: a006 LOGOUT
        S: * BYE Goodbye.
        S: a006 OK ...
        S: closed
    """
    )
