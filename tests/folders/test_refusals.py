"""Refused drops: code, sentence, nothing changed, nothing lost (rules 1-3)."""

from __future__ import annotations

import dataclasses
import logging
import re

import pytest
from desk import LIMITS, Desk, activities, mail, message_count, records, wrapper
from world import World, build

from imapgate.activities import filing
from imapgate.folders import drops, incidents
from imapgate.folders.verdict import Outcome
from storage import Database
from storage.engine import Unavailable

SUPPORT = "Trackers/Support"
COPY_KEPT = "Your mail stays where it was; a copy is in Recovered Messages."


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def alice(world: World) -> Desk:
    return Desk(world, world.alice)


@pytest.mark.parametrize(
    ("who", "name", "code", "cause", "reason"),
    [
        (
            "alice",
            "Trackers/Archive",
            "CANNOT",
            'group "Archive" has no e-mail creator',
            "$NoCreator",
        ),
        ("alice", "Trackers/Meetings", "CANNOT", 'group "Meetings" has no e-mail', "$NoCreator"),
        ("alice", "Milestones/Release 1.0", "CANNOT", 'group "Release 1.0" has no', "$NoCreator"),
        ("alice", "Trackers", "CANNOT", '"Trackers" is a heading', "$Refused"),
        ("carol", SUPPORT, "NOPERM", 'you may not add mail to group "Support"', "$NoRight"),
        ("dave", SUPPORT, "NONEXISTENT", 'there is no folder "Trackers/Support"', "$NoFolder"),
        ("alice", "Trackers/New", "NONEXISTENT", "there is no folder", "$NoFolder"),
        ("alice", "Activities", "NONEXISTENT", "there is no folder", "$NoFolder"),
        ("alice", "Projects", "TRYCREATE", 'there is no folder "Projects"', "$NoFolder"),
        ("alice", "INBOX/x/y", "TRYCREATE", "there is no folder", "$NoFolder"),
        ("alice", "Recovered Messages", "CANNOT", "Recovered Messages is filled", "$Refused"),
    ],
)
def test_each_refusal_has_its_code_and_sentence_and_keeps_a_copy(
    world: World, who: str, name: str, code: str, cause: str, reason: str
) -> None:
    desk = Desk(world, world.people[who])
    verdict = desk.append(name, mail("Büro", body="ä"))
    assert (verdict.outcome, verdict.code) == (Outcome.REFUSED, code)
    assert verdict.text.startswith(f"Not filed: {cause}")
    assert verdict.text.endswith(f". {COPY_KEPT}")
    assert len(verdict.text) < 200
    assert desk.recovered() == [(mail("Büro", body="ä"), (reason,))]
    assert activities(world) == []
    (record,) = records(world)
    assert (record.verdict, record.code, record.text) == ("refused", code, verdict.text)
    assert (record.folder_name, record.activity_id) == (name, None)
    assert record.stored_message_id


def test_one_of_three_refused_files_nothing_and_keeps_all_three(alice: Desk) -> None:
    bad = wrapper("> @Nobody  #10000001  x", mail("Inner", "i"))
    verdict = alice.append(SUPPORT, mail(n=1), bad, mail(n=3))
    assert (verdict.outcome, verdict.code) == (Outcome.REFUSED, "CANNOT")
    assert "Nobody" in verdict.text
    assert alice.rows(SUPPORT) == []
    assert activities(alice.world) == []
    assert [content for content, _ in alice.recovered()] == [mail(n=1), bad, mail(n=3)]
    assert [one.verdict for one in records(alice.world)] == ["refused"] * 3


def test_a_repeated_refusal_keeps_one_copy(alice: Desk) -> None:
    for _ in range(3):
        alice.append("Trackers/Archive", mail())
    assert len(alice.recovered()) == 1
    assert [one.times for one in records(alice.world)] == [3]


def test_a_message_over_the_limit_is_not_kept_and_the_answer_says_so(alice: Desk) -> None:
    desk = Desk(alice.world, alice.person, dataclasses.replace(LIMITS, message=1024 * 1024))
    verdict = desk.append(SUPPORT, mail(body="x" * 1024 * 1024))
    assert verdict.code == "TOOBIG"
    assert verdict.text == (
        "Not filed: the message is larger than 1 MB. Your mail stays where it was; "
        "no copy was kept."
    )
    assert desk.recovered() == []
    assert message_count(alice.world) == 0


def test_too_many_messages_for_a_group(alice: Desk) -> None:
    desk = Desk(alice.world, alice.person, dataclasses.replace(LIMITS, drop_messages=2))
    verdict = desk.append(SUPPORT, mail(n=1), mail(n=2), mail(n=3))
    assert verdict.code == "LIMIT"
    assert desk.rows(SUPPORT) == []
    assert len(desk.recovered()) == 3
    assert desk.append("INBOX", mail(n=1), mail(n=2), mail(n=3)).outcome is Outcome.DONE


def test_when_recovered_messages_is_full_the_answer_says_that_no_copy_was_kept(
    alice: Desk,
) -> None:
    room = len(mail(n=1)) + len(mail(n=2)) - 1
    desk = Desk(alice.world, alice.person, dataclasses.replace(LIMITS, recovered=room))
    assert desk.append("Trackers/Archive", mail(n=1)).code == "CANNOT"
    assert desk.append("Trackers/Archive", mail(n=1)).code == "CANNOT", "a repeat takes no room"
    verdict = desk.append("Trackers/Archive", mail(n=2))
    assert verdict.code == "OVERQUOTA"
    assert verdict.text.endswith("Recovered Messages is full, no copy was kept.")
    assert [content for content, _ in desk.recovered()] == [mail(n=1)]


@pytest.mark.parametrize(
    ("name", "octets", "full", "code"),
    [
        (SUPPORT, 10, True, None),
        ("INBOX", 10, True, None),
        ("Trackers/Archive", 10, False, None),
        ("Trackers/Archive", 10, True, "OVERQUOTA"),
        ("Trackers", 10, True, "OVERQUOTA"),
        ("Nothing", 10, True, "OVERQUOTA"),
        (SUPPORT, 60 * 1024 * 1024, False, "TOOBIG"),
    ],
)
def test_what_can_be_told_before_the_upload(
    alice: Desk, name: str, octets: int, full: bool, code: str | None
) -> None:
    limits = dataclasses.replace(LIMITS, recovered=5 if full else LIMITS.recovered)
    verdict = alice.world.db.read(
        lambda tx: drops.before_upload(tx, alice.person, name, octets, limits)
    )
    assert (verdict.code if verdict else None) == code
    if verdict is not None:
        assert verdict.text.endswith("no copy was kept.")


def test_an_append_after_trycreate_clears_the_copy(alice: Desk) -> None:
    assert alice.append("Projects", mail()).code == "TRYCREATE"
    assert len(alice.recovered()) == 1
    alice.append("INBOX", mail())
    assert alice.recovered() == []


def test_a_copy_kept_for_another_reason_stays_when_the_mail_is_saved(alice: Desk) -> None:
    alice.append("Trackers/Archive", mail())
    alice.append("Trash", mail())
    assert len(alice.recovered()) == 1


def test_an_error_of_ours_is_told_by_an_id_logged_once_and_keeps_a_copy(
    alice: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a slip")

    monkeypatch.setattr(filing, "file_into_group", broken)
    monkeypatch.setattr(incidents, "_first", {})
    with caplog.at_level(logging.ERROR):
        verdicts = [alice.append(SUPPORT, mail(n=1), mail(n=n)) for n in (2, 3)]
    for verdict in verdicts:
        assert (verdict.outcome, verdict.code) == (Outcome.REFUSED, "SERVERBUG")
        found = re.search(r"incident ([0-9a-f]{8})", verdict.text)
        assert found
        assert found[1] in caplog.text
        assert verdict.text.endswith(COPY_KEPT)
    assert len([one for one in caplog.records if one.exc_info]) == 1
    assert len(alice.recovered()) == 3
    assert alice.rows(SUPPORT) == []


def test_a_database_that_is_away_is_later(alice: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise Unavailable("gone")

    inbox = alice.folder("INBOX")
    monkeypatch.setattr(alice.world.db, "write", away)
    for verdict in (
        alice.append(SUPPORT, mail()),
        drops.copy(alice.world.db, alice.person, inbox, [1], SUPPORT, "", LIMITS),
    ):
        assert (verdict.outcome, verdict.code) == (Outcome.LATER, "UNAVAILABLE")
        assert "try again" in verdict.text
        assert len(verdict.text) < 200


def test_when_even_the_copy_fails_the_answer_says_so(
    alice: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a slip")

    monkeypatch.setattr("imapgate.folders.recovered.keep_all", broken)
    verdict = alice.append("Trackers/Archive", mail())
    assert verdict.code == "CANNOT"
    assert verdict.text.endswith("no copy was kept.")


def test_a_long_group_name_still_leaves_room_for_what_became_of_the_mail(alice: Desk) -> None:
    verdict = alice.append("Nothing " + "ä" * 200, mail())
    assert len(verdict.text) < 200
    assert verdict.text.endswith(COPY_KEPT)
    assert verdict.text.isascii()
