"""Who may no longer come in, or loses the selected folder, is out at once (docs/rules.md 14)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from desk import Desk
from dismissing import CLOSED, change, disable
from transcript import Stage

from imapgate.activities import groups, passwords, users
from imapgate.folders import drops, tree
from imapgate.folders import groups as folder_groups
from imapgate.folders.verdict import Verdict
from storage import Tx

NAMES = ("one", "two", "three", "four", "five", "six", "seven")
CHANGED = "* BYE Your password has been changed: sign in again."
GONE = "* BYE The selected folder is gone, or you may no longer see it."
SHORT = b"Subject: short\r\n\r\ntext\r\n"
MAIL = b"From: erika@example.net\r\nSubject: Hello\r\n\r\n" + b"x" * 1_000_000


def remove(stage: Stage, who: str, name: str = "Support") -> None:
    def work(tx: Tx) -> None:
        group = groups.find_group(tx, stage.world.segment_id, name)
        groups.remove_member(tx, group, f"{who}@Standard")
        folder_groups.members_changed(tx, group.id)

    change(stage, work)


@pytest.fixture
def mailed(stage: Stage) -> Stage:
    """alice has Support selected, with two large mails in it."""
    stage.run(
        """
        C: a APPEND Trackers/Support {#one+}
        C: #one\\
        C:  {#two+}
        C: #two
        S: a OK ...
        C: a SELECT Trackers/Support
        S: ~
        S: a OK ...
    """,
        one=MAIL,
        two=MAIL + b"y",
    )
    return stage


def test_a_disabled_users_waiting_sessions_end_at_once(stage: Stage) -> None:
    """With a folder or without, in IDLE or not, before DONE, within an upload; others go on."""
    stage.run(
        """
        C: a NOOP
        S: a OK ...
        alice2 C: a SELECT INBOX
        alice2 S: ~
        alice2 S: a OK ...
        alice3 C: a IDLE
        alice3 S: + idling
        alice4 C: a APPEND INBOX {#mail}
        alice4 S: + go on
        alice4 C: #half\\
        alice5 C: a STATUS {5}
        alice5 S: + go on
        bob C: a IDLE
        bob S: + idling
    """,
        mail=b"0123456789",
        half=b"01234",
    )
    disable(stage)
    stage.run(
        "\n".join(f"alice{n} S: {CLOSED}\nalice{n} S: closed" for n in ("", 2, 3, 4, 5))
        + """
        bob C: DONE
        bob S: a OK ...
    """
    )


def test_a_running_append_is_answered_first(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has begun is filed, then comes BYE; what was pipelined behind it doesn't run."""
    append = drops.Upload.append

    def meanwhile(upload: drops.Upload) -> Verdict:
        disable(stage)
        return append(upload)

    client = stage.client("alice")
    monkeypatch.setattr(drops.Upload, "append", meanwhile)
    client.send(b"a APPEND INBOX {3+}\r\nabc\r\nb CREATE Later\r\n")
    lines = list(client.read())
    assert lines[0].startswith("a OK [APPENDUID"), lines
    assert lines[1:] == [CLOSED]
    assert client.closed
    found = stage.world.db.read(lambda tx: tree.find(tx, stage.world.alice, "Later"))
    assert found is None


@pytest.mark.parametrize(
    ("place", "there", "answer"),
    [
        ("INBOX", "INBOX", "OK [APPENDUID "),
        ("Trackers/Sales", "Trackers/Sales", "OK [APPENDUID "),
        ("Trackers/Support", "Recovered Messages", "NO [NONEXISTENT] "),
    ],
)
def test_an_append_that_has_arrived_is_filed_though_the_selected_folder_is_lost(
    mailed: Stage, monkeypatch: pytest.MonkeyPatch, place: str, there: str, answer: str
) -> None:
    """Answered like any other, and only then comes BYE; what was pipelined behind it doesn't run.
    The session hears of the loss by its own look, before it is ended from outside."""
    monkeypatch.setattr(mailed.server.hub, "_people_changed", lambda: None)
    client = mailed.client("alice")
    remove(mailed, "alice")
    append = b"b APPEND %b {%d+}\r\n%b\r\n" % (place.encode(), len(SHORT), SHORT)
    client.send(append + b"c CREATE Later\r\n")
    lines = list(client.read())
    assert lines[0].startswith(f"b {answer}"), lines
    assert lines[1:] == [GONE]
    assert client.closed
    alice = Desk(mailed.world, mailed.world.alice)
    assert alice.contents(there) == [SHORT]
    assert mailed.world.db.read(lambda tx: tree.find(tx, alice.person, "Later")) is None


@pytest.mark.parametrize("how", ["disable", "password"])
def test_an_append_of_somebody_who_may_no_longer_come_in_does_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Whoever holds the session may be the reason why it must end."""
    client = stage.client("alice")
    monkeypatch.setattr(stage.server.hub, "_people_changed", lambda: None)
    lose(stage, how)
    client.send(b"b APPEND INBOX {%d+}\r\n%b\r\n" % (len(SHORT), SHORT))
    assert list(client.read()) == [CLOSED if how == "disable" else CHANGED]
    assert client.closed
    alice = Desk(stage.world, stage.world.alice)
    assert alice.contents("INBOX") == alice.contents("Recovered Messages") == []


@pytest.mark.parametrize("how", ["disable", "remove", "password"])
def test_a_fetch_ends_between_two_responses(mailed: Stage, how: str) -> None:
    """BYE where a response may stand; the messages that follow aren't told."""
    mailed.run(
        """
        C: b APPEND Trackers/Support {#one+}
        C: #one\\
        C:  {#two+}
        C: #two\\
        C:  {#three+}
        C: #three\\
        C:  {#four+}
        C: #four\\
        C:  {#five+}
        C: #five\\
        C:  {#six+}
        C: #six\\
        C:  {#seven+}
        C: #seven
        S: ~
        S: b OK ...
    """,
        **{name: b"Subject: %d\r\n\r\n" % n + b"x" * 60_000 for n, name in enumerate(NAMES)},
    )
    client = mailed.client("alice")
    mailed.hold = True
    client.send(b"b FETCH 3:9 BODY.PEEK[]\r\n")
    mailed.release(1)
    told = client.wire.take()
    lose(mailed, how)
    assert mailed.held == 2  # the next step, the look
    mailed.release(2)
    mailed.hold = False
    mailed.release()
    told += client.wire.take()
    # Whether somebody is a member is asked in the next read already.
    assert told.count(b" FETCH (") == (3 if how == "remove" else 6)
    assert b"b OK" not in told
    assert told.splitlines()[-2].endswith(b"x)")
    assert told.splitlines()[-1].startswith(b"* BYE ")
    assert client.closed


def lose(stage: Stage, how: str) -> None:
    new = passwords.hashed("another")
    if how == "disable":
        disable(stage)
    elif how == "remove":
        remove(stage, "alice")
    else:
        change(stage, lambda tx: users.set_password(tx, "alice@Standard", new))


@pytest.mark.parametrize("reads", [True, False])
def test_a_fetch_is_cut_within_a_literal(mailed: Stage, reads: bool) -> None:
    """Where no response may stand the connection is cut, and so it is if the client doesn't read:
    the rest of the mail isn't sent."""
    client = mailed.client("alice")
    client.wire.reads = reads
    mailed.hold = True
    client.send(b"b FETCH 1 BODY.PEEK[]\r\n")
    mailed.release(1)
    mailed.release(1)
    disable(mailed)
    mailed.release(mailed.held)
    mailed.hold = False
    mailed.release()
    assert client.wire.disconnected
    told = bytes(client.wire.unread)
    assert b"BYE" not in told
    assert len(told) < len(MAIL)


def test_who_loses_the_selected_group_is_out_at_once(mailed: Stage) -> None:
    """While the session waits for a command; not those of the user that look elsewhere, nor other
    members."""
    mailed.run("""
        alice2 C: a SELECT Trackers/Sales
        alice2 S: ~
        alice2 S: a OK ...
        bob C: a SELECT Trackers/Support
        bob S: ~
        bob S: a OK ...
        carol C: a EXAMINE Trackers/Support
        carol S: ~
        carol S: a OK ...
    """)
    remove(mailed, "alice")
    remove(mailed, "carol")
    mailed.run(f"""
        S: {GONE}
        S: closed
        carol S: {GONE}
        carol S: closed
        alice2 C: b NOOP
        alice2 S: b OK ...
        bob C: b NOOP
        bob S: b OK ...
    """)


def test_a_new_password_ends_the_sessions_of_the_old_one(stage: Stage) -> None:
    """Who knew the old one is out; who signs in with the new one stays."""
    stage.run("""
        C: a IDLE
        S: + idling
        alice2 C: a NOOP
        alice2 S: a OK ...
        bob C: a NOOP
        bob S: a OK ...
    """)
    known = passwords.hashed("another")
    change(stage, lambda tx: users.set_password(tx, "alice@Standard", known))
    stage.run(f"""
        S: {CHANGED}
        S: closed
        alice2 S: {CHANGED}
        alice2 S: closed
        new S: * OK ...
        new C: a LOGIN alice@Standard demo
        new S: a NO [AUTHENTICATIONFAILED] ...
        new C: a LOGIN alice@Standard another
        new S: a OK ...
    """)
    change(stage, lambda tx: users.set_disabled(tx, "carol@Standard"))
    stage.run("""
        new C: b NOOP
        new S: b OK ...
    """)


@pytest.mark.parametrize("how", ["disable", "password"])
def test_an_account_closed_while_its_password_is_checked(
    stage: Stage, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row was read before, the session joins after the news."""
    new = passwords.hashed("another")
    matches = passwords.matches

    def slow(known: str | None, password: str) -> bool:
        right = matches(known, password)
        if how == "disable":
            disable(stage)
        else:
            change(stage, lambda tx: users.set_password(tx, "alice@Standard", new))
        return right

    monkeypatch.setattr(passwords, "matches", slow)
    stage.run(f"""
        new S: * OK ...
        new C: a LOGIN alice@Standard demo
        new S: a OK ...
        new S: {CLOSED if how == "disable" else CHANGED}
        new S: closed
    """)


def test_a_group_lost_while_it_is_being_selected(
    mailed: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder was read before, the view is there after the news."""
    mailed.run("""
        C: b UNSELECT
        S: b OK ...
    """)
    mailed.hold = True
    client = mailed.client("alice")
    client.send(b"b SELECT Trackers/Support\r\n")
    call = mailed._held.popleft()
    read = mailed.world.db.read

    def first(work: Callable[[Tx], object]) -> object:
        monkeypatch.undo()
        found = read(work)
        remove(mailed, "alice")
        return found

    monkeypatch.setattr(mailed.world.db, "read", first)
    call()
    mailed.hold = False
    mailed.release()
    lines = client.read()
    assert lines[-1] == GONE, lines
    assert client.closed
