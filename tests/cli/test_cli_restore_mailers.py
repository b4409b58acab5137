"""What a restored database doesn't send by itself."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from command import Command

from imapgate.activities import by_hand
from imapgate.activities.people import person
from imapgate.outgoing import mailers
from imapgate.outgoing.opening import Opener
from imapgate.servers.server import ServerError
from storage import Database, occupancy

SENT = ("mailer", "add", "relay", "--host", "m.acme.example", "--from", "crm@acme.example")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(occupancy, "PATIENCE", 0.0)


@pytest.fixture
def sending(acme: Command, tmp_path: Path) -> Path:
    """A backup with a mailer of the segment, one for all, and an e-mail activity that was to be
    sent just then: nothing was made of it yet."""
    acme.ok("group", "add", "tracker", "E-Mails")
    acme.ok("creator", "add", "E-Mails", "--type", "E-Mail", "--group", "E-Mails", "--default")
    acme.ok(*SENT, "--user", "crm")
    acme.ok("mailer", "add", "all", "--global", "--sendmail", "--from", "crm@acme.example")
    words = ("--creator", "E-Mails", "--to", "erika@example.net")
    number = acme.json("activity", "new", "Offer", *words)["number"]
    with closing(Database.open(acme.data / "imapgate.db")) as db:
        anna = db.read(lambda tx: person(tx, "anna@Acme"))
        for step in ("Assign", "Send as mail"):
            db.write(
                partial(
                    by_hand.follow_up, segment_id=1, number=number, transition=step, person=anna
                )
            )
    acme.ok("backup", str(tmp_path / "b.db"))
    return tmp_path / "b.db"


def test_where_no_database_was_mailers_are_switched_off(
    acme: Command, sending: Path, tmp_path: Path
) -> None:
    """The one that was backed up may go on sending; why is on record, and what lacks is told."""
    other = Command(tmp_path / "other")
    told = other.ok("restore", str(sending))
    assert "`imapgate mailer edit NAME --active on`: relay, all (--global)." in told
    assert 'Mailer "relay": The key of the stored passwords' in told
    assert [one["active"] for one in other.json("mailer", "list")] == [False, False]
    newest = other.json("mailer", "history", "relay")[0]
    assert newest["changes"] == {"active": [True, False]}
    assert newest["reason"] == "restored from b.db where no database was"
    with closing(Database.open(other.data / "imapgate.db")) as db:
        opener = Opener(db, other.data / "secrets.key", other.data)
        mailer = db.read(lambda tx: mailers.find_mailer(tx, None, "all"))
        with pytest.raises(ServerError, match="is switched off"):
            opener(mailer)
    other.ok("mailer", "edit", "all", "--active", "on")
    assert other.json("mailer", "show", "all")["active"] is True
    assert [one["active"] for one in acme.json("mailer", "list")] == [True, True]


def test_where_one_was_they_send_on_but_what_was_to_be_sent_is_held(
    acme: Command, sending: Path
) -> None:
    """It may have been sent since: also what was only to be made when the backup was taken."""
    value = acme.json("restore", str(sending), "--yes")
    assert (value["mailers_switched_off"], value["mails_held"]) == ([], 1)
    assert [one["active"] for one in acme.json("mailer", "list")] == [True, True]
    (held,) = acme.json("outbox", "list")
    assert held["state"] == "waiting"
    assert "was restored" in held["text"]
