"""A real `imapgate demo` or `imapgate serve` in a process of its own, on ports that are free."""

from __future__ import annotations

import imaplib
import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from imapgate.cli.main import imapgate

HOST = "127.0.0.1"
PORTS = re.compile(r"(?s)(\d+) (?:without encryption|\(IMAP).*?(\d+) (?:TLS|\(TLS\))")


def words(data: Path, *rest: str) -> list[str]:
    return [sys.executable, "-m", "imapgate", "--data", str(data), *rest]


def environment(**more: str) -> dict[str, str]:
    own = {key: value for key, value in os.environ.items() if not key.startswith("IMAPGATE_")}
    return {**own, "PYTHONUNBUFFERED": "1", **more}


@dataclass
class Running:
    """A server that listens; `stop` ends it and says what it had logged."""

    process: subprocess.Popen[str]
    data: Path
    log: Path
    told: str
    port: int
    tls_port: int

    def imap(self, user: str = "alice@Standard", password: str = "demo") -> imaplib.IMAP4:
        client = imaplib.IMAP4(HOST, self.port, timeout=30)
        client.login(user, password)
        return client

    def command(self, *rest: str) -> str:
        """What `imapgate` prints beside the server: on the same database, in the test's process."""
        done = CliRunner().invoke(imapgate, ["--data", str(self.data), *rest])
        assert done.exit_code == 0, (done.output, done.exception)
        return done.stdout

    def json(self, *rest: str) -> Any:
        return json.loads(self.command(*rest, "--json"))

    def stop(self, by: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """(exit code, the log)."""
        if self.process.poll() is None:
            self.process.send_signal(by)
        try:
            code = self.process.wait(timeout=40)
        finally:
            self.process.kill()
            if self.process.stdout:
                self.process.stdout.close()
        return code, self.log.read_text()


def start(data: Path, *rest: str, stdin: int = subprocess.DEVNULL, **environ: str) -> Running:
    """rest: `demo` or `serve` with options; ports are chosen by the system."""
    data.parent.mkdir(exist_ok=True)
    log = data.parent / f"{data.name}.log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            words(data, *rest, "--port", "0", "--tls-port", "0"),
            stdout=subprocess.PIPE,
            stdin=stdin,
            stderr=errors,
            text=True,
            env=environment(PYTHONWARNINGS="default", **environ),
        )
    assert process.stdout
    told = ""
    for line in process.stdout:
        told += line
        if "activity show" in line or "Listening" in line:
            break
    found = PORTS.search(told)
    if found is None:
        process.kill()
        process.wait()
        process.stdout.close()
        raise AssertionError(f"{told}\n{log.read_text()}")
    return Running(process, data, log, told, int(found[1]), int(found[2]))
