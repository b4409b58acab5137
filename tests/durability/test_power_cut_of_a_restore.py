"""The power is cut while `imapgate restore` puts a backup in the database's place: either the old
database is there, with all that was acknowledged, or the new one, whole; and once the command has
said that it is done, the new one (rules 1, 8)."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random

from disk import Disk, Survives
from imap import Client
from looking import read
from mails import mail
from recording import recorded_command
from servers import Zygote, copied
from stored import Rows
from world import World

from storage import Database

CUTS = int(os.environ.get("IMAPGATE_POWER_CUTS", "45"))
SEED = int(os.environ.get("IMAPGATE_KILL_SEED", "7"))
SUPPORT = ("", "Trackers/Support")
MAILS = 6


def _lasting(file: str) -> bool:
    """Databases, their logs and journals, under whatever names."""
    return ".db" in file and not file.endswith("-shm")


def test_the_old_or_the_new_database_is_there(
    zygote: Zygote, template: tuple[Path, World], tmp_path: Path, figures: Counter[str]
) -> None:
    """A backup, more mails, a server that is killed (so that its log is left), and a restore."""
    data = copied(template[0], tmp_path / "data")
    file = tmp_path / "backup.db"
    rng = Random(SEED)
    before, after = _drop(zygote, data, rng, file)
    files = {
        str(one.relative_to(data)): one.read_bytes()
        for one in data.iterdir()
        if one.is_file() and _lasting(one.name)
    }
    assert any(name.endswith("-wal") for name in files)
    words = ("restore", str(file), "--yes")
    events = recorded_command(data, tmp_path / "record", _lasting, *words)
    assert events
    disk = Disk(files, events)
    last = max(one.left for one in events) + 1
    moments = sorted(
        {last, *(rng.choice((one.entered, one.left)) + rng.randint(0, 1) for one in events)}
    )
    chosen = sorted({*rng.sample(moments, min(CUTS // 2, len(moments))), moments[0], last})
    validities: dict[str, set[int]] = {"old": set(), "new": set()}
    for number, position in enumerate(chosen):
        disk.advance(position)
        kinds = list(Survives) if position == last else [rng.choice(list(Survives))]
        for survives in kinds:
            place = tmp_path / f"cut{number}{survives.name}"
            image = disk.image(survives, rng)
            which, given = _which(image, place, template[1], before, after)
            validities[which] |= given
            assert which == "new" or position < last
            figures["power cuts replayed of a restore"] += 1
    assert max(validities["old"]) < min(validities["new"])


def _drop(zygote: Zygote, data: Path, rng: Random, file: Path) -> tuple[set[bytes], set[bytes]]:
    """What the backup holds, and what the database holds when its server is killed."""
    server = zygote.start(data)
    assert server.port is not None
    client = Client(server.port, "alice", "r")
    before = {mail(rng, f"b{n}", "Before", 3_000) for n in range(MAILS)}
    later = {mail(rng, f"l{n}", "Later", 3_000) for n in range(MAILS)}
    for content in before:
        assert client.command(f'APPEND "{SUPPORT[1]}" ', content).status == "OK"
    assert zygote.run(data, "backup", str(file)) == 0
    for content in later:
        assert client.command(f'APPEND "{SUPPORT[1]}" ', content).status == "OK"
    client.close()
    server.kill()
    return before, before | later


def _which(
    image: dict[str, bytes], place: Path, world: World, before: set[bytes], after: set[bytes]
) -> tuple[str, set[int]]:
    """The database that is found, and what its UIDVALIDITYs are."""
    for name, octets in image.items():
        target = place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(octets)
    file = place / "imapgate.db"
    database = Database.open(file)
    try:
        rows = Rows()
        rows.look(file)
        found = read(replace(world, db=database), rows)
    finally:
        database.close()
    shutil.rmtree(place)
    contents = {one.content for one in found.messages[SUPPORT]}
    assert contents in (before, after), len(contents)
    which = "old" if contents == after else "new"
    return which, {head["UIDVALIDITY"] for head in rows.heads.values()}
