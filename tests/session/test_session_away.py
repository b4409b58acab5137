"""While the database is away: what arrives is kept, the rest is told (docs/rules.md 17)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from desk import Desk
from keeping import ONE, TWO, away, kept, staged
from transcript import Stage
from world import World

from storage.engine import Unavailable

AWAY = "NO [UNAVAILABLE] Not filed: the database is away. Your mail stays where it was"
SPOOLED = f"{AWAY}; a copy is kept and comes to Recovered Messages."


@pytest.fixture
def stage(world: World) -> Iterator[Stage]:
    made = staged(world)
    made.run("C: a NOOP\nS: a OK ...")
    yield made
    made.close()


def take_in(stage: Stage) -> int:
    assert stage.server.spool
    return stage.server.spool.take_in(stage.world.db)


def test_a_message_that_waits_is_refused_and_one_that_comes_anyway_is_spooled(
    stage: Stage, world: World
) -> None:
    """imaplib waits for `+`, Thunderbird doesn't for what is small."""
    with away(world):
        stage.run(
            f"""
            C: a APPEND Trackers/Support {{#one}}
            S: a {AWAY}, no copy was kept; try again later.
            C: a APPEND Trackers/Support (\\Seen) "17-Jul-1996 02:44:25 -0700" {{#one+}}
            C: #one
            S: a {SPOOLED}
            C: a NOOP
            S: a OK ...
        """,
            one=ONE,
        )
    assert take_in(stage) == 1
    assert kept(world) == [ONE]
    stage.run(
        """
        C: a SELECT "Recovered Messages"
        S: ~
        S: a OK ...
        C: a FETCH 1 (FLAGS INTERNALDATE)
        S: * 1 FETCH (FLAGS ($Failed \\Recent) INTERNALDATE "17-Jul-1996 02:44:25 -0700")
        S: a OK ...
    """
    )


def test_away_in_the_middle_of_an_upload_is_spooled(stage: Stage, world: World) -> None:
    """`+` was said while the database was there."""
    stage.run("C: a APPEND Trackers/Support {#one}\nS: + go on", one=ONE)
    with away(world):
        stage.run(f"C: #one\nS: a {SPOOLED}", one=ONE)
    assert take_in(stage) == 1
    assert kept(world) == [ONE]


def test_of_several_messages_those_that_arrived_are_spooled(stage: Stage, world: World) -> None:
    stage.run("C: a APPEND Trackers/Support {#one}\nS: + go on", one=ONE)
    with away(world):
        stage.run(
            f"""
            C: #one\\
            C:  {{#two}}
            S: a {AWAY}; no copy was kept.
            C: a NOOP
            S: a OK ...
        """,
            one=ONE,
            two=TWO,
        )
    assert take_in(stage) == 1
    assert kept(world) == [ONE]


def test_several_messages_that_come_anyway_are_spooled_together(stage: Stage, world: World) -> None:
    with away(world):
        stage.run(
            f"""
            C: a APPEND Trackers/Support {{#one+}}
            C: #one\\
            C:  (\\Flagged) {{#two+}}
            C: #two
            S: a {SPOOLED}
        """,
            one=ONE,
            two=TWO,
        )
    assert take_in(stage) == 2
    assert kept(world) == [ONE, TWO]


def test_a_right_that_cant_be_looked_up_doesnt_lose_the_mail(stage: Stage, world: World) -> None:
    """The session has a mark to look whether its user is welcome still, and can't."""
    world.db.write(lambda tx: tx.touch_people())
    stage.tell_news()
    with away(world):
        stage.run(f"C: a APPEND INBOX {{#one+}}\nC: #one\nS: a {SPOOLED}", one=ONE)
    assert take_in(stage) == 1


def test_a_syntax_error_while_the_database_is_away_is_spooled(stage: Stage, world: World) -> None:
    with away(world):
        stage.run(
            """
            C: a APPEND INBOX {#one+}
            C: #one\\
            C: garbage
            S: a BAD [CLIENTBUG] Not filed: ...; a copy is kept and comes to Recovered Messages.
        """,
            one=ONE,
        )
    assert take_in(stage) == 1
    assert kept(world) == [ONE]


def test_every_command_that_needs_the_database_says_that_it_is_away(world: World) -> None:
    """NO [UNAVAILABLE], no list that is empty or shortened, never [AUTHENTICATIONFAILED]; when it
    is back everything goes on in the same session."""
    stage = staged(world)
    stage.run(
        """
        C: a APPEND INBOX {#one+}
        C: #one
        S: a OK ...
        C: a SELECT INBOX
        S: ~
        S: a OK ...
        new S: * OK ...
    """,
        one=ONE,
    )
    commands = (
        'LIST "" *',
        'LSUB "" *',
        "STATUS INBOX (MESSAGES)",
        "CREATE x",
        "DELETE x",
        "RENAME x y",
        "SUBSCRIBE Sent",
        "UNSUBSCRIBE Sent",
        "MYRIGHTS INBOX",
        "COPY 1 Trash",
        "MOVE 1 Trash",
        "UID COPY 1 Trackers/Support",
        "STORE 1 +FLAGS (\\Deleted)",
        "FETCH 1 ENVELOPE",
        "FETCH 1 BODY[]",
        "UID FETCH 1:* FLAGS",
        "SEARCH ALL",
        "SEARCH SUBJECT one",
        "EXPUNGE",
        "UID EXPUNGE 1",
        "CLOSE",
    )
    with away(world):
        for command in commands:
            stage.run(f"C: a {command}\nS: a NO [UNAVAILABLE] ...")
        stage.run(
            """
            C: a NOOP
            S: a OK ...
            C: a CHECK
            S: a OK ...
            new C: a LOGIN alice@Standard demo
            new S: a NO [UNAVAILABLE] ...
            new C: a LOGIN alice@Standard wrong
            new S: a NO [UNAVAILABLE] ...
            new C: a AUTHENTICATE PLAIN AGFsaWNlQFN0YW5kYXJkAGRlbW8=
            new S: a NO [UNAVAILABLE] ...
        """
        )
    stage.run(
        """
        C: a FETCH 1 (FLAGS)
        S: * 1 FETCH (FLAGS (...))
        S: a OK ...
        C: a LIST "" INBOX
        S: * LIST (\\HasNoChildren) "/" INBOX
        S: a OK ...
        C: a MOVE 1 Trash
        S: * OK [COPYUID ...] ...
        S: * 1 EXPUNGE
        S: a OK ...
        new C: a LOGIN alice@Standard demo
        new S: a OK ...
    """
    )
    stage.close()


def test_select_while_the_database_is_away_leaves_nothing_selected(
    stage: Stage, world: World
) -> None:
    """RFC 3501 6.3.1."""
    stage.run("C: a SELECT INBOX\nS: ~\nS: a OK ...")
    with away(world):
        stage.run("C: a SELECT Sent\nS: ~\nS: a NO [UNAVAILABLE] ...")
    stage.run(
        """
        C: a FETCH 1 FLAGS
        S: a BAD ...
        C: a SELECT INBOX
        S: ~
        S: a OK ...
    """
    )


def test_reading_goes_on_where_nothing_can_be_written(
    stage: Stage, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full, or another process holds the lock: SELECT and FETCH need no more than to
    read, and leave \\Recent and \\Seen for later."""
    Desk(world, world.alice).append("INBOX", ONE)

    def locked(_work: object) -> object:
        raise Unavailable("the database is locked by another process")

    with monkeypatch.context() as patched:
        patched.setattr(world.db, "write", locked)
        stage.run(
            """
            C: a SELECT INBOX
            S: ~
            S: * 1 EXISTS
            S: * 1 RECENT
            S: ~
            S: a OK [READ-WRITE] ...
            C: a FETCH 1 (BODY[TEXT] FLAGS)
            S: * 1 FETCH (BODY[TEXT] {8}
            S: xxxxxx
            S:  FLAGS (\\Recent))
            S: a OK ...
            C: a STORE 1 +FLAGS (\\Flagged)
            S: a NO [UNAVAILABLE] ...
        """
        )
    stage.run(
        """
        C: a FETCH 1 (BODY[TEXT] FLAGS)
        S: * 1 FETCH (BODY[TEXT] {8}
        S: xxxxxx
        S:  FLAGS (\\Seen \\Recent))
        S: a OK ...
    """
    )


def test_copy_and_move_say_that_the_mail_stays(stage: Stage, world: World) -> None:
    stage.run(
        """
        C: a APPEND INBOX {#one+}
        C: #one
        S: a OK ...
        C: a SELECT INBOX
        S: ~
        S: a OK ...
    """,
        one=ONE,
    )
    stays = "the database is away. Your mail stays where it was; try again later."
    with away(world):
        stage.run(
            f"""
            C: a COPY 1 Trackers/Support
            S: a NO [UNAVAILABLE] Not copied: {stays}
            C: a UID MOVE 1 Trackers/Support
            S: a NO [UNAVAILABLE] Not moved: {stays}
        """
        )
    stage.run("C: a STATUS INBOX (MESSAGES)\nS: * STATUS INBOX (MESSAGES 1)\nS: a OK ...")


def test_idle_stays_connected_and_tells_what_came_when_the_database_is_back(
    stage: Stage, world: World
) -> None:
    """Without a restart, and without a new commit that would wake it."""
    stage.run(
        """
        C: a SELECT INBOX
        S: ~
        S: a OK ...
        C: a IDLE
        S: + idling
    """
    )
    with away(world):
        with pytest.raises(Exception, match="gone"):
            world.db.changes.check()
        stage.tell_news()
    Desk(world, world.alice).append("INBOX", ONE)
    world.db.changes.check()
    stage.tell_news()
    stage.run(
        """
        S: * 1 EXISTS
        S: * 1 RECENT
        C: DONE
        S: a OK ...
    """
    )


def test_idle_looks_again_by_itself_after_a_look_that_failed(stage: Stage, world: World) -> None:
    """The watcher may have noticed nothing: the one read failed."""
    stage.run(
        """
        C: a SELECT INBOX
        S: ~
        S: a OK ...
        C: a IDLE
        S: + idling
    """
    )
    Desk(world, world.alice).append("INBOX", ONE)
    with away(world):
        stage.tell_news()
    stage.run("alice -- 10\nS: * 1 EXISTS\nS: * 1 RECENT\nC: DONE\nS: a OK ...")
