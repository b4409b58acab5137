"""Real Thunderbird: an account in a minute, its folders and subscriptions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from demo_server import PASSWORD, Demo
from thunderbird import Thunderbird

pytestmark = pytest.mark.client("thunderbird", "Xvfb")

MINE, REPORTED = "Activities/Assigned to me", "Activities/Reported by me"
SHOWN = [
    *("Activities", MINE, f"{MINE}/#10000001 Gadget does not boot"),
    *(f"{MINE}/#10000005 Battery gets hot", REPORTED),
    f"{REPORTED}/#10000006 Manual of gadget B is missing",
    *("INBOX", "Archive", "Categories", "Categories/VIP customers", "Drafts", "Junk"),
    *("Recovered Messages", "Sent", "Trackers", "Trackers/Archive", "Trackers/Büro & Ablage"),
    *("Trackers/E-Mails", "Trackers/Sales", "Trackers/Support", "Trash", "Try me"),
]


def test_thunderbird_is_set_up_by_the_file_in_its_isp_folder(
    new_thunderbird: Thunderbird, demo: Demo, authority: Path
) -> None:
    """Name, address and password are all that is asked; over TLS, with the authority's trust."""
    thunderbird = new_thunderbird
    thunderbird.trust(authority.read_text())
    found = thunderbird.find_account("Alice", "alice@example.org")
    assert found == [
        ["localhost", str(demo.tls_port), "SSL/TLS"],
        ["smtp.example.org", "587", "STARTTLS"],
    ]
    thunderbird.picture("thunderbird-account-found")
    thunderbird.add_account(PASSWORD)
    thunderbird.picture("thunderbird-account-added")
    thunderbird.close_hub()
    assert thunderbird.account() == {
        "host": "localhost",
        "port": demo.tls_port,
        "security": "SSL/TLS",
        "login": "alice@example.org",
        "address": "alice@example.org",
        "outgoing": "smtp.example.org",
    }
    assert sorted(thunderbird.folder_names()) == sorted(SHOWN)
    labels = {one["name"]: one["label"] for one in thunderbird.folders()}
    assert labels["Junk"] == "Spam"
    assert labels["Archive"] == "Archives"
    thunderbird.open_folder("Trackers/Support")
    thunderbird.picture("thunderbird-folders")


def test_thunderbird_is_set_up_by_the_mail_domains_web_server(
    new_thunderbird: Thunderbird, demo: Demo, tmp_path: Path
) -> None:
    """No file: it asks the mail domain over HTTP, which here is the server's own listener."""
    thunderbird = new_thunderbird
    (tmp_path / "program" / "isp" / "example.org.xml").unlink()
    found = thunderbird.find_account("Alice", "alice@example.org")
    assert found[0] == ["127.0.0.1", str(demo.port), "No Encryption"]
    thunderbird.add_account(PASSWORD)
    thunderbird.close_hub()
    account = thunderbird.account()
    assert (account["host"], account["port"]) == ("127.0.0.1", demo.port)
    assert account["security"] == "none"
    assert sorted(thunderbird.folder_names()) == sorted(SHOWN)


def test_thunderbird_is_set_up_by_hand_with_what_client_setup_prints(
    new_thunderbird: Thunderbird, demo: Demo
) -> None:
    """Every choice that is printed is one that the dialog has; no outgoing server can be reached,
    so the account is made without a test."""
    where = ("--port", str(demo.port), "--json")
    settings = {"IMAPGATE_OUTGOING_HOST": "smtp.example.org"}
    printed = demo.command("client-setup", "thunderbird", "alice", *where, **settings)
    person, incoming, outgoing, _ = (step["asked"] for step in json.loads(printed)["steps"])
    thunderbird = new_thunderbird
    thunderbird.add_account_by_hand(person, incoming, outgoing)
    assert "an account with the current settings will be created" in thunderbird.dialog()
    thunderbird.press_ok()
    thunderbird.until("accounts")
    assert thunderbird.account() == {
        "host": "127.0.0.1",
        "port": demo.port,
        "security": "none",
        "login": "alice@example.org",
        "address": "alice@example.org",
        "outgoing": "smtp.example.org",
    }


def test_thunderbird_gives_no_password_to_a_server_it_does_not_trust(
    new_thunderbird: Thunderbird, tmp_path: Path
) -> None:
    """Without the authority it asks, and without a yes no account is made and nobody signs in."""
    thunderbird = new_thunderbird
    thunderbird.find_account("Alice", "alice@example.org")
    thunderbird.try_account(PASSWORD)
    asked = thunderbird.until("text_of", "exceptionDialog.xhtml")
    assert "not trusted because it hasn’t been verified" in asked
    thunderbird.picture("thunderbird-certificate")
    thunderbird.cancel("exceptionDialog.xhtml")
    thunderbird.until("hub_is_idle")
    assert thunderbird.accounts() == []
    assert "signed in" not in (tmp_path / "server.log").read_text()


def test_thunderbird_subscribes_and_unsubscribes(thunderbird: Thunderbird, demo: Demo) -> None:
    """The dialog has every folder with its tick; what is ticked is shown, also on the server."""
    ticks = dict(thunderbird.open_subscriptions())
    assert {name for name, ticked in ticks.items() if ticked} == set(SHOWN)
    assert not ticks["Milestones/Release 1.0"]
    assert not ticks["Trackers/Meetings"]
    thunderbird.tick("Trackers/Meetings")
    thunderbird.tick("Trackers/Sales")
    thunderbird.picture("thunderbird-subscribe")
    thunderbird.close_subscriptions()
    expected = {*SHOWN, "Trackers/Meetings"} - {"Trackers/Sales"}
    thunderbird.until("shows_just", sorted(expected))
    client = demo.imap()
    _, lines = client.lsub('""', "*")
    client.logout()
    names = {line.decode().rpartition('"/" ')[2].strip('"') for line in lines}
    assert "Trackers/Meetings" in names
    assert "Trackers/Sales" not in names
