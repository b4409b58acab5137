"""Writes one user's dialogue with the server to a file, masked, for as long as somebody asks."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from imapgate.connections.clock import Clock, Timer
from imapgate.connections.turns import Call
from imapgate.folders import incidents, traces
from imapgate.folders.traces import Wanted
from imapgate.session.grammar_limits import grammar_limits
from imapgate.session.receiver import Ending, Received, Refused, Text, Upload, Whole
from imapgate.session.session import Session
from imapgate.wire import masking
from storage import Database
from storage.engine import Unavailable

MIB = 1024 * 1024
LONGEST_FILE = 20 * MIB
"""Octets, after which a trace ends by itself."""
MOST_WAITING = MIB
"""Octets of lines that wait for the disk; beyond that lines are left out, and counted."""
GATHERED = 0.25
"""Seconds in which lines gather before they are written."""


class Traces:
    """All traces of a process. A listener of the hub: who asks for one tells it as news of
    people."""

    def __init__(self, db: Database, call: Call, clock: Clock) -> None:
        """The files stand beside the database. call: one hop off the reactor."""
        self.running: dict[int, Trace] = {}
        """By the person's id; empty nearly always, so that a command costs one look at it."""
        self._db = db
        self._call = call
        self._clock = clock
        self._looking = False
        self._again = False
        self._closed = False

    def folder_changed(self) -> None:
        """Nothing to do with traces."""

    def people_changed(self) -> None:
        """Look which traces are wanted now."""
        if self._closed:
            return
        if self._looking:
            self._again = True
            return
        self._looking = True
        self._call(lambda: self._db.read(traces.wanted)).addCallbacks(
            self._take, _not_looked
        ).addBoth(self._looked)

    def heard(self, session: Session, received: Received) -> Dialogue | None:
        """A session's part of its user's trace, if one runs; what it received is the first line.
        Only where a response may begin."""
        person = session.person
        trace = None if person is None else self.running.get(person.id)
        if trace is None:
            return None
        dialogue = Dialogue(trace, session)
        dialogue.client(received)
        return dialogue

    def close(self) -> Deferred[None]:
        """The server stops: every trace ends; fires when their lines are written."""
        self._closed = True
        over: Deferred[None] = Deferred()
        ending = list(self.running.values())

        def one_less(trace: Trace) -> None:
            ending.remove(trace)
            if not ending:
                over.callback(None)

        for trace in tuple(ending):
            trace.end("the server stops", one_less)
        if not ending and not over.called:
            over.callback(None)
        return over

    def _looked(self, _: None) -> None:
        self._looking = False
        if self._again:
            self._again = False
            self.people_changed()

    def _take(self, wanted: list[Wanted]) -> None:
        named = {one.person_id: one for one in wanted}
        for person_id, trace in tuple(self.running.items()):
            if named.get(person_id) != trace.wanted:
                trace.end("it was ended")
        for person_id, one in named.items():
            if person_id not in self.running and not self._closed:
                self._begin(person_id, one)

    def _begin(self, person_id: int, wanted: Wanted) -> None:
        def over() -> None:
            if self.running.get(person_id) is trace:
                del self.running[person_id]
            if not self._closed:
                self._call(lambda: self._db.write(lambda tx: traces.end(tx, wanted))).addErrback(
                    _not_looked
                )

        path = self._db.path.parent / traces.DIRECTORY / wanted.file
        trace = Trace(wanted, path, self._call, self._clock, over)
        self.running[person_id] = trace


class Trace:
    """One file. Sessions hand it lines and never wait: a worker thread appends what gathered."""

    def __init__(
        self,
        wanted: Wanted,
        path: Path,
        call: Call,
        clock: Clock,
        over: Callable[[], None],
    ) -> None:
        """over: called once when it takes no more lines."""
        self.wanted = wanted
        self._path = path
        self._call = call
        self._clock = clock
        self._over = over
        self._ended = False
        self._written: Callable[[Trace], None] | None = None
        self._lines: list[bytes] = []
        self._waiting = 0
        self._size = 0
        self._left_out = 0
        self._sessions = 0
        self._writing = False
        self._gathering: Timer | None = None
        seconds = max(0.0, wanted.until - datetime.now(UTC).timestamp())
        self._limit = clock.callLater(seconds, lambda: self.end("its time is up"))
        self.line("", "-- the trace begins")

    @property
    def ended(self) -> bool:
        return self._ended

    def number(self) -> int:
        """The next session's."""
        self._sessions += 1
        return self._sessions

    def line(self, session: str, text: str) -> None:
        """session: `S3 `, or nothing. text: printable."""
        if self._ended:
            return
        if self._waiting > MOST_WAITING:
            self._left_out += 1
            return
        self._add(session, text)
        if self._size > LONGEST_FILE:
            self.end(f"the file has reached {LONGEST_FILE // MIB} MiB")
        elif self._gathering is None and not self._writing:
            self._gathering = self._clock.callLater(GATHERED, self._flush)

    def end(self, reason: str, written: Callable[[Trace], None] | None = None) -> None:
        """written: called when its last line is in the file, or can't be."""
        self._written = written
        if self._ended:
            return
        self._ended = True
        if self._limit.active():
            self._limit.cancel()
        self._add("", f"{traces.ENDS}: {reason}")
        if self._gathering is not None:
            self._gathering.cancel()
        if not self._writing:
            self._flush()
        self._over()

    def _add(self, session: str, text: str) -> None:
        if self._left_out:
            text, self._left_out = f"{text} ({self._left_out} lines were left out before)", 0
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        made = f"{at} {session}{text}\n".encode("utf-8", "backslashreplace")
        self._lines.append(made)
        self._waiting += len(made)
        self._size += len(made)

    def _flush(self) -> None:
        self._gathering = None
        if not self._lines:
            if self._ended and self._written is not None:
                self._written(self)
            return
        lines, self._lines, self._waiting = self._lines, [], 0
        self._writing = True
        self._call(lambda: _append(self._path, b"".join(lines))).addErrback(
            self._not_written
        ).addCallback(self._flushed)

    def _flushed(self, _: None) -> None:
        self._writing = False
        if self._lines or self._ended:
            self._flush()

    def _not_written(self, failure: Failure) -> None:
        """A full disk, say: then there is no trace, and mail goes on."""
        self._lines.clear()
        error = failure.value
        if not self._ended:
            if isinstance(error, Exception):
                incidents.report(error, "writing a trace")
            self._ended = True
            if self._limit.active():
                self._limit.cancel()
            self._over()


class Dialogue:
    """One session's lines in its user's trace."""

    def __init__(self, trace: Trace, session: Session) -> None:
        self._trace = trace
        self._name = f"S{trace.number()} "
        self._answers = masking.Answers()
        self._grammar = grammar_limits(session.server.limits, session.server.workarounds)
        client = f", {session.client}" if session.client else ""
        trace.line(self._name, f"-- from {session.address}{client}")

    @property
    def ended(self) -> bool:
        return self._trace.ended

    def client(self, received: Received) -> None:
        """What came, as the session takes it up."""
        match received:
            case Whole(parts):
                self._answers.tag, said = masking.command(parts, self._grammar)
            case Upload(parts, octets):
                self._answers.tag, said = masking.announced(parts, octets, self._grammar)
            case Text(text):
                done = text is not None and text.strip().upper() == b"DONE"
                said = "DONE" if done else f"({0 if text is None else len(text)} octets)"
            case Refused(tag):
                if tag != self._answers.tag:
                    self._answers.tag = None  # It may be anything, a password too.
                said = "(a command that is refused before its end)"
            case Ending():
                said = "(beyond all bounds)"
        self._trace.line(self._name, f"C: {said}")

    def server(self, octets: bytes) -> None:
        """What goes out, in pieces of any size."""
        for said in self._answers.feed(octets):
            self._trace.line(self._name, f"S: {said}")

    def gone(self) -> None:
        """The connection has ended."""
        self._trace.line(self._name, "-- gone")


def _append(path: Path, octets: bytes) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    made = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with open(made, "ab") as out:
        out.write(octets)


def _not_looked(failure: Failure) -> None:
    """The database is away: the next news of people looks again."""
    error = failure.value
    if isinstance(error, Exception) and not isinstance(error, Unavailable):
        incidents.report(error, "looking for traces")
