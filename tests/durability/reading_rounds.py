"""What a process does that reads an account's maildrop and dies on the way."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from maildrop import Maildrop, MaildropSource
from sqlalchemy import Connection, Engine, event

from imapgate.folders import arriving
from imapgate.incoming import filing, rounds
from imapgate.incoming.accounts import effective, list_accounts
from imapgate.incoming.work import file_due
from imapgate.limits import Limits
from storage import Database, incoming, writer

MOST_ROUNDS = 20


def run(order: dict[str, Any]) -> int:
    """order: rounds: the maildrop's directory; serve: the data directory; wanted: die_at: the step
    at which the process dies, 0: none; steps: a file that tells how many there were; fault: what is
    to be done wrong, to see whether it is seen."""
    wanted = order["wanted"]
    tick = _Ticks(wanted.get("die_at", 0))
    with_fault(wanted.get("fault"))
    db = Database.open(Path(order["serve"]) / "imapgate.db")
    try:
        _tick_in_writer(tick)
        source = MaildropSource(Maildrop(Path(order["rounds"])), tick)
        (account,) = db.read(list_accounts)
        reading = db.read(lambda tx: effective(tx, account))
        file_due(db, Limits(), 0)
        for _ in range(MOST_ROUNDS):
            if not rounds.run_round(db, account, reading, source, Limits()).more:
                break
        source.close()
    finally:
        db.close()
    if "steps" in wanted:
        Path(wanted["steps"]).write_text(str(tick.steps))
    return 0


class _Ticks:
    """Counts steps, in whichever thread, and ends the process at one of them."""

    def __init__(self, die_at: int) -> None:
        self._die_at = die_at
        self._steps = count(1)
        self.steps = 0

    def __call__(self) -> None:
        self.steps = next(self._steps)
        if self.steps == self._die_at:
            os.kill(os.getpid(), signal.SIGKILL)
            threading.Event().wait()  # the signal is on its way


def _tick_in_writer(tick: Callable[[], None]) -> None:
    """Within each request, before and after each COMMIT."""
    run, answer = writer._run, writer.Writer._answer

    def ran(connection: Connection, request: Any) -> Any:
        outcome = run(connection, request)
        tick()
        return outcome

    def committing(_: Connection) -> None:
        if threading.current_thread().name == "imapgate-writer":
            tick()

    def answered(self: Any, outcomes: Any) -> None:
        tick()
        answer(self, outcomes)

    writer._run = ran
    writer.Writer._answer = answered  # type: ignore[method-assign]
    event.listen(Engine, "commit", committing)


def with_fault(name: str | None) -> None:
    """Only ever in a process that was forked for one test."""
    if name is not None:
        FAULTS[name]()


def _settled_too_early() -> None:
    """What was read is deleted before it is committed."""
    take = rounds._Running._take_together

    def early(self: Any, batch: Any) -> None:
        self.source.settle([one.key for one in batch], "delete", None)
        take(self, batch)

    rounds._Running._take_together = early  # type: ignore[method-assign]


def _filed_apart() -> None:
    """The state is changed in a transaction after the one that files."""
    change, arrive = incoming.change, filing.arrive
    later: list[Callable[[], None]] = []

    def put_off(tx: Any, row_id: int, **columns: Any) -> None:
        if columns.get("state") == incoming.FILED:
            later.append(partial(change, row_id=row_id, **columns))
        else:
            change(tx, row_id, **columns)

    file_it = filing._file

    def file_apart(db: Any, *more: Any) -> Any:
        came = file_it(db, *more)
        while later:
            db.write(later.pop())
        return came

    assert arrive is arriving.arrive
    filing.incoming = _Patched(incoming, change=put_off)  # type: ignore[assignment]
    filing._file = file_apart


def _known_by_bytes() -> None:
    """Two equal mails are taken for one."""
    rounds._Running._same = lambda self, row, fetched: True  # type: ignore


def _keys_trusted() -> None:
    """A UIDL that was known once is known for ever."""
    rounds._Running._ought_to_be_gone = lambda self, row: False  # type: ignore[method-assign]

    def settled_unread(self: Any, one: Any, row: Any) -> Any:
        self.settling[one.key] = row.id
        return iter(())

    rounds._Running._compared = settled_unread  # type: ignore[method-assign]


class _Patched:
    """A module with another function in it."""

    def __init__(self, module: Any, **others: Any) -> None:
        self._module = module
        self.__dict__.update(others)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


FAULTS: dict[str, Callable[[], None]] = {
    "settled too early": _settled_too_early,
    "filed apart": _filed_apart,
    "known by bytes": _known_by_bytes,
    "keys trusted": _keys_trusted,
}
