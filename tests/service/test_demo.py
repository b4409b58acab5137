"""`imapgate demo` as a new user meets it: in a process of its own, seen by imaplib."""

from __future__ import annotations

import imaplib
import json
import re
import signal
import socket
import ssl
import subprocess
from pathlib import Path

import pytest
from running import HOST, Running, environment, start, words

from storage import Database


def _listed(client: imaplib.IMAP4) -> set[str]:
    status, lines = client.list()
    assert status == "OK"
    return {re.split(rb' "/" ', line)[1].decode().strip('"') for line in lines if line}


def _refused(data: Path, *rest: str) -> str:
    done = subprocess.run(
        words(data, *rest), capture_output=True, text=True, timeout=60, env=environment()
    )
    assert done.returncode == 1, (done.stdout, done.stderr)
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_the_demo_tells_host_ports_users_password_and_what_to_try(demo: Running) -> None:
    """Everything that a new user needs is on the screen."""
    for word in (HOST, str(demo.port), str(demo.tls_port), "alice@Standard", "dave@Standard"):
        assert word in demo.told
    for word in ("Password  demo", "Try me", "Trackers/Support", str(demo.data), "Ctrl+C"):
        assert word in demo.told


def test_a_dragged_mail_becomes_an_activity_while_the_server_runs(demo: Running) -> None:
    """LIST, COPY a Try-me mail onto a tracker, `activity show --json` beside the server."""
    client = demo.imap()
    names = _listed(client)
    assert {"INBOX", "Try me", "Trackers/Support", "Milestones/Release 1.0"} <= names
    subscribed = b"\n".join(client.lsub()[1])
    assert b"Trackers/Archive" in subscribed, "a refusal is to be tried where clients show it"
    assert b"Release 1.0" not in subscribed
    assert "Trackers/B&APw-ro &- Ablage" in names
    assert client.select('"Try me"') == ("OK", [b"4"])
    _, found = client.search(None, "SUBJECT", '"#10000001"')
    status, answer = client.copy(found[0].decode(), "Trackers/Support")
    assert status == "OK", answer
    client.logout()
    mail = demo.json("activity", "list")[-1]
    assert (mail["class"], mail["groups"]) == ("E-Mail", ["Support"])
    done = subprocess.run(
        words(demo.data, "activity", "show", str(mail["number"]), "--json"),
        capture_output=True,
        check=True,
        timeout=60,
        env=environment(),
    )
    shown = json.loads(done.stdout)
    assert shown["links"] == [{"number": 10000001, "kind": "RELATES_TO"}]
    assert shown["sender"] == "erika@example.net"
    incident = demo.json("activity", "show", "10000001")
    assert incident["follow_ups"][-1]["from_activity"] == mail["number"]
    assert incident["follow_ups"][-1]["text"].startswith("Holding the button helped once")


def test_the_try_me_mails_do_what_the_readme_says(demo: Running) -> None:
    """Plain and with attachments: filed; the wrapper makes an incident; Archive refuses."""
    client = demo.imap()
    assert client.select("INBOX") == ("OK", [b"0"])
    client.select('"Try me"')
    assert client.copy("1", "Trackers/Archive")[0] == "NO"
    assert client.copy("1", "Trackers/Support")[0] == "OK"
    assert client.copy("3", '"Categories/VIP customers"')[0] == "OK"
    assert client.copy("4", "Trackers/Support")[0] == "OK"
    client.logout()
    shown = [demo.json("activity", "show", str(n)) for n in range(10000007, 10000011)]
    question, order = shown[:2]
    assert (question["subject"], question["links"]) == ("Question about the gadget", [])
    assert [one["name"] for one in order["media"]] == ["place.png", "order für Köln.csv"]
    assert order["priority"] == "high"
    by_class = {one["class"]: one for one in shown[2:]}
    assert by_class["Incident"]["name"] == "Gadget is too loud"
    assert by_class["Incident"]["detailed_description"].startswith("Max came by")
    linked = {"number": by_class["Incident"]["number"], "kind": "RELATES_TO"}
    assert by_class["E-Mail"]["subject"] == "The gadget is too loud"
    assert by_class["E-Mail"]["links"] == [linked]


def test_the_content_is_as_promised(demo: Running) -> None:
    """Users, roles, creators, incidents and two mails of one thread with an attachment; Alice's
    incidents are folders, which her client shows, and messages of their group."""
    users = demo.json("user", "list")
    assert [one["name"] for one in users] == ["admin", "alice", "bob", "carol", "dave"]
    assert {one["email"] for one in users} == {f"{one['name']}@example.org" for one in users}
    groups = {one["name"]: one for one in demo.json("group", "list")}
    assert len(groups) == 8
    assert groups["Support"]["creators"] == ["Support E-Mails", "GadgetASupport"]
    assert (groups["Archive"]["creators"], groups["Release 1.0"]["creators"]) == ([], [])
    members = {one["user"]: one["role"] for one in groups["Support"]["members"]}
    assert members == {"alice": "contributor", "bob": "manager", "carol": "viewer"}
    assert demo.json("segment", "list")[0]["default_creator"] == "E-Mails"
    activities = [
        (one["number"], one["class"], one["state"]) for one in demo.json("activity", "list")
    ]
    assert activities == [
        (10000001, "Incident", "In Progress"),
        (10000002, "Incident", "Closed"),
        (10000003, "E-Mail", "New"),
        (10000004, "E-Mail", "New"),
        (10000005, "Incident", "In Progress"),
        (10000006, "Task", "In Progress"),
    ]
    first, answer = (demo.json("activity", "show", str(n)) for n in (10000003, 10000004))
    assert [one["name"] for one in first["media"]] == ["boot-log.txt"]
    assert [one["number"] for one in answer["links"]] == [10000001]
    client = demo.imap()
    shown = b"\n".join(client.lsub('""', "Activities*")[1])
    for name in (
        "Assigned to me/#10000001 Gadget does not boot",
        "Reported by me/#10000006 Manual",
    ):
        assert f"Activities/{name}".encode() in shown
    boot = '"Activities/Assigned to me/#10000001 Gadget does not boot"'
    assert client.select(boot) == ("OK", [b"3"])
    subjects = b"".join(one[1] for one in client.fetch("1:3", "(BODY.PEEK[HEADER])")[1][::2])
    assert b"Subject: [#10000001] Gadget does not boot\r\n" in subjects
    assert b"Subject: Re: Gadget does not boot\r\n" in subjects
    assert client.select("Trackers/Support") == ("OK", [b"6"])
    client.logout()
    contacts = {one["name"]: one["addresses"] for one in demo.json("contact", "list")}
    assert len(contacts["Erika Example"]) == 2
    for user, sees in (("carol", {"Trackers/Support"}), ("dave", set())):
        client = demo.imap(f"{user}@Standard")
        names = _listed(client)
        client.logout()
        assert {one for one in names if one.startswith(("Trackers/", "Categories/"))} == sees
        assert "Try me" in names


def test_a_change_by_the_command_line_reaches_an_open_session(demo: Running) -> None:
    """A new member sees the group at once; who is disabled soon gets BYE."""
    client = demo.imap("dave@Standard")
    assert "Trackers/Sales" not in _listed(client)
    demo.command("member", "set", "Sales", "dave", "contributor")
    assert "Trackers/Sales" in _listed(client)
    demo.command("user", "disable", "dave")
    client.sock.settimeout(20)
    answer = client.sock.recv(4096)
    assert answer.startswith(b"* BYE"), answer
    client.shutdown()


def test_the_tls_port_serves_a_certificate_that_the_local_authority_signed(demo: Running) -> None:
    """Who trusts DATA/certs/authority.pem connects without a question, by STARTTLS too."""
    context = ssl.create_default_context(cafile=demo.data / "certs" / "authority.pem")
    client = imaplib.IMAP4_SSL(HOST, demo.tls_port, ssl_context=context, timeout=30)
    assert client.login("bob@example.org", "demo")[0] == "OK"
    client.logout()
    client = imaplib.IMAP4(HOST, demo.port, timeout=30)
    assert client.starttls(ssl_context=context)[0] == "OK"
    assert client.login("bob@Standard", "demo")[0] == "OK"
    client.logout()


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_says_bye_and_exits_with_0(tmp_path: Path, by: signal.Signals) -> None:
    """Open sessions are told; the port is closed; the database is one whole file; again works."""
    running = start(tmp_path / "demo", "demo")
    client = running.imap()
    assert client.append("Trackers/Sales", "", "", b"Subject: kept\r\n\r\nx\r\n")[0] == "OK"
    code, log = running.stop(by)
    assert code == 0, log
    assert client.sock.recv(4096).startswith(b"* BYE")
    client.shutdown()
    assert "Traceback" not in log
    assert not list(running.data.glob("imapgate.db-*"))
    with socket.socket() as probe:
        assert probe.connect_ex((HOST, running.port)) != 0
    again = start(tmp_path / "demo", "demo")
    try:
        client = again.imap()
        assert client.select("Trackers/Sales") == ("OK", [b"1"])
        client.logout()
    finally:
        code, log = again.stop()
    assert code == 0, log


def test_a_taken_port_is_one_sentence_with_the_option(demo: Running, tmp_path: Path) -> None:
    """Which port, and which option chooses another."""
    taken = _refused(tmp_path / "a", "demo", "--port", str(demo.port), "--tls-port", "0")
    assert f"port {demo.port} on 127.0.0.1 is taken; choose another with --port." in taken
    taken = _refused(tmp_path / "a", "demo", "--port", "0", "--tls-port", str(demo.port))
    assert "choose another with --tls-port." in taken


def test_the_demo_listens_on_loopback_only(tmp_path: Path) -> None:
    """Everybody knows its passwords; nothing is made."""
    assert "loopback" in _refused(tmp_path / "a", "demo", "--host", "0.0.0.0")
    assert not (tmp_path / "a").exists()


def test_the_demo_refuses_a_database_that_it_did_not_make(tmp_path: Path) -> None:
    """And the server refuses the demo's."""
    Database.create(tmp_path / "imapgate.db", "somebody else").close()
    assert "is no demo's database" in _refused(tmp_path, "demo", "--port", "0", "--tls-port", "0")
    Database.create((tmp_path / "b.db"), "imapgate demo").close()
    (tmp_path / "b.db").rename(tmp_path / "imapgate.db")
    assert "a demo's database" in _refused(tmp_path, "serve", "--port", "0", "--tls-port", "0")
