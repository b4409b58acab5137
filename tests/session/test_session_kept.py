"""What arrived is kept, whatever becomes of the APPEND (docs/rules.md 3): dialogues."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from desk import records
from keeping import ONE, TWO, kept, mail, staged
from transcript import Stage
from world import World

from imapgate.limits import Limits
from storage.engine import Unavailable


@pytest.fixture
def stage(world: World) -> Iterator[Stage]:
    made = staged(world)
    made.run("C: a NOOP\nS: a OK ...")
    yield made
    made.close()


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
        "C: a APPEND INBOX ~ {#one+}\nC: #one",
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
