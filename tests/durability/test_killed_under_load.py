"""The server is killed at random moments while sessions drop, copy, move, mark and expunge; after
each restart everything that was acknowledged must be there, and nothing by halves (rules 1, 3, 8).

IMAPGATE_KILL_CYCLES says how many kills there are, IMAPGATE_KILL_SEED where they begin: the message
of a failure names the seed of its life, which can be run alone.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from ledger import Memory, settle
from load import Worker
from looking import fetched
from servers import Server, Zygote, copied
from stored import Rows, calm
from world import World

CYCLES = int(os.environ.get("IMAPGATE_KILL_CYCLES", "12"))
SEED = int(os.environ.get("IMAPGATE_KILL_SEED", "1"))
LIFE = max(6, CYCLES // 10)
"""Kills that one database has to survive at most."""
LOAD = 80
"""Commands that are acknowledged at most before the kill."""
MOMENT = 0.03
"""Seconds at most between the last of them and the kill."""
STOPPING = 0.1
"""Seconds at most between SIGTERM and the kill."""
PATIENCE = 60.0
USERS = ("alice", "alice", "bob", "bob", "carol")
LIVES = [
    (SEED + number, min(LIFE, CYCLES - start))
    for number, start in enumerate(range(0, CYCLES, LIFE))
]


@pytest.mark.parametrize(("seed", "kills"), LIVES, ids=[f"seed {seed}" for seed, _ in LIVES])
def test_nothing_acknowledged_is_lost(
    seed: int,
    kills: int,
    zygote: Zygote,
    template: tuple[Path, World],
    tmp_path: Path,
    figures: Counter[str],
) -> None:
    """Every acknowledged message is there once, byte-identical, with its activity, links and
    follow-ups; what was refused is in Recovered Messages; what wasn't acknowledged is whole or
    absent, and once there when it is repeated; no UID or number is used twice."""
    life = Life(seed, zygote, copied(template[0], tmp_path / "data"), figures)
    for _ in range(kills):
        life.work_and_be_killed()
    life.end()


class Life:
    """One database, from kill to kill."""

    def __init__(self, seed: int, zygote: Zygote, data: Path, figures: Counter[str]) -> None:
        self._rng = Random(seed)
        self._zygote = zygote
        self._data = data
        self._figures = figures
        self._workers = [Worker(user, f"{user}{number}", seed) for number, user in enumerate(USERS)]
        self._memory = Memory()
        self._rows = Rows()

    def work_and_be_killed(self) -> None:
        """One cycle: start, look, work, kill."""
        server = self._started()
        self._look(server, whole=self._rng.random() < 0.3)
        assert server.port is not None
        for worker in self._workers:
            worker.begin(server.port)
        self._wait_for(self._rng.randrange(LOAD))
        time.sleep(self._rng.uniform(0.0, MOMENT))
        if self._rng.random() < 0.2:
            server.kill_stopping(self._rng.uniform(0.0, STOPPING))
            self._figures["kill cycles survived, killed while stopping"] += 1
        else:
            server.kill()
        for worker in self._workers:
            worker.join()
        self._figures["kill cycles survived"] += 1

    def end(self) -> None:
        """A last look, after which the server ends by itself, and `doctor` has nothing to say."""
        server = self._started()
        self._look(server, whole=True)
        server.stop()
        self._rows.look(self._data / "imapgate.db")
        assert self._zygote.run(self._data, "doctor") == 0
        acknowledged = sum(worker.acknowledged for worker in self._workers)
        assert acknowledged, "nothing was done"
        self._figures["commands acknowledged under load"] += sum(
            len(worker.history) for worker in self._workers
        )
        self._figures["messages acknowledged under load"] += acknowledged

    def _wait_for(self, commands: int) -> None:
        """Until so many more are acknowledged, whatever the machine's speed."""
        until = time.monotonic() + PATIENCE
        enough = sum(len(worker.history) for worker in self._workers) + commands
        while sum(len(worker.history) for worker in self._workers) < enough:
            assert all(worker.works for worker in self._workers), "a session has ended"
            assert time.monotonic() < until, "the sessions stand still"
            time.sleep(0.002)

    def _started(self) -> Server:
        """Now and then a start is killed as well: it must do no harm to the next one. Half of the
        servers bring the log home all the time, so that many are killed while they do."""
        while self._rng.random() < 0.2:
            server = self._zygote.begin(self._data)
            time.sleep(self._rng.uniform(0.0, 0.15))
            server.kill_starting()
            self._figures["starts killed"] += 1
        if self._rng.random() < 0.5:
            return self._zygote.start(self._data, checkpoint_from=200_000)
        return self._zygote.start(self._data)

    def _look(self, server: Server, whole: bool) -> None:
        assert server.port is not None
        file = self._data / "imapgate.db"
        calm(file)
        self._rows.look(file, whole)
        found = fetched(server.port, self._rows)
        accounts = [worker.account for worker in self._workers]
        undecided = [worker.open_step for worker in self._workers]
        done = settle(found, accounts, undecided, self._memory)
        self._rows.compare(file, accounts, found)
        for worker, step, one in zip(self._workers, undecided, done, strict=True):
            worker.settled(one)
            if step is not None:
                self._figures[f"commands cut off, found {'done' if one else 'undone'}"] += 1
        self._figures["messages compared octet by octet"] += found.count
