"""Servers that are killed: forked by a zygote, each on its data directory, on loopback."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Server:
    """A server process; port None: it ended before it listened."""

    zygote: Zygote
    pid: int
    port: int | None

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        os.kill(self.pid, signal.SIGKILL)
        self.ended()

    def kill_starting(self) -> None:
        """The same of a server that `begin` gave."""
        os.kill(self.pid, signal.SIGKILL)
        self.zygote.answer()
        self.ended()

    def kill_stopping(self, seconds: float) -> None:
        """SIGTERM, and SIGKILL so much later, whether it has ended by then or not."""
        os.kill(self.pid, signal.SIGTERM)
        time.sleep(seconds)
        self.kill()

    def stop(self) -> None:
        """SIGTERM; it must end well."""
        os.kill(self.pid, signal.SIGTERM)
        assert self.ended() == 0, self.zygote.log.read_text()

    def ended(self) -> int:
        """Waits for its end: the exit code, or minus the signal that killed it."""
        return os.waitstatus_to_exitcode(self.zygote.ask(reap=self.pid)["status"])


class Zygote:
    """Starts servers. Use as a context manager: it leaves no process behind."""

    def __init__(self, log: Path) -> None:
        """log: what all servers log."""
        self.log = log
        with log.open("a") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-W", "error", str(HERE / "zygote.py")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=environment(),
            )

    def __enter__(self) -> Zygote:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(timeout=30)
        finally:
            self._process.kill()
            self._process.stdout.close()

    def start(self, data: Path, **wanted: Any) -> Server:
        """A server that listens. wanted: see kill_points.install."""
        server = self.begin(data, **wanted)
        port = self.answer()["port"]
        assert port is not None, self.log.read_text()
        return Server(self, server.pid, port)

    def begin(self, data: Path, **wanted: Any) -> Server:
        """A server that is starting: `answer` has to be called for its port."""
        pid = self.ask(serve=str(data), log=str(self.log), wanted=wanted)["pid"]
        return Server(self, pid, None)

    def run(self, data: Path, *words: str, **wanted: Any) -> int:
        """Another command beside the server: its exit code, or minus the signal that killed it."""
        pid = self.ask(serve=str(data), words=words, log=str(self.log), wanted=wanted)["pid"]
        assert self.answer()["port"] is None
        return Server(self, pid, None).ended()

    def ask(self, **order: Any) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.poll() is None, self.log.read_text()
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self.answer()

    def answer(self) -> dict[str, Any]:
        """The next line of what the zygote says."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, f"the zygote has ended\n{self.log.read_text() if self.log.exists() else ''}"
        found: dict[str, Any] = json.loads(line)
        return found


def environment() -> dict[str, str]:
    """Nobody's settings, and nothing that writes into the source tree. Each change of an activity
    is a revision of its message, so that servers die while they write one."""
    own = {key: value for key, value in os.environ.items() if not key.startswith("IMAPGATE_")}
    return {**own, "PYTHONUNBUFFERED": "1", "IMAPGATE_LIMITS_REVISION_TIME": "0"}


def copied(source: Path, target: Path) -> Path:
    """The data directory target, made of the files of source."""
    target.mkdir(mode=0o700)
    for one in source.iterdir():
        if one.is_dir():
            shutil.copytree(one, target / one.name)
        else:
            shutil.copy(one, target / one.name)
    return target
