"""Real Thunderbird: incidents as messages and as folders (the pictures of docs/activities.md)."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from demo_server import Demo, mail
from smtp_sink import Sink
from test_thunderbird_dragging import QUESTION, SUPPORT
from test_thunderbird_refused import said
from test_thunderbird_sending import mailer, set_up
from thunderbird import Thunderbird

from storage import Database, activities

pytestmark = pytest.mark.client("thunderbird", "Xvfb")

NUMBER = 10000001
MINE = "Activities/Assigned to me"
BOOT = f"{MINE}/#{NUMBER} Gadget does not boot"
BATTERY = f"{MINE}/#10000005 Battery gets hot"
INCIDENT = f"[#{NUMBER}] Gadget does not boot"
REPORT, ANSWER = "Gadget does not boot (#10000001)", "Re: Gadget does not boot"
STILL = mail(91, "It went dark again", body="After an hour it went dark again.\r\n\r\nErika\r\n")
TRY_ME = "Try me"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Changes are seen at once; set before the demo starts."""
    monkeypatch.setenv("IMAPGATE_LIMITS_REVISION_TIME", "0")


def titles(demo: Demo, number: int = NUMBER) -> list[str]:
    return [one["title"] for one in demo.activity(number)["follow_ups"]]


def linked(demo: Demo, message_id: str) -> list[int]:
    return [one["number"] for one in demo.activity_of(message_id)["links"]]


def test_thunderbird_shows_a_support_teams_day(
    submission_port: int,
    sink: Sink,
    demo: Demo,
    new_thunderbird: Thunderbird,
    authority: Path,
    tmp_path: Path,
) -> None:
    """An incident is a thread with its mails. A mail that is dropped on its folder is filed, linked
    and followed up; so is an answer. A colleague's change is a new revision, unread; a wrong drop
    is taken back; with the incident's end its folder goes."""
    thunderbird = new_thunderbird
    thunderbird.trust(authority.read_text())
    mailer(demo, sink.port)
    set_up(thunderbird, demo, submission_port, tmp_path)
    thunderbird.thread_folders()
    thunderbird.open_folder(BOOT)
    assert thunderbird.unfold() == [[0, REPORT], [1, ANSWER], [2, INCIDENT]]
    assert not thunderbird.is_read(BOOT, INCIDENT), "news to whom it is assigned"
    shown = thunderbird.read(BOOT, INCIDENT)
    for word in ("In Progress", "Erika Example", "It worked last week."):
        assert word in shown["text"]
    thunderbird.few_columns()
    thunderbird.picture("activities-morning")

    client = demo.imap()
    assert client.append("INBOX", "", "", STILL)[0] == "OK"
    client.logout()
    thunderbird.open_folder("INBOX")
    thunderbird.select(["It went dark again"])
    thunderbird.row_of(BOOT)
    thunderbird.few_columns()
    thunderbird.picture("activities-mail-came")
    before = thunderbird.uid_of(BOOT, INCIDENT)
    assert thunderbird.drag("INBOX", ["It went dark again"], BOOT, "move") == "move"
    thunderbird.until("has_all", BOOT, ["It went dark again"])
    thunderbird.until("lacks", "INBOX", "It went dark again")
    assert STILL in demo.arrived(SUPPORT, 7).values()
    assert linked(demo, "client-91@example.net") == [NUMBER]
    assert titles(demo)[-1] == "It went dark again"
    thunderbird.open_folder(BOOT)
    thunderbird.until("newer_than", BOOT, INCIDENT, before)
    assert "It went dark again" in thunderbird.read(BOOT, INCIDENT)["text"]
    thunderbird.unfold()
    thunderbird.scroll_to("Follow-ups")
    thunderbird.few_columns()
    thunderbird.picture("activities-mail-dropped")

    before = thunderbird.uid_of(BOOT, INCIDENT)
    subject = f"Re: It went dark again [#{NUMBER}]"
    thunderbird.write("Erika Example <erika@example.net>", subject, "We send you a new one.\nAlice")
    thunderbird.place_composer()
    thunderbird.picture("activities-answer")
    thunderbird.send()
    thunderbird.until("has_sent")
    thunderbird.open_folder(BOOT)
    thunderbird.until("has_all", BOOT, [subject])
    thunderbird.until("newer_than", BOOT, INCIDENT, before)
    before = thunderbird.uid_of(BOOT, INCIDENT)
    words = ("--title", "New gadget sent", "--text", "Parcel 17, by tomorrow.", "--as", "bob")
    demo.command("activity", "follow-up", str(NUMBER), *words)
    thunderbird.until("newer_than", BOOT, INCIDENT, before)
    assert thunderbird.subjects(BOOT).count(INCIDENT) == 1, "the old revision has gone"
    assert not thunderbird.is_read(BOOT, INCIDENT), "a colleague has changed it"
    assert "Parcel 17, by tomorrow." in thunderbird.read(BOOT, INCIDENT)["text"]
    thunderbird.unfold()
    thunderbird.scroll_to("Follow-ups")
    thunderbird.few_columns()
    thunderbird.picture("activities-colleague")

    assert thunderbird.drag(TRY_ME, [QUESTION], BOOT, "move") == "move"
    thunderbird.until("has_all", BOOT, [QUESTION])
    demo.arrived(SUPPORT, 9)
    assert QUESTION in titles(demo)
    assert linked(demo, "question@example.net") == [NUMBER]
    thunderbird.open_folder(BOOT)
    thunderbird.unfold()
    thunderbird.select([QUESTION])
    thunderbird.few_columns()
    thunderbird.picture("activities-wrong-drop")
    assert thunderbird.drag(BOOT, [QUESTION], TRY_ME, "move") == "move"
    thunderbird.until("has_all", TRY_ME, [QUESTION])
    thunderbird.until("lacks", BOOT, QUESTION)
    demo.arrived(SUPPORT, 8)
    assert QUESTION not in titles(demo)
    assert linked(demo, "question@example.net") == []
    assert demo.activity_of("question@example.net")["groups"] == []

    thunderbird.open_folder(BOOT)
    for transition in ("Complete", "Close"):
        demo.command("activity", "follow-up", str(NUMBER), "--transition", transition)
    thunderbird.open_folder("INBOX")
    thunderbird.ask_for_folders()
    thunderbird.until("lacks_folder", BOOT)
    assert thunderbird.has_folder(BATTERY)
    thunderbird.open_folder(SUPPORT)
    assert "Closed" in thunderbird.read(SUPPORT, INCIDENT)["text"]
    thunderbird.few_columns()
    thunderbird.picture("activities-closed")


def test_thunderbird_takes_an_incident_out_and_back(thunderbird: Thunderbird, demo: Demo) -> None:
    """Dragged out it is an ordinary message, and stands in its group as before; dragged back it is
    nothing new."""
    before = demo.messages(SUPPORT)
    message = next(one for one in before.values() if f"Subject: {INCIDENT}".encode() in one)
    thunderbird.open_folder(SUPPORT)
    for effect, to in (("move", "INBOX"), ("copy", "local:Desk")):
        assert thunderbird.drag(SUPPORT, [INCIDENT], to, effect) == effect
        thunderbird.until("has_all", to, [INCIDENT])
        thunderbird.open_folder(SUPPORT)
        thunderbird.until("has_all", SUPPORT, [INCIDENT])
    assert list(demo.arrived("INBOX", 1).values()) == [message]
    after = demo.arrived(SUPPORT, len(before))
    assert sorted(after.values()) == sorted(before.values())
    assert max(after) > max(before), "it came again"
    thunderbird.open_folder(BOOT)
    count = len(demo.activities())
    for source, to in (("local:Desk", SUPPORT), ("INBOX", BOOT)):
        assert thunderbird.drag(source, [INCIDENT], to, "move") == "move"
        thunderbird.until("is_empty", source)
    assert demo.messages(SUPPORT) == after
    assert len(demo.messages(BOOT)) == 3
    assert len(demo.activities()) == count
    assert demo.messages("Recovered Messages") == {}


def test_thunderbird_follows_an_incidents_folder(thunderbird: Thunderbird, demo: Demo) -> None:
    """Renamed with it; where its group takes no mail any more a drop is refused, and the mail
    stays."""
    renamed = f"{MINE}/#10000005 Charger gets hot"
    thunderbird.open_folder(BATTERY)
    with closing(Database.open(demo.data / "imapgate.db")) as db:
        found = db.read(lambda tx: activities.by_number(tx, 1, 10000005))
        assert found is not None
        db.write(lambda tx: activities.change(tx, found.id, name="Charger gets hot"))
    demo.arrived(renamed, 1)
    thunderbird.ask_for_folders()
    thunderbird.until("has_folder", renamed)
    thunderbird.until("lacks_folder", BATTERY)
    thunderbird.open_folder(renamed)
    demo.command("creator", "remove", "Support E-Mails")
    kept = demo.messages(TRY_ME)
    assert thunderbird.drag(TRY_ME, [QUESTION], renamed, "move") == "move"
    if (shown := thunderbird.dialog_if_any()) is not None:
        assert shown in said(
            TRY_ME,
            '[CANNOT] Not filed: group "Support" has no e-mail creator (only for Incident). '
            "Your mail stays where it was.",
        )
        thunderbird.press_ok()
    assert QUESTION in thunderbird.open_folder(TRY_ME), "it comes back"
    assert demo.messages(TRY_ME) == kept
    assert len(demo.messages(renamed)) == 1
