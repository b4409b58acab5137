"""Evolution, as it plays a session: NOTIFY instead of IDLE, the folders with their counts in one LIST,
QRESYNC, and whole headers."""

from __future__ import annotations

from desk_mails import DROPPED, THANKS
from transcript import Stage


def test_evolution(stage: Stage) -> None:
    """From the first connection to the end: it is told what others do, drags and is refused."""
    stage.run(
        r"""
        S: * OK [CAPABILITY ...] ...
        C: A00000 CAPABILITY
        S: * CAPABILITY ...
        S: A00000 OK ...
        C: A00001 LOGIN alice@Standard demo
        S: A00001 OK [CAPABILITY ...] ...
        C: A00002 NAMESPACE
        S: * NAMESPACE (("" "/")) NIL (("Trackers" "/")("Categories" "/")("Milestones" "/"))
        S: A00002 OK ...
        C: A00003 ENABLE CONDSTORE QRESYNC
        S: * ENABLED CONDSTORE QRESYNC
        S: A00003 OK ...
        C: A00004 LIST "" "T%" RETURN (CHILDREN SUBSCRIBED SPECIAL-USE STATUS (UIDNEXT MESSAGES UNSEEN UIDVALIDITY HIGHESTMODSEQ))
        S: * LIST (\HasChildren \Subscribed) "/" Trackers
        S: * STATUS Trackers (UIDNEXT 1 MESSAGES 0 UNSEEN 0 UIDVALIDITY <v1> HIGHESTMODSEQ 1)
        S: * LIST (\HasNoChildren \Trash \Subscribed) "/" Trash
        S: * STATUS Trash (UIDNEXT 1 MESSAGES 0 UNSEEN 0 UIDVALIDITY <v2> HIGHESTMODSEQ 1)
        S: A00004 OK ...
        C: A00005 LSUB "" INBOX
        S: * LSUB (\HasNoChildren) "/" INBOX
        S: A00005 OK ...
        C: A00006 NOTIFY SET (selected (MessageNew (UID RFC822.SIZE RFC822.HEADER FLAGS) MessageExpunge FlagChange)) (personal (MessageNew MessageExpunge MailboxName SubscriptionChange))
        S: A00006 OK ...
        C: A00007 SELECT Trackers/Support
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 1 EXISTS
        S: * 1 RECENT
        S: * OK [UNSEEN 1] ...
        S: * OK [UIDVALIDITY <v3>] ...
        S: * OK [UIDNEXT 2] ...
        S: ~
        S: A00007 OK [READ-WRITE] ...
        C: A00008 UID FETCH 1:* (UID FLAGS)
        S: * 1 FETCH (UID 1 FLAGS (\Recent))
        S: A00008 OK ...
        C: A00009 UID FETCH 1 (RFC822.SIZE RFC822.HEADER)
        S: * 1 FETCH (UID 1 RFC822.SIZE 157 RFC822.HEADER {148}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Shared
        S: Date: Mon, 06 Jan 2025 10:01:00 +0200
        S: Message-ID: <shared@example.net>
        S:
        S: )
        S: A00009 OK ...
        # Somebody else drops a mail here: it is told unasked, without IDLE.
        bob C: b APPEND Trackers/Support {#thanks+}
        bob C: #thanks
        bob S: b OK [APPENDUID <v3> 2] Filed as #10000002 in Support.
        S: * 2 EXISTS
        S: * 2 RECENT
        S: * 2 FETCH (UID 2 RFC822.SIZE 165 RFC822.HEADER {148}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Thanks
        S: Date: Mon, 06 Jan 2025 10:01:00 +0200
        S: Message-ID: <thanks@example.net>
        S:
        S:  FLAGS (\Recent) MODSEQ (3))
        C: A00010 UID FETCH 2 (BODY.PEEK[])
        S: * 2 FETCH (UID 2 BODY[] {165}
        S: From: Erika <erika@example.net>
        S: To: alice@example.org
        S: Subject: Thanks
        S: Date: Mon, 06 Jan 2025 10:01:00 +0200
        S: Message-ID: <thanks@example.net>
        S:
        S: It is cold now.
        S: )
        S: A00010 OK ...
        C: A00011 UID STORE 2 +FLAGS.SILENT (\Seen)
        S: * 2 FETCH (UID 2 MODSEQ (4))
        S: A00011 OK ...
        bob C: c SELECT Trackers/Support
        bob S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        bob S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        bob S: * 2 EXISTS
        bob S: * 2 RECENT
        bob S: * OK [UNSEEN 1] ...
        bob S: * OK [UIDVALIDITY <v3>] ...
        bob S: * OK [UIDNEXT 3] ...
        bob S: ~
        bob S: c OK [READ-WRITE] ...
        bob C: d UID STORE 1 +FLAGS.SILENT (\Flagged)
        bob S: d OK ...
        S: * 1 FETCH (UID 1 MODSEQ (5) FLAGS (\Flagged \Recent))
        C: A00012 SELECT INBOX
        S: * OK [CLOSED] ...
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)] ...
        S: * 3 EXISTS
        S: * 3 RECENT
        S: * OK [UNSEEN 2] ...
        S: * OK [UIDVALIDITY <v4>] ...
        S: * OK [UIDNEXT 4] ...
        S: ~
        S: A00012 OK [READ-WRITE] ...
        C: A00013 UID MOVE 3 Trackers/Support
        S: * OK [COPYUID <v3> 3 2] ...
        S: * VANISHED 3
        S: A00013 OK [HIGHESTMODSEQ 3] Filed as #10000002 in Support.
        C: A00014 UID MOVE 1 Trackers/Archive
        S: A00014 NO [CANNOT] Not filed: group "Archive" has no e-mail creator. Your mail stays where it was.
        C: A00015 APPEND Trackers/Archive (\Seen) "06-Jan-2025 10:01:00 +0200" {#dropped}
        S: + ...
        C: #dropped
        S: * STATUS "Recovered Messages" (UIDNEXT 2 MESSAGES 1 HIGHESTMODSEQ 2)
        S: A00015 NO [CANNOT] Not filed: group "Archive" has no e-mail creator. Your mail stays where it was; a copy is in Recovered Messages.
        C: A00016 LOGOUT
        S: * BYE Goodbye.
        S: A00016 OK ...
        S: closed
    """,
        dropped=DROPPED,
        thanks=THANKS,
    )
