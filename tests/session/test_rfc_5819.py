"""LIST-STATUS (RFC 5819) and LIST-MYRIGHTS (RFC 8440)."""

from __future__ import annotations

from sqlalchemy import event
from sqlalchemy.engine import Engine
from transcript import Stage

from storage import Tx, folders

MAIL = b"From: erika@example.net\r\nSubject: Hello\r\n\r\nText\r\n"
SIZE = len(MAIL)


def test_the_examples(stage: Stage) -> None:
    """3: STATUS behind each LIST; none for what is told only for its children, or isn't there."""
    stage.run(
        r"""
        dave C: m APPEND INBOX (\Seen) {#mail+}
        dave C: #mail\
        dave C:  {#mail+}
        dave C: #mail
        dave S: m OK ...
        dave C: m CREATE foo/bar
        dave S: m OK ...
        dave C: m SUBSCRIBE foo/bar
        dave S: m OK ...
        dave C: m DELETE foo/bar
        dave S: m OK ...
        dave C: A01 LIST "" (INBOX foo) RETURN (STATUS (MESSAGES UNSEEN))
        dave S: * LIST (\HasNoChildren) "/" INBOX
        dave S: * STATUS INBOX (MESSAGES 2 UNSEEN 1)
        dave S: * LIST (\HasNoChildren) "/" foo
        dave S: * STATUS foo (MESSAGES 0 UNSEEN 0)
        dave S: A01 OK ...
        dave C: A02 LIST (SUBSCRIBED RECURSIVEMATCH) "" (INBOX foo) RETURN (STATUS (MESSAGES))
        dave S: * LIST (\HasNoChildren \Subscribed) "/" INBOX
        dave S: * STATUS INBOX (MESSAGES 2)
        dave S: * LIST (\HasNoChildren) "/" foo ("CHILDINFO" ("SUBSCRIBED"))
        dave S: A02 OK ...
        dave C: A03 LIST (SUBSCRIBED) "" foo* RETURN (STATUS (MESSAGES) MYRIGHTS)
        dave S: * LIST (\NonExistent \HasNoChildren \Subscribed) "/" foo/bar
        dave S: A03 OK ...
    """,
        mail=MAIL,
    )


def test_every_item_of_groups_headings_and_personal_folders(stage: Stage) -> None:
    """What STATUS itself says of each; Evolution asks so."""
    stage.run(
        rf"""
        C: m APPEND Trackers/Support {{#mail+}}
        C: #mail
        S: m OK [APPENDUID <valid> 1] ...
        C: a LIST "" (Trackers Trackers/Support) RETURN (STATUS (MESSAGES RECENT SIZE DELETED))
        S: * LIST (\HasChildren) "/" Trackers
        S: * STATUS Trackers (MESSAGES 0 RECENT 0 SIZE 0 DELETED 0)
        S: * LIST (\HasNoChildren) "/" Trackers/Support
        S: * STATUS Trackers/Support (MESSAGES 1 RECENT 1 SIZE {SIZE} DELETED 0)
        S: a OK ...
        C: b LIST "" Trackers/Support RETURN (STATUS (UIDVALIDITY UIDNEXT APPENDLIMIT UNSEEN))
        S: * LIST (\HasNoChildren) "/" Trackers/Support
        S: * STATUS Trackers/Support (UIDVALIDITY <valid> UIDNEXT 2 APPENDLIMIT 52428800 UNSEEN 1)
        S: b OK ...
    """,
        mail=MAIL,
    )


def test_rights_with_the_list(stage: Stage) -> None:
    """RFC 8440: as MYRIGHTS itself says, for each selectable name that was meant."""
    stage.run(r"""
        carol C: a LIST "" (INBOX Trackers Trackers/Support) RETURN (MYRIGHTS STATUS (UIDNEXT))
        carol S: * LIST (\HasNoChildren) "/" INBOX
        carol S: * MYRIGHTS INBOX lrswipkxtecd
        carol S: * STATUS INBOX (UIDNEXT 1)
        carol S: * LIST (\HasChildren) "/" Trackers
        carol S: * MYRIGHTS Trackers lr
        carol S: * STATUS Trackers (UIDNEXT 1)
        carol S: * LIST (\HasNoChildren) "/" Trackers/Support
        carol S: * MYRIGHTS Trackers/Support lrs
        carol S: * STATUS Trackers/Support (UIDNEXT 1)
        carol S: a OK ...
        C: b CAPABILITY
        S: * CAPABILITY ... LIST-EXTENDED LIST-STATUS LIST-MYRIGHTS ...
        S: b OK ...
    """)


def test_highestmodseq_makes_the_client_one_that_knows_of_it(stage: Stage) -> None:
    """As STATUS does (RFC 7162 3.1): FETCH tells MODSEQ from here on."""
    stage.run(
        r"""
        C: a APPEND Drafts {#mail+}
        C: #mail
        S: a OK ...
        C: b LIST "" Drafts RETURN (STATUS (HIGHESTMODSEQ MAILBOXID))
        S: * LIST (\HasNoChildren \Drafts) "/" Drafts
        S: * STATUS Drafts (HIGHESTMODSEQ <modseq> MAILBOXID (<id>))
        S: b OK ...
        C: c SELECT Drafts
        S: ~
        S: c OK ...
        C: d STORE 1 FLAGS (\Seen)
        S: * 1 FETCH (...MODSEQ ...
        S: d OK ...
    """,
        mail=MAIL,
    )


def test_hundreds_of_folders_cost_as_many_statements_as_ten(stage: Stage) -> None:
    """In one read: nothing is asked per folder."""
    counted = []
    for many in (10, 300):
        _make_folders(stage, f"f{many}", many)
        said: list[str] = []

        def listen(*arguments: object, said: list[str] = said) -> None:
            said.append(str(arguments[2]))

        client = stage.client("dave")
        event.listen(Engine, "before_cursor_execute", listen)
        try:
            client.send(b'l LIST "" f* RETURN (STATUS (MESSAGES UNSEEN SIZE DELETED))\r\n')
        finally:
            event.remove(Engine, "before_cursor_execute", listen)
        lines = client.read()
        assert lines[-1].startswith("l OK")
        assert sum(line.startswith("* STATUS") for line in lines) >= many
        client.lines.clear()
        counted.append(len(said))
    assert counted[0] == counted[1] < 15


def _make_folders(stage: Stage, name: str, many: int) -> None:
    dave = stage.world.dave

    def make(tx: Tx) -> None:
        for n in range(many):
            whole = f"{name}{n}"
            folders.add(tx, dave.segment_id, "personal", whole, whole, 1, owner_id=dave.id)

    stage.world.db.write(make)
