"""SIGKILL leaves what was written, a power cut only what was flushed. So one run is recorded,
write by write and flush by flush, and then the power is cut at hundreds of its moments: each time
what had been acknowledged by then must be there, and nothing by halves (rules 1, 19).

IMAPGATE_POWER_CUTS says how many moments.
"""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import pytest
from desk import Desk
from disk import Disk, Survives
from events import FILES, Event, Flush, Received, Sent, Unnamed, Write
from ledger import PERSONAL, Account, Memory, Receipt, Step, settle
from load import Worker
from looking import read
from recording import recorded
from servers import copied
from stored import Rows
from world import World

from storage import Database

CUTS = int(os.environ.get("IMAPGATE_POWER_CUTS", "45"))
SEED = int(os.environ.get("IMAPGATE_KILL_SEED", "7"))
STEPS = 18
"""Commands of each session of the recorded run."""
USERS = ("alice", "bob", "alice", "carol")
CHECKPOINT = 150_000
"""Octets of log: it is checkpointed and starts over many times in one run."""
_TAGGED = re.compile(rb"(?:^|\n)(\w+s1x\d+) (?:OK|NO|BAD) ")
_DROP = re.compile(rb"(\w+s1x\d+) APPEND ")


@dataclass(frozen=True)
class Run:
    """files: before it. answered: tag -> where in the record its answer was sent."""

    files: dict[str, bytes]
    events: Sequence[Event]
    workers: Sequence[Worker]
    answered: dict[str, int]
    directory: Path


@pytest.fixture(scope="module")
def run(
    template: tuple[Path, World], zygote: object, tmp_path_factory: pytest.TempPathFactory
) -> Run:
    """Four sessions at work, then the server ends by itself. (The zygote has made certificates.)"""
    directory = tmp_path_factory.mktemp("recorded")
    return _record(template[0], directory, STEPS, checkpoint_from=CHECKPOINT)


def _record(template: Path, directory: Path, steps: int, **wanted: object) -> Run:
    data = copied(template, directory / "data")
    files = {name: (data / name).read_bytes() for name in FILES if (data / name).exists()}
    workers = [Worker(user, f"{user}{number}", SEED) for number, user in enumerate(USERS)]
    with recorded(data, directory / "record", **wanted) as (port, events):
        for worker in workers:
            worker.begin(port, steps)
        for worker in workers:
            worker.join()
            assert worker.open_step is None, "a session has ended"
    answered = {}
    for event in events:
        if isinstance(event, Sent):
            for tag in _TAGGED.findall(event.octets):
                answered[tag.decode()] = event.entered
    return Run(files, events, workers, answered, directory)


def test_what_was_acknowledged_survives_a_power_cut(
    run: Run, template: tuple[Path, World], figures: Counter[str]
) -> None:
    """Cut at any moment, whatever part of the unflushed writes has survived."""
    rng = Random(SEED)
    disk = Disk(run.files, run.events)
    for number, position in enumerate(_moments(run, rng)):
        disk.advance(position)
        for survives in Survives if number % 10 == 0 else (rng.choice(list(Survives)),):
            unsure = disk.unsure
            acknowledged = _look(run, template[1], disk.image(survives, rng), position, rng)
            figures["power cuts replayed"] += 1
            figures["power cuts with unflushed writes"] += bool(unsure)
            figures["acknowledged commands checked after power cuts"] += acknowledged


def test_every_answer_waits_for_its_flush(run: Run, figures: Counter[str]) -> None:
    """Between the arrival of a drop and its tagged answer the log was flushed, and several sessions
    share a flush."""
    arrived: dict[str, int] = {}
    for event in run.events:
        if isinstance(event, Received):
            for tag in _DROP.findall(event.octets):
                arrived.setdefault(tag.decode(), event.left)
    flushes = [
        one for one in run.events if isinstance(one, Flush) and one.file == "imapgate.db-wal"
    ]
    drops = [step.tag for worker in run.workers for step, _ in worker.history if step.words]
    assert len(drops) > STEPS
    for tag in drops:
        between = [
            one for one in flushes if arrived[tag] < one.entered and one.left < run.answered[tag]
        ]
        assert between, f"{tag} was answered before a flush"
    figures["drops whose answer waited for a flush"] += len(drops)
    figures["flushes of the log counted"] += len(flushes)


def test_a_power_cut_without_flushes_would_be_seen(
    template: tuple[Path, World], zygote: object, tmp_path: Path
) -> None:
    """The replay can fail: with SQLite told to flush less, it finds acknowledged messages lost."""
    run = _record(template[0], tmp_path, 4, synchronous="NORMAL")
    position = max(run.answered.values()) + 1
    disk = Disk(run.files, run.events)
    disk.advance(position)
    with pytest.raises(AssertionError, match="acknowledged messages are lost"):
        _look(run, template[1], disk.image(Survives.NOTHING, Random(1)), position, Random(1))


def test_the_record_shows_checkpoints(run: Run) -> None:
    """The run that is cut has all that happens to a log: its making, checkpoints, new starts, its
    end."""
    flushed = {one.file for one in run.events if isinstance(one, Flush)}
    assert {"imapgate.db", "imapgate.db-wal", "/"} <= flushed
    starts = [
        one
        for one in run.events
        if getattr(one, "file", "") == "imapgate.db-wal" and getattr(one, "at", None) == 0
    ]
    assert len(starts) > 1
    assert any(isinstance(one, Unnamed) for one in run.events)


def _moments(run: Run, rng: Random) -> list[int]:
    """Where to cut, ascending: a third each just before an answer goes out (the first and the last
    one, too), while a flush is still running, and after a write that none has covered yet."""
    answers = sorted(run.answered.values())
    flushes = [one.left for one in run.events if isinstance(one, Flush)]
    writes = [one.entered + 1 for one in run.events if isinstance(one, Write)]
    chosen = [answers[0], answers[-1], max(one.left for one in run.events) + 1]
    for places in (answers, flushes, writes):
        chosen += rng.choices(places, k=CUTS // 3)
    return sorted(chosen)


def _look(run: Run, world: World, image: dict[str, bytes], position: int, rng: Random) -> int:
    """Opens what a cut has left, and holds it against what was acknowledged by then: so many
    commands."""
    place = run.directory / "cut"
    place.mkdir()
    try:
        for name, octets in image.items():
            (place / name).write_bytes(octets)
        if rng.random() < 0.3:
            (place / "imapgate.db-shm").write_bytes(rng.randbytes(32768))
        accounts, undecided, acknowledged = _accounts(run, position)
        file = place / "imapgate.db"
        database = Database.open(file)
        try:
            here = replace(world, db=database)
            rows = Rows()
            rows.look(file)
            found = read(here, rows)
            settle(found, accounts, undecided, Memory())
            rows.compare(file, accounts, found)
            if rng.random() < 0.2:
                _go_on(here, undecided)
        finally:
            database.close()
    finally:
        shutil.rmtree(place)
    return acknowledged


def _accounts(run: Run, position: int) -> tuple[list[Account], list[Step | None], int]:
    """What each session had been told by then, and its next command, which may have been done."""
    accounts: list[Account] = []
    undecided: list[Step | None] = []
    number = 0
    for worker in run.workers:
        account = Account(dates=dict(worker.account.dates))
        steps = iter(worker.history)
        following: tuple[Step, Receipt] | None = next(steps, None)
        while following is not None and run.answered[following[0].tag] < position:
            account.done(*following)
            number += 1
            following = next(steps, None)
        accounts.append(account)
        undecided.append(following[0] if following else None)
    return accounts, undecided, number


def _go_on(world: World, undecided: Sequence[Step | None]) -> None:
    """The client repeats what was cut off: it is there once, and the database takes it."""
    for user, step in zip(USERS, undecided, strict=True):
        if step is None or not step.words or step.wrapper_in:
            continue
        name = str(step.words[0]).removeprefix('APPEND "').removesuffix('"')
        contents = [one for one in step.words if isinstance(one, bytes)]
        desk = Desk(world, world.people[user])
        verdict = desk.append(name, *contents)
        assert (verdict.outcome.value == "refused") == step.refused, verdict
        for (_, folder), key in step.adds:
            there = [one for one in desk.rows(folder) if one.content in contents]
            assert len(there) >= len(set(contents)), key
            if folder not in PERSONAL[:2]:
                assert len(there) == len(contents)
