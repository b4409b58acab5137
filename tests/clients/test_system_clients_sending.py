"""curl sends through the submission listener, as a script does."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_server import HOST, PASSWORD, Demo, mail
from dovecot import free_ports
from smtp_sink import Sink

pytestmark = [pytest.mark.client("curl"), pytest.mark.usefixtures("need")]


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    """Of the listener; set before the demo starts."""
    (found,) = free_ports(1)
    monkeypatch.setenv("IMAPGATE_SUBMISSION_PORT", str(found))
    return int(found)


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    with Sink(tmp_path / "sink") as made:
        yield made


def _curl(port: int, file: Path, *more: str) -> subprocess.CompletedProcess[str]:
    words = ["--silent", "--show-error", "--max-time", "60", "--url", f"smtp://{HOST}:{port}"]
    words += ["--user", f"alice@Standard:{PASSWORD}", "--mail-from", "alice@example.org"]
    words += ["--mail-rcpt", "erika@example.net", "--upload-file", str(file), *more]
    return subprocess.run(["curl", *words], capture_output=True, text=True, timeout=90)


def test_curl_sends_with_starttls(
    port: int, sink: Sink, demo: Demo, authority: Path, tmp_path: Path
) -> None:
    """Bytes arrive as they were; a file with bare line feeds is refused, and `--crlf` mends
    that."""
    words = ("--host", HOST, "--port", str(sink.port), "--security", "none")
    demo.command("mailer", "add", "main", *words, "--from", "crm@example.org")
    content = mail(1, "By curl, #10000001", body=".\r\n..\r\nEnd.\r\n", sender="alice@example.org")
    file = tmp_path / "mail.eml"
    file.write_bytes(content)
    tls = ("--ssl-reqd", "--cacert", str(authority))
    done = _curl(port, file, *tls)
    assert (done.returncode, done.stderr) == (0, "")
    assert sink.messages == [content]
    file.write_bytes(content.replace(b"\r\n", b"\n"))
    refused = _curl(port, file, "--verbose")
    assert refused.returncode != 0
    assert "< 550 5.6.0 Not sent: a line of it ends with CR or LF alone" in refused.stderr
    assert _curl(port, file, "--crlf").returncode == 0
    assert sink.messages == [content, content]
    assert [link["number"] for link in demo.activity_of("client-1@example.net")["links"]] == [
        10000001
    ]
