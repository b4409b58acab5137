"""OfflineIMAP, as it plays a session (recorded): EXAMINE beside SELECT, all flags by number, an empty
list of flags and a date."""

from __future__ import annotations

from desk_mails import DROPPED
from transcript import Stage


def test_offlineimap_pulls(stage: Stage) -> None:
    """The first run looks into every folder and takes what is there."""
    stage.run(
        r"""
        S: * OK [CAPABILITY ...] ...
        C: BFBN1 CAPABILITY
        S: * CAPABILITY ...
        S: BFBN1 OK ...
        C: BFBN2 ID ("name" "OfflineIMAP" "version" "8.0.0")
        S: * ID ("name" "imapgate" "version" "1.0")
        S: BFBN2 OK ...
        C: BFBN3 AUTHENTICATE PLAIN
        S: + ...
        C: AGFsaWNlQFN0YW5kYXJkAGRlbW8=
        S: BFBN3 OK [CAPABILITY ...] ...
        C: BFBN6 CAPABILITY
        S: * CAPABILITY ...
        S: BFBN6 OK ...
        C: BFBN7 LIST "" ""
        S: * LIST (\Noselect) "/" ""
        S: BFBN7 OK ...
        C: BFBN8 LIST "" "*"
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
        S: BFBN8 OK ...
        C: BFBN9 SELECT Archive
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 0 EXISTS
        S: * 0 RECENT
        S: * OK [UIDVALIDITY <v1>] ...
        S: * OK [UIDNEXT 1] ...
        S: ~
        S: BFBN9 OK [READ-WRITE] ...
        C: BFBN10 SELECT INBOX
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 3 EXISTS
        S: * 3 RECENT
        S: * OK [UNSEEN 2] ...
        S: * OK [UIDVALIDITY <v2>] ...
        S: * OK [UIDNEXT 4] ...
        S: ~
        S: BFBN10 OK [READ-WRITE] ...
        C: BFBN11 EXAMINE Archive
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS ()] ...
        S: * 0 EXISTS
        S: * 0 RECENT
        S: * OK [UIDVALIDITY <v1>] ...
        S: * OK [UIDNEXT 1] ...
        S: ~
        S: BFBN11 OK [READ-ONLY] ...
        C: BFBN12 EXAMINE INBOX
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS ()] ...
        S: * 3 EXISTS
        S: * 0 RECENT
        S: * OK [UNSEEN 2] ...
        S: * OK [UIDVALIDITY <v2>] ...
        S: * OK [UIDNEXT 4] ...
        S: ~
        S: BFBN12 OK [READ-ONLY] ...
        C: BFBN13 FETCH 1:* (FLAGS UID INTERNALDATE)
        S: * 1 FETCH (FLAGS (\Seen) UID 1 INTERNALDATE " 6-Jan-2025 10:01:00 +0200")
        S: * 2 FETCH (FLAGS () UID 2 INTERNALDATE " 6-Jan-2025 10:01:00 +0200")
        S: * 3 FETCH (FLAGS () UID 3 INTERNALDATE " 6-Jan-2025 10:01:00 +0200")
        S: BFBN13 OK ...
        C: BFBN16 UID FETCH 1 (BODY.PEEK[])
        S: * 1 FETCH (UID 1 BODY[] {160}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Gadget
        S: Date: Mon, 06 Jan 2025 10:01:00 +0200
        S: Message-ID: <gadget@example.net>
        S:
        S: It is hot.
        S: )
        S: BFBN16 OK ...
        C: BFBN17 EXAMINE Trackers/Support
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS ()] ...
        S: * 1 EXISTS
        S: * 1 RECENT
        S: * OK [UNSEEN 1] ...
        S: * OK [UIDVALIDITY <v3>] ...
        S: * OK [UIDNEXT 2] ...
        S: ~
        S: BFBN17 OK [READ-ONLY] ...
        C: BFBN18 FETCH 1:* (FLAGS UID INTERNALDATE)
        S: * 1 FETCH (FLAGS (\Recent) UID 1 INTERNALDATE " 6-Jan-2025 10:01:00 +0200")
        S: BFBN18 OK ...
        C: BFBN19 UID FETCH 1 (BODY.PEEK[])
        S: * 1 FETCH (UID 1 BODY[] {157}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Shared
        S: Date: Mon, 06 Jan 2025 10:01:00 +0200
        S: Message-ID: <shared@example.net>
        S:
        S: By bob.
        S: )
        S: BFBN19 OK ...
        C: BFBN33 LOGOUT
        S: * BYE Goodbye.
        S: BFBN33 OK ...
        S: closed
    """
    )


def test_offlineimap_pushes(stage: Stage) -> None:
    """Filed, with the UID that it keeps; refused, and it goes on."""
    stage.run(
        r"""
        S: * OK [CAPABILITY ...] ...
        C: DGFN1 CAPABILITY
        S: * CAPABILITY ...
        S: DGFN1 OK ...
        C: DGFN3 AUTHENTICATE PLAIN
        S: + ...
        C: AGFsaWNlQFN0YW5kYXJkAGRlbW8=
        S: DGFN3 OK [CAPABILITY ...] ...
        C: DGFN7 LIST "" ""
        S: * LIST (\Noselect) "/" ""
        S: DGFN7 OK ...
        C: DGFN9 SELECT Trackers/Support
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 1 EXISTS
        S: * 1 RECENT
        S: * OK [UNSEEN 1] ...
        S: * OK [UIDVALIDITY <v1>] ...
        S: * OK [UIDNEXT 2] ...
        S: ~
        S: DGFN9 OK [READ-WRITE] ...
        C: DGFN11 FETCH 1:* (FLAGS UID INTERNALDATE)
        S: * 1 FETCH (FLAGS (\Recent) UID 1 INTERNALDATE " 6-Jan-2025 10:01:00 +0200")
        S: DGFN11 OK ...
        C: DGFN13 APPEND Trackers/Support () "20-Nov-2026 12:45:35 +0000" {#dropped}
        S: + ...
        C: #dropped
        S: * 2 EXISTS
        S: * 2 RECENT
        S: DGFN13 OK [APPENDUID <v1> 2] Filed as #10000002 in Support.
        C: DGFN14 APPEND Trackers/Archive () "20-Nov-2026 12:45:35 +0000" {#dropped}
        S: + ...
        C: #dropped
        S: DGFN14 NO [CANNOT] Not filed: group "Archive" has no e-mail creator. Your mail stays where it was; a copy is in Recovered Messages.
        C: DGFN15 CHECK
        S: DGFN15 OK ...
        C: DGFN16 LOGOUT
        S: * BYE Goodbye.
        S: DGFN16 OK ...
        S: closed
    """,
        dropped=DROPPED,
    )
