"""A process of its own in which commands die: it has loaded everything, and forks a child for each.

Started as a script. Each line that it reads is a JSON list [database, command, step]: the child
runs that command of `scene.COMMANDS` on a furnished database and ends, without any farewell, at
that step: a statement or a COMMIT of the writer, counted from 1 (0: never). It answers `died`, or
`ended` where there were fewer steps.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

DIED, ENDED = 77, 0


@contextmanager
def graveyard() -> Iterator[Callable[[Path, str, int], bool]]:
    """Gives the function that runs a command on a database up to a step: whether it died there."""
    process = subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(one for one in sys.path if one)},
    )
    questions, answers = process.stdin, process.stdout
    assert questions is not None
    assert answers is not None

    def run(path: Path, command: str, step: int) -> bool:
        questions.write(json.dumps([str(path), command, step]) + "\n")
        questions.flush()
        word = answers.readline().strip()
        assert word in ("died", "ended"), word
        return word == "died"

    try:
        yield run
    finally:
        questions.close()
        answers.close()
        process.wait(30)


def main() -> None:
    """Reads and answers until its input ends."""
    import scene  # noqa: F401  # loaded once, for all children

    for line in sys.stdin:
        path, command, step = json.loads(line)
        child = os.fork()
        if child == 0:
            _live(Path(path), command, step)
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        sys.stdout.write({DIED: "died", ENDED: "ended"}.get(code, f"code {code}") + "\n")
        sys.stdout.flush()


def _live(path: Path, name: str, step: int) -> None:
    """Never returns."""
    try:
        _run(path, name, step)
    except BaseException as error:  # noqa: BLE001 (told, and then the child is over)
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        os._exit(1)
    os._exit(ENDED)


def _run(path: Path, name: str, step: int) -> None:
    from scene import COMMANDS, NOW, Scene, without_flushes
    from sqlalchemy import event
    from transcript import Stage
    from world import World

    from imapgate.activities import passwords
    from storage import Database

    # What a password costs isn't what is tested, and takes long.
    passwords.matches = lambda _hash, _password: True
    passwords.is_outdated = lambda _hash: False
    time.time = lambda: float(NOW)  # So that the rows are those of a run that didn't die.
    db = Database.open(path)
    event.listen(db._writing, "connect", without_flushes)
    scene = Scene(Stage(World(db, 0, {}, {})), b"", path.with_name("spool"))
    command = next(one for one in COMMANDS if one.name == name)
    scene.begin(command)
    left = step

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os._exit(DIED)

    for kind in ("do_execute", "do_executemany", "commit"):
        event.listen(db._writing, kind, count)
    scene.say(command)


if __name__ == "__main__":
    main()
