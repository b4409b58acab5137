"""Certificates that change while the server runs: renewed, replaced, broken."""

from __future__ import annotations

import hashlib
import imaplib
import os
import signal
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from running import HOST, Running, start

import certs
from certs.files import certificate_pem, key_pem
from imapgate.cli.main import imapgate

needs_sighup = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGHUP")
PATIENCE = 40.0
"""Seconds until which what must happen has happened."""


def _secure(running: Running, authority: Path) -> imaplib.IMAP4_SSL:
    context = ssl.create_default_context(cafile=authority)
    client = imaplib.IMAP4_SSL(HOST, running.tls_port, ssl_context=context, timeout=30)
    assert client.login("anna@Acme", "anna's own")[0] == "OK"
    return client


def _leaf(client: imaplib.IMAP4_SSL) -> str:
    return hashlib.sha256(client.sock.getpeercert(binary_form=True)).hexdigest()


def _until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.1)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    made = tmp_path / "data"
    words = ["--data", str(made), "init", "--segment", "Acme", "--admin", "anna"]
    done = CliRunner().invoke(imapgate, words, env={"IMAPGATE_PASSWORD": "anna's own"})
    assert done.exit_code == 0, done.output
    return made


@pytest.fixture
def local(data: Path) -> Iterator[Running]:
    """A server with the certificate that it makes itself."""
    running = start(data, "serve")
    yield running
    _ended(running)


@pytest.fixture
def own(data: Path, tmp_path: Path) -> Iterator[Running]:
    """A server with PEM files from elsewhere: `own.pem`, signed by tmp_path/made's authority."""
    _replace(tmp_path)
    (data / "imapgate.toml").write_text(
        f'certificate = "{tmp_path / "own.pem"}"\nkey = "{tmp_path / "own-key.pem"}"\n'
    )
    running = start(data, "serve")
    yield running
    _ended(running)


def _ended(running: Running) -> None:
    code, log = running.stop()
    assert code == 0, log
    assert "Traceback" not in log, log


def _replace(directory: Path) -> None:
    made = certs.local(directory / "made", anew=True)
    (directory / "own.pem").write_bytes(certificate_pem(*made.chain))
    (directory / "own-key.pem").write_bytes(key_pem(made.key))


def test_renewal_drops_no_session_and_serves_the_next_one_the_new_leaf(local: Running) -> None:
    """`cert renew` beside the server: its files are seen, by a signal or without."""
    authority = local.data / "certs" / "authority.pem"
    before = _secure(local, authority)
    old = _leaf(before)
    local.command("cert", "renew", "--yes")
    _until(lambda: "new certificate" in local.log.read_text())
    assert before.noop()[0] == "OK"
    after = _secure(local, authority)
    assert _leaf(after) != old
    assert _leaf(before) == old
    assert before.append("INBOX", "", "", b"Subject: x\r\n\r\nkept\r\n")[0] == "OK"
    for client in (before, after):
        client.logout()


def test_one_s_own_files_are_taken_up_when_they_change(own: Running, tmp_path: Path) -> None:
    """Without a signal: as on Windows, which has none."""
    authority = tmp_path / "made" / "authority.pem"
    before = _secure(own, authority)
    _replace(tmp_path)
    _until(lambda: "new certificate" in own.log.read_text())
    after = _secure(own, authority)
    assert _leaf(after) != _leaf(before)
    assert before.noop()[0] == "OK"
    for client in (before, after):
        client.logout()


@needs_sighup
def test_sighup_takes_up_a_new_file_at_once(own: Running, tmp_path: Path) -> None:
    """And says so if there is nothing new."""
    own.process.send_signal(signal.SIGHUP)
    _until(lambda: "the certificate is as it was" in own.log.read_text())
    _replace(tmp_path)
    own.process.send_signal(signal.SIGHUP)
    _until(lambda: "new certificate" in own.log.read_text())
    _secure(own, tmp_path / "made" / "authority.pem").logout()


@needs_sighup
def test_a_broken_file_at_sighup_is_one_line_and_the_old_one_serves_on(
    own: Running, tmp_path: Path
) -> None:
    """New connections get the old certificate until the files are put right."""
    authority = tmp_path / "made" / "authority.pem"
    first = _secure(own, authority)
    old = _leaf(first)
    first.logout()
    whole = (tmp_path / "own.pem").read_bytes()
    (tmp_path / "own.pem").write_bytes(b"cut sh")
    own.process.send_signal(signal.SIGHUP)
    _until(lambda: "can't be renewed" in own.log.read_text())
    line = next(one for one in own.log.read_text().splitlines() if "can't be renewed" in one)
    cause = f"{tmp_path / 'own.pem'} holds no certificate in PEM form"
    assert line.endswith(f"the old one serves on: {cause}")
    second = _secure(own, authority)
    assert _leaf(second) == old
    second.logout()
    (tmp_path / "own.pem").write_bytes(whole)


@needs_sighup
def test_a_terminal_that_is_closed_ends_the_server(data: Path) -> None:
    """The system's SIGHUP then: nobody could end it with Ctrl+C any more."""
    ours, theirs = os.openpty()
    try:
        running = start(data, "serve", stdin=theirs)
        os.close(theirs)
        running.process.send_signal(signal.SIGHUP)
        _until(lambda: "the certificate is as it was" in running.log.read_text())
    finally:
        os.close(ours)
    running.process.send_signal(signal.SIGHUP)
    assert running.process.wait(timeout=PATIENCE) == 0
    _ended(running)
