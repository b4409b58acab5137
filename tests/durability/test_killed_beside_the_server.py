"""Another process, on the same database as the server, dies in its commit: the server and its
sessions go on, and of the dead one's work all is there or nothing (rules 1, 19)."""

from __future__ import annotations

import signal
from collections import Counter
from contextlib import closing
from pathlib import Path

from ledger import Memory, settle
from load import Worker
from looking import fetched
from servers import Zygote
from stored import Rows, calm, connected

POINTS = (
    {"point": "before commit"},
    {"point": "inside commit", "octets": 100},
    {"point": "inside commit", "octets": 8_240},
    {"point": "after commit"},
)
USERS = ("alice", "bob")
STEPS = 25


def test_the_server_goes_on(zygote: Zygote, data: Path, figures: Counter[str]) -> None:
    """Commands that make activities die one after the other while two sessions are at work."""
    armed = data.parent / "armed"
    armed.touch()
    wanted = {"armed": str(armed), "log_file": str(data / "imapgate.db-wal")}
    server = zygote.start(data)
    assert server.port is not None
    workers = [Worker(user, f"{user}{number}", 21) for number, user in enumerate(USERS)]
    for worker in workers:
        worker.begin(server.port, STEPS)
    there = {}
    for number, point in enumerate(POINTS * 2):
        words = ("activity", "new", f"By hand {number}", "--creator", "GadgetASupport")
        died_of = -zygote.run(data, *words, **wanted, **point)
        # Where the log has started over, its file is longer than it, and COMMIT comes to its end.
        whole = point["point"] != "before commit" and died_of == signal.SIGKILL
        assert whole or died_of in (signal.SIGKILL, signal.SIGXFSZ), died_of
        there[f"By hand {number}"] = int(whole)
        figures["kills of another process in its commit"] += 1
    assert set(there.values()) == {0, 1}
    for worker in workers:
        worker.join()
        assert worker.open_step is None, "a session has ended"
    rows = Rows()
    calm(data / "imapgate.db")
    rows.look(data / "imapgate.db")
    found = fetched(server.port, rows)
    accounts = [worker.account for worker in workers]
    settle(found, accounts, [None] * len(accounts), Memory())
    rows.compare(data / "imapgate.db", accounts, found)
    with closing(connected(data / "imapgate.db")) as db:
        for name, number in there.items():
            count = db.execute("SELECT count(*) FROM activity WHERE name = ?", (name,)).fetchone()
            assert count == (number,), name
    server.stop()
