"""The record of drops on the command line: listed, filtered, shown, and the mail given back."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from command import Command
from desk import LIMITS, Desk, mail, wrapper
from sqlalchemy import update
from world import World

from imapgate.activities.people import person
from imapgate.cli.when import When
from imapgate.folders import leaving
from storage import Database
from storage.schema import DELETED, drop_record

SUPPORT, ARCHIVE = "Trackers/Support", "Trackers/Archive"


class Office:
    """A segment with a database that a server would hold open, and its command line."""

    def __init__(self, command: Command, db: Database) -> None:
        self.command = command
        self.db = db

    def desk(self, login: str) -> Desk:
        who = self.db.read(lambda tx: person(tx, login))
        world = World(self.db, who.segment_id, {}, {})
        return Desk(world, who)

    def list(self, *words: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.command.json("drops", *words)
        return found

    def ids(self, *words: str) -> list[int]:
        return [one["id"] for one in self.list(*words)]

    def date(self, ago: int, *ids: int) -> None:
        """As if these records had been made so many seconds ago."""
        self.db.write(
            lambda tx: tx.connection.execute(
                update(drop_record).where(drop_record.c.id.in_(ids)).values(at=tx.now - ago)
            )
        )


@pytest.fixture
def office(acme: Command) -> Iterator[Office]:
    acme.ok("user", "add", "bert", "--email", "bert@acme.example")
    for name in ("Support", "Archive"):
        acme.ok("group", "add", "tracker", name)
        acme.ok("member", "set", name, "anna", "manager")
        acme.ok("member", "set", name, "bert", "contributor")
    acme.ok("creator", "add", "Support E-Mails", "--type", "E-Mail", "--group", "Support")
    acme.ok("creator", "add", "GadgetASupport", "--type", "Bug", "--group", "Support")
    db = Database.open(acme.data / "imapgate.db")
    try:
        yield Office(acme, db)
    finally:
        db.close()


def test_every_drop_is_a_line_newest_last(office: Office) -> None:
    """Who, where, what came of it, and each number in the subject."""
    anna, bert = office.desk("anna@Acme"), office.desk("bert@Acme")
    anna.append(SUPPORT, mail("Loud", 1))
    bert.append(SUPPORT, mail("Re: #10000001 #10009999", 2))
    bert.append(ARCHIVE, mail("Büro", 3))
    first, second, third = office.list()
    assert (first["user"], first["folder"], first["verdict"]) == ("anna@Acme", SUPPORT, "filed")
    assert (first["activity"], first["uid"], first["client"]) == (10000001, 1, "Test 1.0")
    assert second["numbers"] == [
        {"number": 10000001, "outcome": "linked"},
        {"number": 10009999, "outcome": "unknown"},
    ]
    assert (third["verdict"], third["code"], third["activity"]) == ("refused", "CANNOT", None)
    assert (third["subject"], third["message_id"]) == ("Büro", "m3@example.com")
    assert third["sha256"] == hashlib.sha256(mail("Büro", 3)).hexdigest()
    assert third["text"].startswith('Not filed: group "Archive" has no e-mail creator.')
    page = office.command.ok("drops")
    lines = page.splitlines()
    assert [one.split()[0] for one in lines[2:5]] == ["1", "2", "3"]
    assert "#10000001 linked, #10009999 unknown" in page
    assert "refused CANNOT" in page
    assert "m3@example.com" in page
    assert "Test 1.0" in page


def test_filters_are_by_user_folder_verdict_and_time(office: Office) -> None:
    anna, bert = office.desk("anna@Acme"), office.desk("bert@Acme")
    anna.append(SUPPORT, mail(n=1))
    bert.append(SUPPORT, mail(n=2))
    bert.append(ARCHIVE, mail(n=3))
    anna.set_own(SUPPORT, [2], DELETED)
    here = anna.folder(SUPPORT)
    office.db.write(lambda tx: leaving.expunge(tx, anna.person, here, None, "CLOSE"))
    office.date(5 * 3600, 1)
    office.date(2 * 24 * 3600, 2)
    assert office.ids() == [2, 1, 3, 4], "by time, though their numbers differ"
    assert office.ids("--user", "bert") == [2, 3]
    assert office.ids("--user", "bert@acme.example") == [2, 3]
    assert office.ids("--folder", "trackers/support") == [2, 1, 4]
    assert office.ids("--verdict", "refused") == [3]
    assert office.ids("--verdict", "removed") == [4]
    assert office.ids("--since", "6h") == [1, 3, 4]
    assert office.ids("--until", "1h") == [2, 1]
    assert office.ids("--since", "3d", "--until", "1d") == [2]
    assert office.ids("--user", "bert", "--verdict", "filed", "--folder", SUPPORT) == [2]
    assert office.ids("--folder", "Support") == []
    assert "There is no such drop." in office.command.ok("drops", "--until", "2001-01-01")


def test_the_newest_ones_and_how_many_there_are_besides(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read in pages, and none is told twice or left out."""
    monkeypatch.setattr("imapgate.folders.drop_log.PAGE", 3)
    anna = office.desk("anna@Acme")
    anna.append(SUPPORT, *(mail(n=n) for n in range(1, 9)))
    assert office.ids() == list(range(1, 9))
    assert office.ids("--limit", "7") == list(range(2, 9))
    assert office.ids("--limit", "2") == [7, 8]
    page = office.command.ok("drops", "--limit", "2", "--verdict", "filed")
    assert page.splitlines()[-1] == "6 older ones aren't shown: use --limit, or filter."
    assert "older ones" not in office.command.ok("drops", "--limit", "8")
    assert office.command.run("drops", "--limit", "0").exit_code == 2


def test_the_list_in_json_is_whole(office: Office) -> None:
    assert json.loads(office.command.ok("drops", "--json")) == []
    office.desk("anna@Acme").append(SUPPORT, mail())
    assert len(json.loads(office.command.ok("drops", "--json"))) == 1


def test_at_a_hundred_columns_every_line_fits(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("imapgate.cli.output.WIDTH_OF_PIPES", 100)
    office.desk("anna@Acme").append(SUPPORT, mail("A subject that goes on and on " * 3, 1))
    page = office.command.ok("drops")
    assert max(map(len, page.splitlines())) <= 100
    assert "#10000001" in page
    assert "m1@example.com" not in page


def test_a_subject_can_t_steer_the_terminal(office: Office) -> None:
    office.desk("anna@Acme").append(SUPPORT, mail("\x1b[31mred", 1))
    for words in (("drops",), ("drops", "show", "1")):
        page = office.command.ok(*words)
        assert "\x1b" not in page
        assert "red" in page


def test_segments_are_never_mixed_unless_none_is_named(office: Office) -> None:
    office.command.ok("segment", "add", "Other", "--admin", "otto")
    office.desk("anna@Acme").append(ARCHIVE, mail(n=1))
    office.desk("otto@Other").append("Trackers/Nothing", mail(n=2))
    assert [one["user"] for one in office.list()] == ["anna@Acme", "otto@Other"]
    assert [one["user"] for one in office.list("--segment", "other")] == ["otto@Other"]
    assert office.ids("--segment", "Acme") == [1]
    assert office.ids("--segment", "Acme", "--user", "anna") == [1]
    refused = office.command.refused("drops", "--segment", "Acme", "--user", "otto@Other")
    assert "another segment" in refused
    assert "several segments" in office.command.refused("drops", "--user", "anna")
    assert "no segment" in office.command.refused("drops", "--segment", "Nope")
    assert "no drop 1" in office.command.refused("drops", "show", "1", "--segment", "Other")
    assert office.command.json("drops", "show", "1")["user"] == "anna@Acme"


# -- one drop ------------------------------------------------------------------------------------


def test_one_drop_is_shown_with_where_its_bytes_are(office: Office) -> None:
    """A refused one in Recovered Messages; a filed one in its group and where it was copied."""
    anna, bert = office.desk("anna@Acme"), office.desk("bert@Acme")
    bert.append(ARCHIVE, mail("Lost", 1))
    anna.append(SUPPORT, mail("Filed", 2))
    bert.copy(SUPPORT, [1], "Trash")
    shown = office.command.json("drops", "show", "1")
    place = {"folder": "Recovered Messages", "owner": "bert@Acme", "uid": 1, "activity": None}
    assert shown["copies"] == [place]
    assert (shown["stored"], shown["size"]) == (True, len(mail("Lost", 1)))
    assert "Recovered Messages of bert@Acme, UID 1" in office.command.ok("drops", "show", "1")
    assert office.command.json("drops", "show", "2")["copies"] == [
        {"folder": SUPPORT, "owner": None, "uid": 1, "activity": 10000001},
        {"folder": "Trash", "owner": "bert@Acme", "uid": 1, "activity": None},
    ]
    assert "There is no drop 3." in office.command.refused("drops", "show", "3")


def test_a_lost_mail_is_given_back_byte_by_byte(office: Office, tmp_path: Path) -> None:
    """Larger than what one read takes, for its owner's eyes alone, and nothing is overwritten."""
    content = mail("Large", 1, body="long\r\n" * 100_000)
    bert = office.desk("bert@Acme")
    bert.append(ARCHIVE, content)
    file = tmp_path / "lost.eml"
    assert f"Saved the mail in {file}." in office.command.ok(
        "drops", "show", "1", "--save", str(file)
    )
    assert file.read_bytes() == content
    if os.name != "nt":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    refused = office.command.refused("drops", "show", "1", "--save", str(file))
    assert "exists" in refused
    assert file.read_bytes() == content


def test_what_never_came_can_t_be_saved(office: Office, tmp_path: Path) -> None:
    anna = office.desk("anna@Acme")
    small = Desk(anna.world, anna.person, type(LIMITS)(message=10))
    small.append(SUPPORT, mail())
    file = tmp_path / "lost.eml"
    assert "aren't here" in office.command.refused("drops", "show", "1", "--save", str(file))
    assert not file.exists()
    assert "Its bytes aren't here" in office.command.ok("drops", "show", "1")


def test_a_wrapper_s_bytes_are_kept_in_no_folder(office: Office, tmp_path: Path) -> None:
    content = wrapper("> #GadgetASupport  Too loud", mail("Inner", "a"))
    office.desk("anna@Acme").append(SUPPORT, content)
    shown = office.command.json("drops", "show", "1")
    assert (shown["is_wrapper"], shown["stored"], shown["copies"]) == (True, True, [])
    assert "stand in no folder" in office.command.ok("drops", "show", "1")
    office.command.ok("drops", "show", "1", "--save", str(tmp_path / "w.eml"))
    assert (tmp_path / "w.eml").read_bytes() == content


def test_a_mail_that_is_gone_halfway_leaves_no_half_a_file(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = mail("Large", 1, body="long\r\n" * 100_000)
    office.desk("anna@Acme").append(SUPPORT, content)
    monkeypatch.setattr("storage.messages.read_range", lambda *_: b"")
    file = tmp_path / "lost.eml"
    assert "erased while" in office.command.refused("drops", "show", "1", "--save", str(file))
    assert not file.exists()


def test_repeats_are_one_line(office: Office) -> None:
    bert = office.desk("bert@Acme")
    for _ in range(3):
        bert.append(ARCHIVE, mail("Again", 1))
    (one,) = office.list()
    assert one["times"] == 3
    assert "refused CANNOT, 3 times" in office.command.ok("drops")
    assert "times       3" in office.command.ok("drops", "show", "1")


# -- moments -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "end_of_day", "seconds"),
    [
        ("2026-11-21T12:00:00Z", False, 1795262400),
        ("2026-11-21 13:00+01:00", True, 1795262400),
        ("1970-01-02T00:00:00+00:00", False, 86400),
    ],
)
def test_moments_with_a_zone(text: str, end_of_day: bool, seconds: int) -> None:
    assert When(end_of_day=end_of_day).convert(text, None, None) == seconds


def test_a_date_is_its_first_second_and_its_last() -> None:
    first = When().convert("2026-11-21", None, None)
    last = When(end_of_day=True).convert("2026-11-21", None, None)
    assert When().convert("2026-11-21 00:00", None, None) == first
    assert last - first == 24 * 3600 - 1


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "3x", "h", "-2h", "99999999d"])
def test_what_is_no_moment_is_wrong_usage(acme: Command, text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no time"):
        When().convert(text, None, None)
    assert acme.run("drops", "--since", text).exit_code == 2
