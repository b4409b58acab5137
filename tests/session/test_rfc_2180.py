"""Several sessions in one mailbox (RFC 2180, with the code of RFC 5530)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from transcript import Stage
from world import World


@pytest.fixture
def shared(world: World) -> Iterator[Stage]:
    """Four mails in INBOX, which two sessions of alice have selected; the first has expunged the
    last two, and the second hasn't been told yet."""
    made = Stage(world)
    mails = {f"m{n}": b"Subject: %d\r\n\r\n%d\r\n" % (n, n) for n in range(4)}
    made.run(
        r"""
        C: a APPEND INBOX {#m0+}
        C: #m0\
        C:  {#m1+}
        C: #m1\
        C:  {#m2+}
        C: #m2\
        C:  {#m3+}
        C: #m3
        S: a OK ...
        C: a SELECT INBOX
        S: ~
        S: a OK ...
        alice2 C: b SELECT INBOX
        alice2 S: ~
        alice2 S: b OK ...
        C: a STORE 3:4 +FLAGS.SILENT (\Deleted)
        S: a OK ...
        C: a EXPUNGE
        S: * 4 EXPUNGE
        S: * 3 EXPUNGE
        S: a OK ...
    """,
        **mails,
    )
    yield made
    made.close()


def test_what_is_expunged_is_fetched_until_it_is_told(shared: Stage) -> None:
    """4.1.1; afterwards its number is unknown."""
    shared.run("""
        alice2 C: B001 FETCH 3:4 BODY.PEEK[TEXT]
        alice2 S: * 3 FETCH (BODY[TEXT] {3}
        alice2 S: 2
        alice2 S: )
        alice2 S: * 4 FETCH (BODY[TEXT] {3}
        alice2 S: 3
        alice2 S: )
        alice2 S: B001 OK ...
        alice2 C: B002 NOOP
        alice2 S: * 4 EXPUNGE
        alice2 S: * 3 EXPUNGE
        alice2 S: B002 OK ...
        alice2 C: B003 FETCH 3:4 BODY.PEEK[TEXT]
        alice2 S: B003 BAD ...
    """)


def test_store_on_what_is_expunged(shared: Stage) -> None:
    """4.2.1 to 4.2.3: silently it is done; of nothing but expunged messages it is a NO, which
    tells no EXPUNGE either; a UID that is gone is passed over (RFC 3501 6.4.8)."""
    shared.run(r"""
        alice2 C: B001 STORE 1:4 +FLAGS.SILENT (\Seen)
        alice2 S: ~
        alice2 S: B001 OK ...
        alice2 C: B002 STORE 3:4 +FLAGS (\Flagged)
        alice2 S: B002 NO [EXPUNGEISSUED] ...
        alice2 C: B003 STORE 2:3 +FLAGS (\Flagged)
        alice2 S: * 2 FETCH (FLAGS (\Flagged \Seen))
        alice2 S: B003 OK ...
        alice2 C: B004 UID STORE 4 +FLAGS (\Flagged)
        alice2 S: * 4 EXPUNGE
        alice2 S: * 3 EXPUNGE
        alice2 S: B004 OK ...
        C: a NOOP
        S: ~
        S: a OK ...
    """)


@pytest.mark.parametrize("word", ["COPY", "MOVE"])
def test_copy_and_move_by_number_take_all_or_nothing(shared: Stage, word: str) -> None:
    """4.4.1: the pending EXPUNGEs come with the NO."""
    shared.run(f"""
        alice2 C: A001 {word} 2,4 Archive
        alice2 S: * 4 EXPUNGE
        alice2 S: * 3 EXPUNGE
        alice2 S: A001 NO [EXPUNGEISSUED] Not ...: some of these messages are gone. Your mail ...
        alice2 C: A002 STATUS Archive (MESSAGES)
        alice2 S: * STATUS Archive (MESSAGES 0)
        alice2 S: A002 OK ...
        alice2 C: A003 UID {word} 2,4 Archive
        alice2 S: ~
        alice2 S: A003 OK ...
        alice2 C: A004 STATUS Archive (MESSAGES)
        alice2 S: * STATUS Archive (MESSAGES 1)
        alice2 S: A004 OK ...
        C: a NOOP
        S: ~
        S: a OK ...
    """)


def test_a_renamed_folder_stays_selected(stage: Stage) -> None:
    """3.4: commands that don't name it go on; its old name is unknown."""
    stage.run(
        """
        C: a CREATE foo
        S: a OK ...
        C: a APPEND foo {#mail+}
        C: #mail
        S: a OK ...
        alice2 C: b SELECT foo
        alice2 S: ~
        alice2 S: b OK ...
        C: A001 RENAME foo bar
        S: A001 OK ...
        alice2 C: B001 FETCH 1 UID
        alice2 S: * 1 FETCH (UID 1)
        alice2 S: B001 OK ...
        alice2 C: B002 STATUS foo (MESSAGES)
        alice2 S: B002 NO [NONEXISTENT] ...
    """,
        mail=b"Subject: x\r\n\r\n",
    )
