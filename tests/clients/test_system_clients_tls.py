"""Real clients trust the server once they trust its authority, and only then (docs/tls.md).

curl and mbsync verify with OpenSSL, neomutt (as Debian builds it) with GnuTLS.
"""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from pathlib import Path

import pytest
from demo_server import PASSWORD, Demo

LOGIN = ("--user", f"alice@Standard:{PASSWORD}")
NOT_TRUSTED = 60
"""curl's exit code for a peer that it can't verify."""


def _run(*words: str | Path, root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words],
        cwd=root,
        env={**os.environ, "HOME": str(root)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.client("curl")
@pytest.mark.usefixtures("need")
def test_curl_trusts_the_authority_on_both_ports_and_nobody_else(
    demo: Demo, authority: Path, tmp_path: Path
) -> None:
    """By each name that the certificate has."""
    for host in ("localhost", "127.0.0.1"):
        for url in (f"imaps://{host}:{demo.tls_port}/", f"imap://{host}:{demo.port}/"):
            words = ("curl", "-sS", "--ssl-reqd", *LOGIN, url)
            done = _run(*words, "--cacert", authority, root=tmp_path)
            assert done.returncode == 0, done.stderr
            assert "Trackers/Support" in done.stdout
            assert _run(*words, root=tmp_path).returncode == NOT_TRUSTED
    renamed = ("--resolve", f"bank.example:{demo.tls_port}:127.0.0.1")
    url = f"imaps://bank.example:{demo.tls_port}/"
    done = _run("curl", "-sS", *LOGIN, *renamed, url, "--cacert", authority, root=tmp_path)
    assert done.returncode == NOT_TRUSTED


@pytest.mark.client("mbsync")
@pytest.mark.usefixtures("need")
def test_mbsync_trusts_the_authority(demo: Demo, authority: Path, tmp_path: Path) -> None:
    """`CertificateFile`; without it the list isn't given."""
    config = tmp_path / "mbsyncrc"
    trusted = (
        f"IMAPStore remote\nHost localhost\nPort {demo.tls_port}\nUser alice@Standard\n"
        f"Pass {PASSWORD}\nSSLType IMAPS\nSystemCertificates no\nCertificateFile {authority}\n\n"
        f"MaildirStore local\nPath {tmp_path}/Mail/\nInbox {tmp_path}/Mail/INBOX\n\n"
        "Channel all\nFar :remote:\nNear :local:\nPatterns *\n"
    )
    (tmp_path / "Mail").mkdir()
    config.write_text(trusted)
    done = _run("mbsync", "-c", config, "-l", "all", root=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Trackers/Support" in done.stdout.splitlines()
    config.write_text(trusted.replace(f"CertificateFile {authority}\n", ""))
    done = _run("mbsync", "-c", config, "-l", "all", root=tmp_path)
    assert done.returncode != 0
    assert "Trackers" not in done.stdout


@pytest.mark.client("neomutt")
@pytest.mark.usefixtures("need")
def test_neomutt_trusts_the_authority(demo: Demo, authority: Path, tmp_path: Path) -> None:
    """`ssl_ca_certificates_file`; without it neomutt asks."""
    asks = "(r)eject"
    screen = _neomutt(demo, tmp_path, f'set ssl_ca_certificates_file = "{authority}"\n', "Try me")
    assert asks not in screen
    assert "Try me" in screen
    assert asks in _neomutt(demo, tmp_path, "", asks)


def _neomutt(demo: Demo, root: Path, more: str, until: str) -> str:
    """What it shows, in a terminal of its own, until it has shown a text."""
    config = root / "muttrc"
    config.write_text(
        f'set imap_user = "alice@Standard"\nset imap_pass = "{PASSWORD}"\n'
        f'set folder = "imaps://localhost:{demo.tls_port}/"\nset mail_check_stats = no\n'
        f"set ssl_usesystemcerts = no\nset sleep_time = 0\nunset wait_key\n{more}"
    )
    terminal, inside = pty.openpty()
    process = subprocess.Popen(
        ["neomutt", "-n", "-F", config, "-f", f"imaps://localhost:{demo.tls_port}/Try me"],
        stdin=inside,
        stdout=inside,
        stderr=inside,
        start_new_session=True,
        env={**os.environ, "TERM": "xterm", "HOME": str(root), "LINES": "40", "COLUMNS": "120"},
    )
    os.close(inside)
    screen, end = "", time.monotonic() + 40
    try:
        while until not in screen and time.monotonic() < end and process.poll() is None:
            if select.select([terminal], [], [], 0.2)[0]:
                screen += os.read(terminal, 65536).decode(errors="replace")
    finally:
        process.kill()
        process.wait(timeout=10)
        os.close(terminal)
    return screen
