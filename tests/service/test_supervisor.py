"""Whoever started the server hears when it is ready and when it stops (systemd's Type=notify)."""

from __future__ import annotations

import logging
import signal
import socket
import sys
from pathlib import Path

import pytest
from running import start

from imapgate import supervisor

pytestmark = pytest.mark.skipif(
    not hasattr(socket, "AF_UNIX"), reason="this system has no such sockets"
)


def test_it_hears_ready_once_the_ports_are_open_and_stopping_at_the_end(tmp_path: Path) -> None:
    """One datagram each."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(tmp_path / "notify"))
        told.settimeout(40)
        running = start(tmp_path / "demo", "demo", NOTIFY_SOCKET=str(tmp_path / "notify"))
        try:
            assert told.recv(100) == b"READY=1"
            running.imap().logout()
            running.process.send_signal(signal.SIGTERM)
            assert told.recv(100) == b"STOPPING=1"
        finally:
            code, log = running.stop()
        assert code == 0, log
        told.setblocking(False)
        with pytest.raises(BlockingIOError):
            told.recv(100)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has abstract names")
def test_an_abstract_name_begins_with_an_at_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind("")
        told.settimeout(10)
        name = bytes(told.getsockname()).decode()
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + name[1:])
        supervisor.tell(supervisor.READY)
        assert told.recv(100) == b"READY=1"


def test_nobody_there_is_no_reason_to_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged; without the variable nothing happens."""
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    with caplog.at_level(logging.WARNING):
        supervisor.tell(supervisor.READY)
    assert "can't be told READY=1" in caplog.text
    caplog.clear()
    monkeypatch.delenv("NOTIFY_SOCKET")
    supervisor.tell(supervisor.READY)
    assert not caplog.records
