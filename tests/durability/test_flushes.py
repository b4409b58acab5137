"""One flush serves all sessions that wait for it, and none is answered before it (rule 19)."""

from __future__ import annotations

import re
import threading
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from events import Flush, Received, Sent
from imap import Answer, Client
from mails import mail
from recording import recorded

from storage import Database

SESSIONS = 6
LOG = "imapgate.db-wal"


def test_a_flush_serves_all_that_wait(data: Path, tmp_path: Path, figures: Counter[str]) -> None:
    """Six drops that arrive together: one COMMIT, one flush, then six OKs."""
    armed = tmp_path / "armed"
    answers: list[Answer] = []
    wanted = {"gather": SESSIONS, "armed": str(armed), "still": True}
    with recorded(data, tmp_path / "record", **wanted) as (port, events):
        clients = [Client(port, "alice", f"f{number}") for number in range(SESSIONS)]
        rng = Random(3)
        # The log's own header is flushed with the first drop that stands in it.
        assert _drop(clients[0], rng, "first").status == "OK"
        armed.touch()
        threads = [
            threading.Thread(
                target=lambda n=n: answers.append(_drop(clients[n], Random(n), str(n)))
            )
            for n in range(SESSIONS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for client in clients:
            client.close()
    assert [one.status for one in answers] == ["OK"] * SESSIONS
    assert sorted(one.uids[0] for one in answers) == list(range(2, SESSIONS + 2))
    arrived = [
        one.left
        for one in events
        if isinstance(one, Received) and b"Subject: Together" in one.octets
    ]
    answered = [
        one.entered
        for one in events
        if isinstance(one, Sent) and re.search(rb"f\dx\d+ OK \[APPENDUID", one.octets)
    ][1:]
    assert len(answered) == SESSIONS
    between = [
        one
        for one in events
        if isinstance(one, Flush)
        and one.file == LOG
        and max(arrived) < one.entered
        and one.left < min(answered)
    ]
    assert len(between) == 1
    figures["sessions served by one flush"] += SESSIONS


@pytest.mark.usefixtures("real_flushes")
def test_every_connection_flushes(db: Database) -> None:
    """Whichever writes or brings the log home; where the system has a stronger flush, that one."""
    for engine in (db._writing, db._readers, db._bare):
        with engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
            assert connection.exec_driver_sql("PRAGMA fullfsync").scalar() == 1


def _drop(client: Client, rng: Random, mark: str) -> Answer:
    content = mail(rng, mark, "Together" if mark != "first" else "First", 300)
    return client.command('APPEND "Trackers/Support" ', content)
