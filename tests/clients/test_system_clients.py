"""curl, mbsync and neomutt carry real messages into and out of group folders."""

from __future__ import annotations

import mailbox
import os
import pty
import select
import subprocess
import time
from pathlib import Path

import pytest
from demo_server import PASSWORD, Demo, mail
from dialogues import transferred

MESSAGES = [
    mail(11, "Plain words"),
    mail(12, "Umlauts =?utf-8?q?f=C3=BCr_alle?=", body="Grüße aus Köln\r\n"),
    mail(13, "Again: [#10000001]", body="From the field\r\n.\r\n..two dots\r\n"),
]


def run(
    *words: str | Path, cwd: Path, ok: tuple[int, ...] = (0,)
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**os.environ, "HOME": str(cwd)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode in ok, done.stdout + done.stderr
    return done


# -- curl --------------------------------------------------------------------------------------


@pytest.mark.client("curl")
@pytest.mark.usefixtures("need")
def test_curl_uploads_and_downloads_the_same_bytes(demo: Demo, tmp_path: Path) -> None:
    """`curl -T` files a mail; fetching it by UID gives back what was sent."""
    base = f"imap://127.0.0.1:{demo.port}/Trackers%2FSupport"
    login = ("--user", f"alice@Standard:{PASSWORD}")
    known = set(demo.messages("Trackers/Support"))
    for n, message in enumerate(MESSAGES):
        source = tmp_path / f"{n}.eml"
        source.write_bytes(message)
        run("curl", "-sS", *login, "--url", base, "-T", source, cwd=tmp_path)
    new = sorted(set(demo.messages("Trackers/Support")) - known)
    assert len(new) == len(MESSAGES)
    for uid, message in zip(new, MESSAGES, strict=True):
        target = tmp_path / f"{uid}.out"
        run("curl", "-sS", *login, "--url", f"{base};UID={uid}", "-o", target, cwd=tmp_path)
        assert target.read_bytes() == message
    stored = demo.messages("Trackers/Support")
    run("curl", "-sS", *login, "--url", base, "-T", tmp_path / "0.eml", cwd=tmp_path)
    assert demo.messages("Trackers/Support") == stored, "the same mail again is the same mail"


@pytest.mark.client("curl")
@pytest.mark.usefixtures("need")
def test_curl_reports_a_refused_upload(demo: Demo, tmp_path: Path) -> None:
    """No e-mail creator: curl ends with an error, the bytes are in Recovered Messages."""
    source = tmp_path / "refused.eml"
    source.write_bytes(MESSAGES[0])
    url = f"imap://127.0.0.1:{demo.port}/Milestones%2FRelease%201.0"
    login = ("--user", f"bob@Standard:{PASSWORD}")
    done = run("curl", "-sSv", *login, "--url", url, "-T", source, cwd=tmp_path, ok=(25,))
    assert 'group "Release 1.0" has no e-mail creator' in done.stderr
    assert list(demo.messages("Recovered Messages", "bob@Standard").values()) == [MESSAGES[0]]


# -- mbsync ------------------------------------------------------------------------------------

MBSYNC = """
IMAPAccount demo
Host 127.0.0.1
Port {port}
User bob@Standard
Pass demo
{tls}
AuthMechs PLAIN

IMAPStore far
Account demo

MaildirStore near
Path {root}/Mail/
Inbox {root}/Mail/INBOX
SubFolders Verbatim

Channel demo
Far :far:
Near :near:
Patterns {patterns}
Create Near
Sync {direction}
SyncState *
"""


def mbsync(demo: Demo, root: Path, direction: str, patterns: str) -> str:
    version = subprocess.run(["mbsync", "--version"], capture_output=True, text=True).stdout
    tls = "SSLType None" if version.split()[1] < "1.5" else "TLSType None"
    config = root / "mbsyncrc"
    config.write_text(
        MBSYNC.format(port=demo.port, root=root, direction=direction, patterns=patterns, tls=tls)
    )
    (root / "Mail").mkdir(exist_ok=True)
    return run("mbsync", "-V", "-c", config, "demo", cwd=root).stdout


def texts(folder: Path) -> list[bytes]:
    """The messages of a Maildir with CRLF line ends, without the X-TUID line that mbsync adds."""
    found = []
    for path in sorted(folder.glob("cur/*")) + sorted(folder.glob("new/*")):
        lines = path.read_bytes().replace(b"\r\n", b"\n").split(b"\n")
        found.append(b"\r\n".join(line for line in lines if not line.startswith(b"X-TUID:")))
    return sorted(found)


def without_tuid(message: bytes) -> bytes:
    return b"\r\n".join(line for line in message.split(b"\r\n") if not line.startswith(b"X-TUID:"))


@pytest.mark.client("mbsync")
@pytest.mark.usefixtures("need")
def test_mbsync_pulls_groups_and_the_second_run_transfers_nothing(
    demo: Demo, tmp_path: Path
) -> None:
    """A whole account is read into a Maildir, odd names too; the second run changes nothing."""
    mbsync(demo, tmp_path, "Pull", '"*"')
    support = tmp_path / "Mail" / "Trackers" / "Support"
    assert texts(support) == sorted(demo.messages("Trackers/Support", "bob@Standard").values())
    assert len(texts(tmp_path / "Mail" / "Try me")) == 4
    names = {path.name for path in (tmp_path / "Mail" / "Trackers").iterdir()}
    assert {"Büro & Ablage", "B&APw-ro &- Ablage"} & names
    state = {path: path.stat().st_mtime_ns for path in (tmp_path / "Mail").rglob("cur/*")}
    with demo.dialogue("bob@Standard", tmp_path / "second.txt") as dialogue:
        mbsync(demo, tmp_path, "Pull", '"*"')
    assert "SELECT" in dialogue()
    assert transferred(dialogue()) == {}
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "Mail").rglob("cur/*")} == state


@pytest.mark.client("mbsync")
@pytest.mark.usefixtures("need")
def test_mbsync_pushes_mails_into_a_group_once(demo: Demo, tmp_path: Path) -> None:
    """Mails put into the local Maildir are filed as activities; the second run pushes nothing."""
    mbsync(demo, tmp_path, "All", '"Trackers/Sales"')
    local = mailbox.Maildir(tmp_path / "Mail" / "Trackers" / "Sales")
    for message in MESSAGES:
        local.add(message.replace(b"\r\n", b"\n"))
    time.sleep(1.1)  # mbsync waits for a Maildir that was changed within the running second
    mbsync(demo, tmp_path, "All", '"Trackers/Sales"')
    stored = demo.messages("Trackers/Sales", "bob@Standard")
    assert sorted(map(without_tuid, stored.values())) == sorted(MESSAGES)
    assert [link["number"] for link in demo.activity_of("client-13@example.net")["links"]] == [
        10000001
    ]
    with demo.dialogue("bob@Standard", tmp_path / "second.txt") as dialogue:
        mbsync(demo, tmp_path, "All", '"Trackers/Sales"')
    assert "SELECT" in dialogue()
    assert transferred(dialogue()) == {}
    assert demo.messages("Trackers/Sales", "bob@Standard") == stored
    assert len(texts(tmp_path / "Mail" / "Trackers" / "Sales")) == len(MESSAGES)


# -- neomutt -----------------------------------------------------------------------------------

MUTTRC = """
set imap_user = "alice@Standard"
set imap_pass = "demo"
set ssl_starttls = no
set ssl_force_tls = no
set folder = "imap://127.0.0.1:{port}/"
set imap_keepalive = 60
set confirmappend = no
set confirmcreate = no
set quit = yes
set delete = yes
set copy = no
set move = no
set mbox_type = Maildir
set mail_check_stats = no
set header_cache = ""
unset wait_key
set sleep_time = 0
"""


def neomutt(demo: Demo, root: Path, folder: str, keys: str, more: str = "") -> str:
    """Open a folder in a terminal of its own, push keys, wait until it has quit. more: settings."""
    config = root / "muttrc"
    config.write_text(MUTTRC.format(port=demo.port) + more)
    words = ["neomutt", "-n", "-F", str(config), "-f", folder, "-e", f'push "{keys}"']
    terminal, inside = pty.openpty()
    process = subprocess.Popen(
        words,
        stdin=inside,
        stdout=inside,
        stderr=inside,
        start_new_session=True,
        env={**os.environ, "TERM": "xterm", "HOME": str(root), "LINES": "40", "COLUMNS": "120"},
    )
    os.close(inside)
    screen, end = b"", time.monotonic() + 40
    while time.monotonic() < end and process.poll() is None:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                screen += os.read(terminal, 65536)
            except OSError:  # the other end was closed: neomutt has quit
                break
    if process.poll() is None and time.monotonic() >= end:
        process.terminate()
    process.wait(timeout=10)
    os.close(terminal)
    return screen.decode(errors="replace")


@pytest.mark.client("neomutt")
@pytest.mark.usefixtures("need")
def test_neomutt_copies_local_mails_into_a_group(demo: Demo, tmp_path: Path) -> None:
    """Mails of a local Maildir, tagged and copied to a tracker, are filed as they were sent."""
    box = mailbox.Maildir(tmp_path / "local")
    for message in MESSAGES:
        box.add(message.replace(b"\r\n", b"\n"))
    screen = neomutt(
        demo,
        tmp_path,
        str(tmp_path / "local"),
        "<tag-pattern>~A<enter><tag-prefix><copy-message>=Trackers/Sales<enter><quit>",
    )
    stored = sorted(demo.messages("Trackers/Sales").values())
    assert len(stored) == len(MESSAGES), screen
    bodies = [message.split(b"\r\n\r\n", 1)[1] for message in stored]
    assert sorted(bodies) == sorted(message.split(b"\r\n\r\n", 1)[1] for message in MESSAGES)
    assert demo.activity_of("client-12@example.net")["subject"] == "Umlauts für alle"


@pytest.mark.client("neomutt")
@pytest.mark.usefixtures("need")
def test_neomutt_saves_a_group_to_a_local_maildir(demo: Demo, tmp_path: Path) -> None:
    """What neomutt copies out of a tracker is what stands there."""
    out = tmp_path / "out"
    screen = neomutt(
        demo,
        tmp_path,
        "=Trackers/Support",
        f"<tag-pattern>~A<enter><tag-prefix><copy-message>{out}<enter><quit>",
    )
    inside = demo.messages("Trackers/Support").values()
    saved = [message.as_bytes() for message in mailbox.Maildir(out, create=False)]
    assert len(saved) == len(inside), screen
    ids = {message.split(b"Message-ID: ")[1].split(b"\r\n")[0] for message in inside}
    assert {message.split(b"Message-ID: ")[1].split(b"\n")[0] for message in saved} == ids
