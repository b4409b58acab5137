"""Starts a demo server for each test that talks to one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import thunderbird_profile
from demo_server import PASSWORD, Demo, wait_for
from dovecot import free_ports
from smtp_sink import Sink
from thunderbird import Thunderbird, running


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """A demo server on free ports with its own database; ended by SIGTERM, which must exit 0."""
    found = Demo(*free_ports(3), tmp_path / "demo")
    ports = ("--port", str(found.port), "--tls-port", str(found.tls_port))
    with (tmp_path / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "imapgate", "--data", str(found.data), "demo", *ports],
            stdout=log,
            stderr=subprocess.STDOUT,
            env={
                **os.environ,
                "PYTHONWARNINGS": "default",
                "IMAPGATE_HTTP_PORT": str(found.http_port),
            },
        )
        try:
            wait_for(found.port, process)
            yield found
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(timeout=30)
    text = (tmp_path / "server.log").read_text()
    assert code == 0, text
    assert "Traceback" not in text, text


@pytest.fixture
def need(request: pytest.FixtureRequest) -> None:
    """Skip unless the programs that the test's `programs` marker names are installed."""
    marker = request.node.get_closest_marker("client")
    for program in marker.args if marker else ():
        if shutil.which(program) is None:
            pytest.skip(f"needs {program} (a Debian package)")


@pytest.fixture
def authority(demo: Demo, tmp_path: Path) -> Path:
    """As `imapgate cert export-ca` hands it out."""
    demo.command("cert", "export-ca", str(tmp_path / "imapgate-ca.crt"))
    return tmp_path / "imapgate-ca.crt"


@pytest.fixture
def new_thunderbird(need: None, demo: Demo, tmp_path: Path) -> Iterator[Thunderbird]:
    """A Thunderbird that was never used before. Its installation's folder `isp` has the file that
    `imapgate client-setup` writes for a server on another machine: TLS, and an SMTP server."""
    if not thunderbird_profile.PROGRAM.exists():
        pytest.skip(f"needs {thunderbird_profile.PROGRAM} (Debian's package thunderbird)")
    file = tmp_path / "example.org.xml"
    where = ("--host", "0.0.0.0", "--tls-port", str(demo.tls_port), "--output", str(file))
    settings = {"IMAPGATE_NAMES": "localhost", "IMAPGATE_OUTGOING_HOST": "smtp.example.org"}
    demo.command("client-setup", "thunderbird", "alice", *where, **settings)
    launcher = thunderbird_profile.make_program(tmp_path / "program", [file])
    thunderbird_profile.make_profile(tmp_path / "profile", demo.http_port)
    with (
        (tmp_path / "thunderbird.log").open("wb") as log,
        running(launcher, tmp_path / "profile", log) as started,
    ):
        yield started


@pytest.fixture
def thunderbird(new_thunderbird: Thunderbird, authority: Path) -> Thunderbird:
    """Trusts the server's authority, and Alice has set her account up."""
    new_thunderbird.trust(authority.read_text())
    new_thunderbird.find_account("Alice", "alice@example.org")
    new_thunderbird.add_account(PASSWORD)
    new_thunderbird.close_hub()
    return new_thunderbird


@pytest.fixture
def submission_port(monkeypatch: pytest.MonkeyPatch) -> int:
    """Of the listener; set before the demo starts."""
    (port,) = free_ports(1)
    monkeypatch.setenv("IMAPGATE_SUBMISSION_TLS_PORT", str(port))
    return int(port)


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    with Sink(tmp_path / "sink") as made:
        yield made
