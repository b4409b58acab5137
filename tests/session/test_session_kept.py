"""What arrived is kept, whatever becomes of the APPEND (DESIGN rules 3, 17): dialogues."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from desk import Desk, records
from transcript import Stage
from world import World

from imapgate.folders.spool import Spool
from imapgate.limits import Limits
from storage.engine import Unavailable

AWAY = "NO [UNAVAILABLE] Not filed: the database is away. Your mail stays where it was"
SPOOLED = f"{AWAY}; a copy is kept and comes to Recovered Messages."


def mail(subject: str, size: int = 6) -> bytes:
    return f"From: erika@example.net\r\nSubject: {subject}\r\n\r\n{'x' * size}\r\n".encode()


def staged(world: World, limits: Limits | None = None) -> Stage:
    limits = limits or replace(Limits(), login_delay=0.0)
    return Stage(world, limits, spool=Spool(world.db.path.parent / "spool", limits))


@pytest.fixture
def stage(world: World) -> Iterator[Stage]:
    made = staged(world)
    made.run("C: a NOOP\nS: a OK ...")
    yield made
    made.close()


@contextmanager
def away(world: World) -> Iterator[None]:
    path = world.db.path
    moved = path.rename(path.with_name("moved.db"))
    try:
        yield
    finally:
        moved.rename(path)


def kept(world: World, who: str = "alice") -> list[bytes]:
    return [content for content, _ in Desk(world, world.people[who]).recovered()]


def take_in(stage: Stage) -> int:
    assert stage.server.spool
    return stage.server.spool.take_in(stage.world.db)


ONE, TWO = mail("one"), mail("two")


# -- the database is away ----------------------------------------------------------------------


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
        stage.run("C: a SELECT Sent\nS: a NO [UNAVAILABLE] ...")
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


# -- several messages, one of them refused -----------------------------------------------------


def test_what_arrived_before_a_message_that_isnt_let_in_is_kept(world: World) -> None:
    """Recovered Messages has room for the first alone, so that the second, which would be refused
    too, isn't uploaded."""
    stage = staged(world, replace(Limits(), recovered=100))
    stage.run(
        """
        C: a APPEND Trackers/Archive {#one}
        S: + go on
        C: #one\\
        C:  {#large}
        S: a NO [OVERQUOTA] Not filed: group "Archive" has no e-mail creator. ... no copy was kept.
        C: a NOOP
        S: a OK ...
    """,
        one=ONE,
        large=mail("large", 100),
    )
    assert kept(world) == [ONE]
    assert [(one.verdict, one.code) for one in records(world)] == [("refused", "OVERQUOTA")] * 2
    stage.close()


def test_a_syntax_error_before_a_later_message_keeps_the_earlier_ones(
    stage: Stage, world: World
) -> None:
    stage.run(
        """
        C: a APPEND INBOX {#one}
        S: + go on
        C: #one\\
        C:  (\\Seen {#two}
        S: a BAD [CLIENTBUG] Not filed: expected ... no copy was kept.
        C: a NOOP
        S: a OK ...
    """,
        one=ONE,
        two=TWO,
    )
    assert kept(world) == [ONE]


# -- syntax errors -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "dialogue",
    [
        "C: a APPEND INBOX {#one+}\nC: #one\\\nC: garbage",
        "C: a APPEND INBOX {#one}\nS: + go on\nC: #one\\\nC:  garbage",
        "C: a APPEND INBOX (\\Seen {#one+}\nC: #one",
        'C: a APPEND INBOX "yesterday" {#one+}\nC: #one',
        "C: a APPEND INBOX ~{#one+}\nC: #one",
        "C: a APPEND {#inbox+}\nC: #inbox\\\nC:  () () {#one+}\nC: #one",
        "C: a APPEND INBOX (\\Seen) () {#one+}\nC: #one",
    ],
)
def test_a_syntax_error_with_a_message_that_arrived_is_bad_and_keeps_it(
    stage: Stage, world: World, dialogue: str
) -> None:
    answer = (
        "S: a BAD [CLIENTBUG] Not filed: expected ... "
        "Your mail stays where it was; a copy is in Recovered Messages."
    )
    stage.run(f"{dialogue}\n{answer}\nC: a NOOP\nS: a OK ...", one=ONE, inbox=b"INBOX")
    assert kept(world) == [ONE]
    (record,) = records(world)
    assert (record.verdict, record.code, record.folder_name) == ("refused", "CLIENTBUG", "INBOX")


def test_a_folder_name_that_cant_be_read_keeps_the_message_all_the_same(
    stage: Stage, world: World
) -> None:
    stage.run(
        'C: a APPEND "IN {#one+}\nC: #one\nS: a BAD [CLIENTBUG] ... in Recovered Messages.',
        one=ONE,
    )
    client = stage.client("alice")
    client.send(b"b APPEND {4+}\r\n\xff\0\xffx () x {%d+}\r\n%b\r\n" % (len(TWO), TWO))
    assert client.read().popleft().startswith("b BAD [CLIENTBUG]")
    assert kept(world) == [ONE, TWO]


def test_an_endless_line_behind_a_message_keeps_it(world: World) -> None:
    stage = staged(world, replace(Limits(), line=200))
    stage.run(
        f"""
        C: a APPEND INBOX {{#one+}}
        C: #one\\
        C: {"x" * 300}
        S: a BAD [CLIENTBUG] Not filed: a command has at most 200 octets of text. ...
        C: a NOOP
        S: a OK ...
    """,
        one=ONE,
    )
    assert kept(world) == [ONE]
    stage.close()


def test_bad_commands_with_messages_are_counted_like_others(world: World) -> None:
    stage = staged(world, replace(Limits(), bad_commands=2))
    stage.run(
        """
        C: a APPEND INBOX {#one+}
        C: #one\\
        C: garbage
        S: a BAD ...
        C: b APPEND INBOX {#one+}
        C: #one\\
        C: garbage
        S: b BAD ...
        S: * BYE ...
        S: closed
    """,
        one=ONE,
    )
    stage.close()


def test_nothing_of_a_cancelled_or_an_unsigned_command_is_kept(stage: Stage, world: World) -> None:
    """An empty message cancels (RFC 3502); another command's literals are no mail."""
    stage.run(
        """
        C: a APPEND INBOX {#one+}
        C: #one\\
        C:  {#none+}
        C: #none
        S: a NO ...
        C: a LOGIN {#one+}
        C: #one\\
        C:  x y z
        S: a BAD ...
        C: a APPEND INBOX {#none+}
        C: #none\\
        C: garbage
        S: a BAD Expected ...
        new S: * OK ...
        new C: a APPEND INBOX {#one+}
        new C: #one\\
        new C: garbage
        new S: a BAD ...
    """,
        one=ONE,
        none=b"",
    )
    assert kept(world) == []
    assert records(world) == []


# -- Recovered Messages is full ----------------------------------------------------------------


def test_a_full_recovered_messages_and_a_message_that_comes_anyway(world: World) -> None:
    """It came, there is no room, and the answer says so; what isn't refused is filed all the
    same."""
    stage = staged(world, replace(Limits(), recovered=10))
    stage.run(
        """
        C: a APPEND Trackers/Archive {#one+}
        C: #one
        S: a NO [OVERQUOTA] Not filed: ... Recovered Messages is full, no copy was kept.
        C: a APPEND Trackers/Support {#one+}
        C: #one
        S: a OK ...
        C: a APPEND Trackers/Archive {#one}
        S: a NO [OVERQUOTA] ...
    """,
        one=ONE,
    )
    assert kept(world) == []
    stage.close()


# -- COPY and MOVE -----------------------------------------------------------------------------


@pytest.mark.parametrize("marked", [False, True])
@pytest.mark.parametrize("word", ["COPY", "MOVE"])
@pytest.mark.parametrize("ending", ["EXPUNGE", "UID EXPUNGE 1", "CLOSE", "DELETE Own"])
def test_a_client_that_deletes_without_waiting_for_copys_answer_loses_nothing(
    stage: Stage,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    ending: str,
    word: str,
    marked: bool,
) -> None:
    """The database was locked when COPY came and is free when the mail is expunged: the refusal is
    recorded before. marked: the session has to look first whether its user is still welcome."""
    stage.run(
        """
        C: a CREATE Own
        S: a OK ...
        C: a APPEND Own {#one+}
        C: #one
        S: a OK ...
        C: a SELECT Own
        S: ~
        S: a OK ...
    """,
        one=ONE,
    )
    if marked:
        world.db.write(lambda tx: tx.touch_people())
    stage.tell_news()

    def away(_work: object) -> object:
        raise Unavailable("the database is locked by another process")

    with monkeypatch.context() as patched:
        patched.setattr(world.db, "write", away)
        if marked:
            patched.setattr(world.db, "read", away)
        stage.run(f"C: a {word} 1 Trackers/Support\nS: a NO [UNAVAILABLE] ...")
    stage.run(
        f"C: a STORE 1 +FLAGS.SILENT (\\Deleted)\nS: a OK ...\nC: a {ending}\nS: ~\nS: a OK ..."
    )
    assert kept(world) == [ONE]
