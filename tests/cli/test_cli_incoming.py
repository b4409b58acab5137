"""The queue on the command line: listed, filtered, shown, filed by hand, discarded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from command import Command
from desk import LIMITS, mail

from imapgate.folders import failed
from imapgate.incoming.filing import file_one
from imapgate.incoming.queue import TOO_LARGE, Fetched, Origin, Wanted, refuse, take
from imapgate.incoming.source import Waiting
from storage import Database, incoming

NOWHERE = Wanted(creator="Nobody")


@pytest.fixture
def db(demo: Command) -> Iterator[Database]:
    """The demo's database, as a server beside the command line would hold it."""
    opened = Database.open(demo.data / "imapgate.db")
    try:
        yield opened
    finally:
        opened.close()


def come(db: Database, key: str, content: bytes, wanted: Wanted = NOWHERE) -> int:
    """A message that came and was filed, or failed."""
    (taken,) = take(db, Origin(1, "box", wanted=wanted), [Fetched(key, content)], LIMITS)
    file_one(db, taken.row_id, LIMITS, taken.prepared)
    return taken.row_id


def mend(db: Database, row_id: int) -> None:
    """What it was asked to be filed by is no obstacle any more."""
    db.write(lambda tx: incoming.change(tx, row_id, wanted="{}"))


def test_list_filters_and_says_how_many_are_left_out(demo: Command, db: Database) -> None:
    """By state, code, sender, Message-ID, time and number; newest last."""
    filed = come(db, "1", mail("Filed", 1), Wanted())
    bad = come(db, "2", mail("Bad", 2))
    listed = demo.ok("incoming", "list")
    assert listed.index("Filed") < listed.index("Bad")
    assert "Not filed: there is no creator" in listed
    assert [one["id"] for one in demo.json("incoming", "list")] == [filed, bad]
    for words, found in (
        (("--state", "failed"), [bad]),
        (("--code", failed.NO_CREATOR), [bad]),
        (("--sender", "ERIKA@example.com"), [filed, bad]),
        (("--sender", "nobody@example.com"), []),
        (("--message-id", "<m1@example.com>"), [filed]),
        (("--since", "1h"), [filed, bad]),
        (("--until", "1h"), []),
        (("--limit", "1"), [bad]),
    ):
        assert [one["id"] for one in demo.json("incoming", "list", *words)] == found, words
    assert "1 older ones aren't shown" in demo.ok("incoming", "list", "--limit", "1")
    assert "Nothing of that" in demo.ok("incoming", "list", "--state", "held")
    assert 'There is no account "x"' in demo.refused("incoming", "list", "--account", "x")


def test_show_tells_all_and_gives_the_mail_back(
    demo: Command, db: Database, tmp_path: Path
) -> None:
    """Where it came from, when, why it failed, by whom it is; the bytes as they came."""
    content = mail("Bad", 2)
    bad = come(db, "box-key", content)
    shown = demo.ok("incoming", "show", str(bad))
    for word in (
        *(f"Message {bad}: failed", "box-key", "Bad", "erika@example.com", "m2@example.com"),
        *(failed.NO_CREATOR, 'there is no creator "Nobody"', "tried again at"),
    ):
        assert word in shown, word
    file = tmp_path / "mail.eml"
    assert demo.json("incoming", "show", str(bad), "--save", str(file))["saved"] == str(file)
    assert file.read_bytes() == content
    assert "File exists" in demo.refused("incoming", "show", str(bad), "--save", str(file))
    assert demo.refused("incoming", "show", "99") == "There is no message 99 in the queue."


def test_what_was_not_taken_has_no_bytes(demo: Command, db: Database, tmp_path: Path) -> None:
    """Too large: told so, and read again after a retry."""
    row_id = refuse(db, Origin(1, "box"), Waiting("1", 10**9), 10**9, TOO_LARGE, "Too large.", 0)
    assert "aren't here" in demo.ok("incoming", "show", str(row_id))
    file = tmp_path / "mail.eml"
    assert "aren't here" in demo.refused("incoming", "show", str(row_id), "--save", str(file))
    assert not file.exists()
    result = demo.run("incoming", "retry", str(row_id))
    assert (result.exit_code, result.stdout) == (
        1,
        f"{row_id}: It was not taken: fetch it again.\n",
    )


def test_retry_files_what_can_be_filed(demo: Command, db: Database) -> None:
    """One by its id, all by a filter; exit code 1 and the reason where one can't be."""
    first, second = (come(db, str(n), mail(f"Bad {n}", n)) for n in range(2))
    failing = demo.run("incoming", "retry", str(first))
    assert failing.exit_code == 1
    assert 'there is no creator "Nobody"' in failing.stdout
    mend(db, first)
    assert "Filed as #" in demo.ok("incoming", "retry", str(first))
    assert "is filed: only" in demo.refused("incoming", "retry", str(first))
    mend(db, second)
    (came,) = demo.json("incoming", "retry", "--state", "failed")
    assert (came["id"], came["state"]) == (second, "filed")
    assert demo.ok("incoming", "retry", "--state", "failed") == "Nothing waits.\n"


def test_retry_of_many_counts(demo: Command, db: Database) -> None:
    """Each has its line, and the sum stands last."""
    ids = [come(db, str(n), mail(f"Bad {n}", n)) for n in range(3)]
    for one in ids[1:]:
        mend(db, one)
    result = demo.run("incoming", "retry", "--sender", "erika@example.com")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == "2 of 3 filed."


def test_nothing_is_chosen_by_accident(demo: Command) -> None:
    """Neither ids nor a filter, or both, is refused."""
    for command in ("retry", "discard"):
        assert "Say which messages" in demo.refused("incoming", command)
        assert "not both" in demo.refused("incoming", command, "1", "--state", "failed")


def test_discard_asks_and_keeps_the_bytes(demo: Command, db: Database) -> None:
    """What is discarded is filed by nothing any more."""
    bad = come(db, "1", mail("Bad", 1))
    for no in ("n\n", ""):
        done = demo.run("incoming", "discard", str(bad), input=no)
        assert (done.exit_code, done.stderr.splitlines()[-1]) == (1, "Nothing was discarded.")
    (row,) = demo.json("incoming", "list")
    assert row["state"] == "failed"
    assert demo.run("incoming", "discard", str(bad), input="y\n").stdout == "1 discarded.\n"
    (row,) = demo.json("incoming", "list")
    assert (row["state"], row["stored"]) == ("discarded", True)
    assert demo.ok("incoming", "discard", "--state", "failed", "--yes") == "Nothing waits.\n"
    mend(db, bad)
    assert file_one(db, bad, LIMITS, by_hand=True).state == "discarded"
