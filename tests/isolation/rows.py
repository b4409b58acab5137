"""What is tried with each command that the server offers. `{foreign}` stands for each name of
something foreign, `{number}` for a foreign activity's number, `{own}` for each own folder."""

from __future__ import annotations

import base64

from imapgate.wire import commands as c

FOREIGN = (
    '"Trackers/Secret"',
    '"trackers/secret/"',
    '"Trackers/Secret/Below"',
    '"Trackers/Elsewhere"',
    '"Categories/Closed 1"',
    '"Secret"',
    '"Archive/Secret"',
    '"Incoming"',
    '"Incoming/Failed"',
    "Activities/Secret",
    "Activities/Sales/#10000002",
)
"""Groups and names like theirs; the personal ones may be made, and then they are one's own."""
GADGET = "Activities/Sales/#10000001"
OWN = ("INBOX", "Trackers/Sales", "Trackers/Support", '"Recovered Messages"', "Mine", GADGET)
SETS = ("1:*", "1", "5000", "4294967295")


def plain(*fields: str) -> str:
    return base64.b64encode("\0".join(fields).encode()).decode()


ROWS: dict[type[c.Command], tuple[str, ...]] = {
    c.Capability: ("CAPABILITY",),
    c.Noop: ("NOOP",),
    c.Id: ("ID NIL",),
    c.Enable: ("ENABLE CONDSTORE QRESYNC",),
    c.Compress: ("COMPRESS DEFLATE",),
    c.Namespace: ("NAMESPACE",),
    c.Create: ("CREATE {foreign}", r"CREATE {foreign} (USE (\Archive))"),
    c.Subscribe: ("SUBSCRIBE {foreign}", "SUBSCRIBE {own}"),
    c.List: (
        'LIST "" *',
        'LIST "" %',
        'LIST "" "Trackers/%"',
        'LIST "" "*ecret*"',
        'LIST "" {foreign}',
        'LIST Trackers/ "S*"',
        'LIST (SPECIAL-USE) "" *',
        'LIST (SUBSCRIBED) "" *',
        'LIST (SUBSCRIBED RECURSIVEMATCH) "" %',
        'LIST "" (% "Trackers/%" {foreign}) RETURN (SUBSCRIBED CHILDREN MYRIGHTS)',
        'LIST "" * RETURN (MYRIGHTS STATUS (MESSAGES UNSEEN RECENT UIDNEXT UIDVALIDITY SIZE))',
    ),
    c.Lsub: ('LSUB "" *', 'LSUB "" %', 'LSUB "" "Trackers/%"', 'LSUB "" {foreign}'),
    c.Status: (
        "STATUS {foreign} (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN MAILBOXID)",
        "STATUS {own} (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN SIZE DELETED)",
    ),
    c.Select: (
        "SELECT {foreign} (CONDSTORE)",
        "SELECT {foreign} (QRESYNC (1 1 1:5000 (1 1)))",
        "SELECT {own} (CONDSTORE)",
    ),
    c.Examine: ("EXAMINE {foreign} (QRESYNC (1 1))", "EXAMINE {own}"),
    c.MyRights: ("MYRIGHTS {foreign}", "MYRIGHTS {own}"),
    c.GetAcl: ("GETACL {foreign}", "GETACL {own}"),
    c.ListRights: ("LISTRIGHTS {foreign} alice@Standard", "LISTRIGHTS {own} dave@Elsewhere"),
    c.SetAcl: (
        "SETACL {foreign} dave@Standard lrs",
        "SETACL {own} alice@Standard lrs",
        "SETACL {own} dave@Elsewhere lrs",
        "SETACL {own} chief@elsewhere.example -lrs",
    ),
    c.DeleteAcl: ("DELETEACL {foreign} dave@Standard", "DELETEACL {own} alice@Standard"),
    c.GetMetadata: (
        "GETMETADATA (DEPTH infinity) {foreign} (/shared /private)",
        "GETMETADATA {own} (/shared/comment /private/comment)",
    ),
    c.SetMetadata: (
        'SETMETADATA {foreign} (/private/comment "x")',
        'SETMETADATA {own} (/private/comment "mine")',
        'SETMETADATA {own} (/shared/comment "ours")',
    ),
    c.GetQuotaRoot: ("GETQUOTAROOT {foreign}", "GETQUOTAROOT {own}"),
    c.GetQuota: ('GETQUOTA "Personal folders"', 'GETQUOTA ""'),
    c.SetQuota: ('SETQUOTA "Personal folders" (STORAGE 1)',),
    c.Append: ("APPEND {foreign} {mail}", "APPEND {own} {mail}"),
    c.Replace: (
        "REPLACE 1 {foreign} {mail}",
        "UID REPLACE 1 {foreign} {mail}",
        "UID REPLACE 5000 {own} {mail}",
    ),
    c.Copy: (
        *(f"{uid}COPY {one} {{foreign}}" for uid in ("", "UID ") for one in SETS),
        "UID COPY 1:* {own}",
    ),
    c.Move: ("UID MOVE 1 {foreign}", "MOVE 1 {foreign}", "UID MOVE 1 {own}", "UID MOVE 5000 Mine"),
    c.Store: (
        r"STORE 1 +FLAGS (\Flagged Hidden)",
        r"UID STORE 1:* FLAGS (\Seen New1)",
        r"UID STORE 5000 +FLAGS (\Deleted)",
        r"UID STORE 1:* (UNCHANGEDSINCE 1) +FLAGS (\Flagged Hidden)",
    ),
    c.Fetch: (
        *(
            f"UID FETCH {one} (FLAGS ENVELOPE BODYSTRUCTURE RFC822.SIZE BODY.PEEK[])"
            for one in SETS
        ),
        *(f"UID FETCH {one} (EMAILID THREADID PREVIEW)" for one in SETS),
        "FETCH 1 (UID FLAGS BODY[TEXT])",
        "UID FETCH 1:* (UID MODSEQ) (CHANGEDSINCE 1 VANISHED)",
        "UID FETCH 1:* (RFC822.SIZE) (PARTIAL -1:-5)",
        "UID FETCH $ (FLAGS ENVELOPE BODY.PEEK[])",
    ),
    c.Search: (
        "SEARCH TEXT finch",
        "UID SEARCH SUBJECT Ostrich",
        "UID SEARCH BODY octets",
        "UID SEARCH KEYWORD Hidden",
        "UID SEARCH FROM erika",
        "UID SEARCH TO Secret",
        "UID SEARCH HEADER Message-ID manswered",
        "UID SEARCH UID 1:* NOT DELETED",
        "SEARCH ALL",
        "UID SEARCH MODSEQ 1",
        "UID SEARCH RETURN (MIN MAX ALL COUNT) TEXT finch",
        "UID SEARCH RETURN (SAVE) UID 1:5000",
        "UID SEARCH RETURN (PARTIAL -1:-9 COUNT) SAVEDSINCE 1-Jan-2000 YOUNGER 4294967295",
        "UID SEARCH RETURN () $ SUBJECT Ostrich",
    ),
    c.Notify: (
        "NOTIFY SET STATUS (MAILBOXES {foreign} (MessageNew MessageExpunge FlagChange))",
        "NOTIFY SET STATUS (SUBTREE (Trackers {foreign}) (MessageNew MessageExpunge MailboxName))",
    ),
    c.NotifyNone: ("NOTIFY NONE",),
    c.Sort: (
        "SORT (DISPLAYFROM REVERSE DATE) UTF-8 ALL",
        "UID SORT (SUBJECT) UTF-8 TEXT finch",
        "UID SORT RETURN (MIN MAX COUNT) (SIZE) UTF-8 ALL",
    ),
    c.Thread: ("THREAD REFERENCES UTF-8 ALL", "UID THREAD ORDEREDSUBJECT UTF-8 ALL"),
    c.Expunge: ("EXPUNGE", "UID EXPUNGE 1:*"),
    c.Check: ("CHECK",),
    c.Idle: ("IDLE",),
    c.Close: ("CLOSE",),
    c.Unselect: ("UNSELECT",),
    c.Rename: ("RENAME Mine {foreign}", "RENAME {foreign} Mine", "RENAME {foreign} Trackers/Else"),
    c.Unsubscribe: ("UNSUBSCRIBE {foreign}",),
    c.Delete: ("DELETE {foreign}",),
    c.Login: (
        "LOGIN dave@Elsewhere wrong",
        "LOGIN chief@elsewhere.example wrong",
        "LOGIN guest1@Standard wrong",
    ),
    c.Authenticate: (
        f"AUTHENTICATE PLAIN {plain('', 'dave@Elsewhere', 'wrong')}",
        f"AUTHENTICATE PLAIN {plain('dave@Elsewhere', 'dave@Standard', 'demo')}",
        f"AUTHENTICATE PLAIN {plain('guest1@Standard', 'dave@Standard', 'demo')}",
    ),
    c.StartTls: ("STARTTLS",),
    c.Logout: ("LOGOUT",),
}
"""In the order in which they are tried."""
