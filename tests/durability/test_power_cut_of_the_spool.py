"""The power is cut while mails wait in the spool, and while they are taken in: whoever was told
that a copy is kept finds it in Recovered Messages, once (rules 3, 17)."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random

from disk import Disk, Survives
from events import FILES, Event, Sent
from imap import Client
from ledger import by_key, key_of
from looking import read
from mails import mail
from recording import recorded
from servers import copied
from stored import Rows
from world import World

from imapgate.folders.spool import Spool
from imapgate.limits import Limits
from storage import Database

CUTS = int(os.environ.get("IMAPGATE_POWER_CUTS", "45")) // 2
SEED = int(os.environ.get("IMAPGATE_KILL_SEED", "7"))
RECOVERED = ("alice", "Recovered Messages")
PATIENCE = 60.0
_TAGGED = re.compile(rb"(?:^|\n)(spoolx\d+) NO \[UNAVAILABLE\] ")


def _lasting(file: str) -> bool:
    return file in FILES or file.startswith("spool/")


def test_what_is_kept_in_the_spool_survives_a_power_cut(
    zygote: object, template: tuple[Path, World], tmp_path: Path, figures: Counter[str]
) -> None:
    """Two drops, one of them of three mails, while another process holds the database; then it
    lets go. (The zygote has made the certificates.)"""
    data = copied(template[0], tmp_path / "data")
    files = {name: (data / name).read_bytes() for name in FILES if (data / name).exists()}
    rng = Random(SEED)
    sent: dict[str, list[str]] = {}
    with recorded(data, tmp_path / "record", _lasting, busy_seconds=0.2) as (port, events):
        client = Client(port, "alice", "spool")
        with closing(sqlite3.connect(data / "imapgate.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for count in (1, 3):
                mails = [mail(rng, f"s{count}{one}", "Away", 2_000) for one in range(count)]
                words: list[str | bytes] = ['APPEND "Trackers/Support"']
                for one in mails:
                    words += [" ", one]
                answer = client.command(*words)
                assert answer.status == "NO"
                assert "a copy is kept" in answer.text, answer
                sent[client.tag] = [key_of(one) for one in mails]
            other.execute("ROLLBACK")
        _wait_for(client, 4)
        client.close()
    answered = _answered(events)
    assert answered.keys() == sent.keys()
    disk = Disk(files, events)
    # Before that, the database and the spool stand still.
    first = min(one.entered for one in events if getattr(one, "file", "").startswith("spool"))
    later = [one for one in events if one.entered >= first]
    moments = {rng.choice((one.entered, one.left)) + rng.randint(0, 1) for one in later}
    last = max(one.left for one in events) + 1
    for position in sorted({*rng.sample(sorted(moments), min(CUTS, len(moments))), last}):
        disk.advance(position)
        promised = {key for tag in sent if answered[tag] < position for key in sent[tag]}
        place = tmp_path / f"cut{position}"
        image = disk.image(rng.choice(list(Survives)), rng)
        here = _taken_in(image, place, template[1])
        assert promised <= here, f"{len(promised - here)} mails of which a copy was promised"
        assert here <= {key for keys in sent.values() for key in keys}
        figures["power cuts replayed of the spool"] += 1


def _answered(events: list[Event]) -> dict[str, int]:
    return {
        tag.decode(): one.entered
        for one in events
        if isinstance(one, Sent)
        for tag in _TAGGED.findall(one.octets)
    }


def _wait_for(client: Client, messages: int) -> None:
    """Until they are taken in."""
    until = time.monotonic() + PATIENCE
    while client.fetch(RECOVERED[1])[1]["EXISTS"] < messages:
        assert time.monotonic() < until, "the spool isn't taken in"
        time.sleep(0.05)


def _taken_in(image: dict[str, bytes], place: Path, world: World) -> set[str]:
    """What stands in Recovered Messages after the next start, each mail once."""
    for name, octets in image.items():
        target = place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(octets)
    file = place / "imapgate.db"
    database = Database.open(file)
    try:
        Spool(place / "spool", Limits()).take_in(database)
        rows = Rows()
        rows.look(file)
        found = read(replace(world, db=database), rows)
    finally:
        database.close()
    shutil.rmtree(place)
    assert found.count == len(found.messages[RECOVERED])
    return set(by_key(RECOVERED, found.messages[RECOVERED]))
