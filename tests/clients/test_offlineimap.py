"""offlineimap synchronises an account with Maildirs, in both directions, twice."""

from __future__ import annotations

import mailbox
from pathlib import Path

import pytest
from demo_server import PASSWORD, Demo, mail
from dialogues import transferred
from test_system_clients import run

CONFIG = """
[general]
accounts = demo
metadata = {root}/metadata
ui = basic

[Account demo]
localrepository = near
remoterepository = far

[Repository near]
type = Maildir
localfolders = {root}/Mail
sep = /

[Repository far]
type = IMAP
remotehost = 127.0.0.1
remoteport = {port}
remoteuser = bob@Standard
remotepass = {password}
ssl = no
starttls = no
auth_mechanisms = PLAIN
"""
FAILED = 100
"""Exit code of a run in which something couldn't be done."""
SALES = "Trackers/Sales"
PUSHED = [mail(71, "Plain words"), mail(72, "Again: [#10000001]", body="From the field\r\n.\r\n")]


def synchronise(demo: Demo, root: Path, ok: tuple[int, ...] = (0,)) -> str:
    """One run; what it says."""
    config = root / "offlineimaprc"
    config.write_text(CONFIG.format(root=root, port=demo.port, password=PASSWORD))
    done = run("offlineimap", "-c", config, "-o", cwd=root, ok=ok)
    return done.stdout + done.stderr


@pytest.mark.client("offlineimap")
@pytest.mark.usefixtures("need")
def test_offlineimap_carries_mails_both_ways_and_then_nothing(demo: Demo, tmp_path: Path) -> None:
    """All folders come down, local mails are filed, and the second run transfers nothing."""
    said = synchronise(demo, tmp_path)
    assert "ERROR" not in said
    near = mailbox.Maildir(tmp_path / "Mail" / "Trackers" / "Support", create=False)
    inside = demo.messages("Trackers/Support", "bob@Standard").values()
    crlf = [one.as_bytes().replace(b"\n", b"\r\n") for one in near]
    assert sorted(crlf) == sorted(inside)
    for name in ("INBOX", "Recovered Messages", "Milestones/Release 1.0", "Try me"):
        assert (tmp_path / "Mail" / name / "cur").is_dir()

    sales = mailbox.Maildir(tmp_path / "Mail" / "Trackers" / "Sales", create=False)
    for message in PUSHED:
        sales.add(message.replace(b"\r\n", b"\n"))
    with demo.dialogue("bob@Standard", tmp_path / "pushed.txt") as dialogue:
        synchronise(demo, tmp_path)
    assert transferred(dialogue()) == {"APPEND": 2}
    stored = demo.messages(SALES, "bob@Standard")
    assert sorted(stored.values()) == sorted(PUSHED)
    links = demo.activity_of("client-72@example.net")["links"]
    assert [link["number"] for link in links] == [10000001]

    # What is linked to an incident stands in its folder as well.
    name = "Activities/Support/#10000001 Gadget does not boot"
    assert PUSHED[1] in demo.arrived(name, 4, "bob@Standard").values()
    synchronise(demo, tmp_path)
    here = mailbox.Maildir(tmp_path / "Mail" / name, create=False)
    assert any(one["Subject"] == "Again: [#10000001]" for one in here)

    with demo.dialogue("bob@Standard", tmp_path / "second.txt") as dialogue:
        synchronise(demo, tmp_path)
    assert transferred(dialogue()) == {}
    assert "LIST" in dialogue(), "it was there"
    assert demo.messages(SALES, "bob@Standard") == stored
    assert len(sales) == len(PUSHED)


@pytest.mark.client("offlineimap")
@pytest.mark.usefixtures("need")
def test_offlineimap_tells_of_a_refused_mail_and_keeps_it(demo: Demo, tmp_path: Path) -> None:
    """A group without e-mail creator: the run ends there, and the mail stays in the Maildir."""
    synchronise(demo, tmp_path)
    near = mailbox.Maildir(tmp_path / "Mail" / "Milestones" / "Release 1.0", create=False)
    near.add(PUSHED[0].replace(b"\r\n", b"\n"))
    said = synchronise(demo, tmp_path, ok=(FAILED,))
    assert 'Not filed: group "Release 1.0" has no e-mail creator.' in said
    assert len(near) == 1
    assert list(demo.messages("Recovered Messages", "bob@Standard").values()) == PUSHED[:1]
