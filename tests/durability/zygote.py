"""A process that has imported everything and forks servers: a start costs a tenth of a second.

It reads orders from its standard input and writes what came of them, one JSON object a line:

    {"serve": DATA, "log": FILE, "wanted": {...}}   -> {"pid": n}, then {"port": n}
    {"reap": PID}                                   -> {"status": n} once it has ended

With "words" it runs that command instead of `serve`, with "rounds" what reading_rounds.run says,
with "sends" what sending_mails.run does.
port: null if it ended without listening. wanted: see kill_points.install. At the end of its input
it kills the servers that are left. With one argument, a file of such an order, it serves by itself
(a tracer needs one process).
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from functools import cache, partial
from pathlib import Path
from typing import Any

import kill_points
import reading_rounds
import sending_mails
from argon2 import PasswordHasher

import imapgate.service  # noqa: F401 (loaded before it is forked)
from imapgate.activities import passwords
from imapgate.cli.main import imapgate as command

cheap_hasher = cache(partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1))
"""Each start signs several people in, and their passwords are nobody's secret."""
_PORT = re.compile(rb"Listening on \S+: port (\d+) ")


def serve(order: dict[str, Any]) -> int:
    """`imapgate serve`, or what words say, as the command line has it; its exit code."""
    if "rounds" in order:
        return reading_rounds.run(order)
    if "sends" in order:
        return sending_mails.run(order)
    passwords._hasher = cheap_hasher
    kill_points.install(order["wanted"])
    words = order.get("words", ["serve", "--port", "0", "--tls-port", "0"])
    code = command.main(["--data", order["serve"], *words], "imapgate", standalone_mode=False)
    return code if isinstance(code, int) else 0


def _fork(order: dict[str, Any]) -> tuple[int, int]:
    """(pid, where it tells its port)."""
    told, tell = os.pipe()
    pid = os.fork()
    if pid:
        os.close(tell)
        return pid, told
    code = 1
    try:
        os.close(told)
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for one, number in ((nothing, 0), (tell, 1), (log, 2)):
            os.dup2(one, number)
            os.close(one)
        code = serve(order)
    except BaseException:  # noqa: BLE001 (told; a forked child returns to nobody)
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _port(told: int) -> int | None:
    """None if it ended before it listened."""
    said = b""
    with os.fdopen(told, "rb", buffering=0) as pipe:
        while (found := _PORT.search(said)) is None:
            more = pipe.read(4096)
            if not more:
                return None
            said += more
    return int(found[1])


def _say(**words: int | None) -> None:
    print(json.dumps(words), flush=True)


def main() -> None:
    """See the top of this file."""
    running: set[int] = set()
    try:
        for line in sys.stdin:
            order = json.loads(line)
            if "reap" in order:
                pid, status = os.waitpid(order["reap"], 0)
                running.discard(pid)
                _say(status=status)
                continue
            pid, told = _fork(order)
            running.add(pid)
            _say(pid=pid)
            _say(port=_port(told))
    finally:
        for pid in running:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(serve(json.loads(Path(sys.argv[1]).read_text())))
    else:
        main()
